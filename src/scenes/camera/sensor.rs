//! Artefacts that sensors, glass and files add to a picture.

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{DynamicImage, ExtendedColorType, ImageDecoder};

use super::super::Plane;
use super::super::noise::{PixelNoise, Profile, clouds, from_nearest};
use crate::random::SeededRng;

/// Noise of a standard `deviation` in white and `dark` times as much in black, independent in each
/// pixel.
pub fn fine_grain(plane: &mut Plane, deviation: f32, dark: f32, rng: &mut SeededRng) {
    let mut noise = PixelNoise::new(rng);
    for pair in plane.values.chunks_mut(2) {
        for (value, normal) in pair.iter_mut().zip(noise.normals()) {
            *value += deviation * (dark + (1.0 - dark) * *value) * normal;
        }
    }
}

/// Writes the picture as a JPEG of a `quality` from 1 to 100 and reads it again.
pub fn jpeg(plane: &mut Plane, quality: u8) {
    let image = plane.to_image();
    let mut file = Vec::with_capacity(image.len() / 2);
    let (width, height) = image.dimensions();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, quality);
    // Writing to memory cannot fail; if the codec does, the picture stays unchanged.
    if encoder
        .encode(&image, width, height, ExtendedColorType::L8)
        .is_err()
    {
        return;
    }
    let read = JpegDecoder::new(std::io::Cursor::new(file))
        .and_then(|decoder| {
            debug_assert_eq!(decoder.dimensions(), (width, height));
            DynamicImage::from_decoder(decoder)
        })
        .map(DynamicImage::into_luma8);
    if let Ok(read) = read {
        *plane = Plane::from_image(&read);
    }
}

/// Makes a share of the pixels black or white (salt-and-pepper noise).
pub fn specks(plane: &mut Plane, share: f32, rng: &mut SeededRng) {
    let mut noise = PixelNoise::new(rng);
    let count = (share * plane.values.len() as f32) as usize;
    for _ in 0..count {
        let place = (noise.uniform() * plane.values.len() as f32) as usize;
        if let Some(value) = plane.values.get_mut(place) {
            *value = if noise.uniform() < 0.5 { 0.0 } else { 1.0 };
        }
    }
}

/// Inverts a part of the picture: a band of rows (`level`), of columns (`upright`) or the box where
/// both cross.
pub fn selection(plane: &mut Plane, level: bool, upright: bool, rng: &mut SeededRng) {
    let mut span = |length: usize, limited: bool| {
        let places = [(); 2].map(|()| rng.uniform(0.0, length as f64) as usize);
        match limited {
            true => places[0].min(places[1])..places[0].max(places[1]),
            false => 0..length,
        }
    };
    let (rows, columns) = (span(plane.height, level), span(plane.width, upright));
    for y in rows {
        for value in &mut plane.row_mut(y)[columns.clone()] {
            *value = 1.0 - *value;
        }
    }
}

/// Round drops with soft edges, all dark or all light.
pub fn spatter(plane: &mut Plane, count: u32, rng: &mut SeededRng) {
    let tone = if rng.random_bool(0.5) { 0.0 } else { 1.0 };
    let depth = rng.uniform(0.4, 1.0) as f32;
    let (width, height) = (plane.width as f64, plane.height as f64);
    for _ in 0..count {
        let radius = (width * rng.log_uniform(0.004, 0.05)).max(0.6) as f32;
        let [x, y] = [width, height].map(|length| rng.uniform(0.0, length) as f32);
        let near = |middle: f32, length: usize| {
            let first = (middle - radius - 1.0).max(0.0) as usize;
            first..((middle + radius + 2.0) as usize).min(length)
        };
        for row in near(y, plane.height) {
            for column in near(x, plane.width) {
                let apart = (column as f32 - x).hypot(row as f32 - y);
                let cover = depth * (radius + 0.5 - apart).clamp(0.0, 1.0);
                let value = &mut plane.row_mut(row)[column];
                *value += cover * (tone - *value);
            }
        }
    }
}

/// Haze between camera and picture: everything becomes paler, by a varying amount.
pub fn haze(plane: &mut Plane, strength: f32, rng: &mut SeededRng) {
    let side = plane.width.max(plane.height) as f32;
    let cell = side * rng.log_uniform(0.08, 0.5) as f32;
    let clouds = clouds(plane.width, plane.height, [cell; 2], rng);
    for (value, cloud) in plane.values.iter_mut().zip(&clouds.values) {
        *value += strength * (0.5 + 0.25 * cloud).clamp(0.0, 1.0) * (1.0 - *value);
    }
}

