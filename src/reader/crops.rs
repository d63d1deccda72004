//! The square around a digit that the second network classifies.

use image::GrayImage;

use crate::model::architecture::reader::CROP_SIDE;
use crate::scenes::Bounds;

const SIDE: usize = CROP_SIDE as usize;

/// Side of the square as a multiple of the longer side of the digit's box: some of its surroundings
/// help to tell whether it is a digit at all.
pub const MARGIN: f32 = 1.4;

/// Most samples per crop pixel along one side: this many already give a fair mean.
const MAX_SAMPLES: f32 = 4.0;

/// A square of 40×40 pixels with the digit in its middle, row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop(pub [u8; SIDE * SIDE]);

impl Crop {
    /// Cuts it out of the picture. Beyond the border, the border's pixels are repeated.
    pub fn cut(grey: &GrayImage, bounds: &Bounds) -> Self {
        let side = (bounds.width().max(bounds.height()) * MARGIN).max(1.0);
        let left = (bounds.left + bounds.right - side) / 2.0;
        let top = (bounds.top + bounds.bottom - side) / 2.0;
        let step = side / SIDE as f32;
        let samples = step.ceil().clamp(1.0, MAX_SAMPLES) as usize;
        let columns = sample_points(left, step, samples, grey.width());
        let rows = sample_points(top, step, samples, grey.height());
        let pitch = grey.width() as usize;
        let pixels = grey.as_raw();
        let mut crop = [0; SIDE * SIDE];
        for (y, line) in crop.chunks_exact_mut(SIDE).enumerate() {
            for (x, pixel) in line.iter_mut().enumerate() {
                let mut sum = 0.0;
                for &(y0, y1, down) in &rows[y * samples..(y + 1) * samples] {
                    for &(x0, x1, across) in &columns[x * samples..(x + 1) * samples] {
                        let at = |x: usize, y: usize| f32::from(pixels[y * pitch + x]);
                        let upper = at(x0, y0) + across * (at(x1, y0) - at(x0, y0));
                        let lower = at(x0, y1) + across * (at(x1, y1) - at(x0, y1));
                        sum += upper + down * (lower - upper);
                    }
                }
                *pixel = (sum / (samples * samples) as f32 + 0.5) as u8;
            }
        }
        Self(crop)
    }

    /// The crop whose pixels are those of an image, if that has the right size.
    pub fn of(image: &GrayImage) -> Option<Self> {
        (image.width() as usize == SIDE)
            .then(|| image.as_raw().as_slice().try_into().ok())
            .flatten()
            .map(Self)
    }

    /// The same pixels as an image.
    pub fn to_image(&self) -> GrayImage {
        let side = SIDE as u32;
        GrayImage::from_fn(side, side, |x, y| {
            image::Luma([self.0[(y * side + x) as usize]])
        })
    }
}

/// For each sample along one side: the two pixels that it lies between, and the weight of the
/// second.
fn sample_points(start: f32, step: f32, samples: usize, length: u32) -> Vec<(usize, usize, f32)> {
    let last = length.saturating_sub(1) as f32;
    let point = |index: usize| {
        let at = start + (index as f32 + 0.5) * step / samples as f32 - 0.5;
        let at = at.clamp(0.0, last);
        let (first, second) = (at.floor(), (at.floor() + 1.0).min(last));
        (first as usize, second as usize, at - first)
    };
    (0..SIDE * samples).map(point).collect()
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    fn bounds(left: f32, top: f32, right: f32, bottom: f32) -> Bounds {
        Bounds {
            left,
            top,
            right,
            bottom,
        }
    }

    #[test]
    fn the_digit_lies_in_the_middle_at_one_size() {
        for scale in [1, 3, 9] {
            let grey = GrayImage::from_fn(60 * scale, 60 * scale, |x, y| {
                let inside =
                    (20 * scale..40 * scale).contains(&x) && (10 * scale..50 * scale).contains(&y);
                Luma([if inside { 200 } else { 0 }])
            });
            let s = scale as f32;
            let crop = Crop::cut(&grey, &bounds(20.0 * s, 10.0 * s, 40.0 * s, 50.0 * s)).0;
            let rows = (0..SIDE)
                .filter(|y| crop[y * SIDE + SIDE / 2] > 100)
                .count();
            let columns = (0..SIDE)
                .filter(|x| crop[SIDE / 2 * SIDE + x] > 100)
                .count();
            // 40 / 1.4 is 28.6 pixels, and half of it across.
            assert!(
                (28..=29).contains(&rows) && (14..=15).contains(&columns),
                "{rows} {columns}"
            );
            assert_eq!(crop[0], 0);
        }
    }

    #[test]
    fn beyond_the_border_its_pixels_are_repeated() {
        let grey = GrayImage::from_pixel(5, 5, Luma([77]));
        let crop = Crop::cut(&grey, &bounds(-50.0, -9.0, 3.0, 90.0));
        assert!(crop.0.iter().all(|&byte| byte == 77));
    }
}