/// Grains and short hairs, dark or light, one or two pixels wide.
pub fn dust(plane: &mut Plane, count: u32, rng: &mut SeededRng) {
    for _ in 0..count {
        let mut x = rng.uniform(0.0, plane.width as f64);
        let mut y = rng.uniform(0.0, plane.height as f64);
        let mut angle = rng.uniform(0.0, std::f64::consts::TAU);
        let tone = if rng.random_bool(0.6) { 0.25 } else { 0.95 };
        let length = if rng.random_bool(0.25) {
            4 + rng.below(20)
        } else {
            1 + rng.below(2)
        };
        for _ in 0..length {
            let (column, row) = (x.max(0.0) as usize, y.max(0.0) as usize);
            if column < plane.width && row < plane.height {
                let value = &mut plane.row_mut(row)[column];
                *value += 0.7 * (tone - *value);
            }
            angle += rng.approx_normal(0.2);
            x += angle.cos();
            y += angle.sin();
        }
    }
}

/// Stripes of uneven brightness, as from worn scanners and copiers; down the page or across.
pub fn bands(plane: &mut Plane, deviation: f32, down: bool, rng: &mut SeededRng) {
    let profile = Profile::new(rng);
    let wide = rng.log_uniform(1.0, 12.0) as f32;
    for y in 0..plane.height {
        for (x, value) in plane.row_mut(y).iter_mut().enumerate() {
            let place = if down { x } else { y };
            *value += 1.7 * deviation * profile.at(place as f32 / wide);
        }
    }
}

/// Darkens rows, the more the nearer they are to one of the scan lines, which are `distance` pixels
/// apart.
pub fn scanlines(plane: &mut Plane, distance: f32, strength: f32) {
    for y in 0..plane.height {
        let near = 1.0 - 2.0 * from_nearest(y as f32 / distance).abs();
        for value in plane.row_mut(y) {
            *value *= 1.0 - strength * near;
        }
    }
}

/// Moiré: waves of a `length` in pixels at an angle, distorted as by lenses and curved screens.
pub fn moire(plane: &mut Plane, length: f32, angle: f32, strength: f32, rng: &mut SeededRng) {
    let bend = clouds(
        plane.width,
        plane.height,
        [plane.width as f32 / 2.0; 2],
        rng,
    );
    let (down, right) = angle.sin_cos();
    for y in 0..plane.height {
        let start = y as f32 * down / length;
        let bend = &bend.values[y * plane.width..][..plane.width];
        for ((x, value), bend) in plane.values[y * plane.width..][..bend.len()]
            .iter_mut()
            .enumerate()
            .zip(bend)
        {
            // A parabola for each half wave approximates a sine.
            let phase = 2.0 * from_nearest(start + x as f32 * right / length + 0.8 * bend);
            let wave = 4.0 * phase * (1.0 - phase.abs());
            *value *= 1.0 - strength * (0.5 + 0.5 * wave);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_is_inverted_and_the_rest_unchanged() {
        for index in 0..20 {
            let mut plane = Plane::new(30, 20, 0.25);
            selection(
                &mut plane,
                index % 2 == 0,
                index % 3 == 0,
                &mut SeededRng::new(2, index),
            );
            assert!(
                plane
                    .values
                    .iter()
                    .all(|&value| [0.25, 0.75].contains(&value))
            );
        }
    }

    #[test]
    fn haze_only_lightens_and_drops_have_one_tone() {
        let mut plane = Plane::new(60, 60, 0.5);
        haze(&mut plane, 0.8, &mut SeededRng::new(2, 1));
        assert!(plane.values.iter().all(|value| (0.5..=1.0).contains(value)));
        for index in 0..20 {
            let mut plane = Plane::new(60, 60, 0.5);
            spatter(&mut plane, 9, &mut SeededRng::new(2, index));
            let darker = plane.values.iter().filter(|&&value| value < 0.5).count();
            let lighter = plane.values.iter().filter(|&&value| value > 0.5).count();
            assert!((darker == 0) != (lighter == 0), "{darker} {lighter}");
        }
    }
}
