//! Blur by defocus and by motion, and sharpening.

use super::super::Plane;
use super::scale::{enlarged, shrunk};

/// Gaussian blur with a standard `deviation` in pixels, approximated by up to three box filters.
pub fn gaussian(plane: &mut Plane, deviation: f32) {
    if deviation < 0.05 {
        return;
    }
    // Box filters with fractional ends can have any variance (Gwosdek and others, 2011).
    let passes = match deviation {
        ..0.6 => 1,
        ..1.2 => 2,
        _ => 3,
    };
    let variance = deviation * deviation / passes as f32;
    let radius = (((12.0 * variance + 1.0).sqrt() - 1.0) / 2.0).floor();
    let inside = 2.0 * radius + 1.0;
    let moment = radius * (radius + 1.0) * inside / 3.0;
    let end = (variance * inside - moment) / (2.0 * ((radius + 1.0).powi(2) - variance));
    for _ in 0..2 {
        for _ in 0..passes {
            box_down(plane, radius as usize, end.clamp(0.0, 1.0));
        }
        transpose(plane);
    }
}

/// The mean of the square of `2 * radius + 1` pixels a side around each pixel.
pub fn box_mean(plane: &mut Plane, radius: usize) {
    for _ in 0..2 {
        box_down(plane, radius, 0.0);
        transpose(plane);
    }
}

/// A box filter along columns: `radius` pixels up and down, and a share `end` of the next ones.
fn box_down(plane: &mut Plane, radius: usize, end: f32) {
    let (width, height) = (plane.width, plane.height);
    if height == 0 {
        return;
    }
    let source = plane.values.clone();
    let row = |y: isize| {
        let y = y.clamp(0, height as isize - 1) as usize;
        &source[y * width..][..width]
    };
    let reach = radius as isize;
    let mut sums = vec![0.0_f32; width];
    for y in -reach..=reach {
        for (sum, value) in sums.iter_mut().zip(row(y)) {
            *sum += value;
        }
    }
    let scale = 1.0 / ((2 * radius + 1) as f32 + 2.0 * end);
    for y in 0..height as isize {
        let (above, below) = (row(y - reach - 1), row(y + reach + 1));
        let first = row(y - reach);
        let out = plane.row_mut(y as usize).iter_mut().zip(&mut sums);
        let borders = above.iter().zip(below).zip(first);
        for ((value, sum), ((above, below), first)) in out.zip(borders) {
            *value = scale * (*sum + end * (above + below));
            *sum += below - first;
        }
    }
}

/// Turns rows into columns, tile by tile to stay in the cache.
fn transpose(plane: &mut Plane) {
    const TILE: usize = 16;
    let (width, height) = (plane.width, plane.height);
    let mut turned = vec![0.0; width * height];
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..(top + TILE).min(height) {
                for x in left..(left + TILE).min(width) {
                    turned[x * height + y] = plane.values[y * width + x];
                }
            }
        }
    }
    *plane = Plane {
        width: height,
        height: width,
        values: turned,
    };
}

/// Defocus blur: the mean over a disc of a `radius` in pixels.
pub fn disc(plane: &mut Plane, radius: f32) {
    at_reduced_scale(plane, radius / 4.0, |plane, scale| {
        let radius = radius / scale;
        let reach = radius.ceil() as i32;
        let mut taps = vec![];
        for down in -reach..=reach {
            for right in -reach..=reach {
                let weight = radius + 0.5 - (right as f32).hypot(down as f32);
                if weight > 0.0 {
                    taps.push(([right, down], weight.min(1.0)));
                }
            }
        }
        gather(plane, &taps);
    });
}

/// Motion blur: the mean along a line of a `length` in pixels at an angle from the horizontal.
pub fn motion(plane: &mut Plane, length: f32, angle: f32) {
    at_reduced_scale(plane, length / 16.0, |plane, scale| {
        let length = length / scale;
        let steps = length.ceil().max(1.0) as i32;
        let (down, right) = angle.sin_cos();
        let taps: Vec<_> = (0..=steps)
            .map(|step| {
                let along = length * (step as f32 / steps as f32 - 0.5);
                [
                    (along * right).round() as i32,
                    (along * down).round() as i32,
                ]
            })
            .map(|offset| (offset, 1.0))
            .collect();
        gather(plane, &taps);
    });
}

/// Wide blurs need no fine detail: runs `blur` on a plane shrunk by about `factor`, if that is
/// above 1.
fn at_reduced_scale(plane: &mut Plane, factor: f32, blur: impl FnOnce(&mut Plane, f32)) {
    if factor <= 1.0 {
        blur(plane, 1.0);
        return;
    }
    let (width, height) = (plane.width, plane.height);
    let side = |length: usize| ((length as f32 / factor).round() as usize).max(1);
    let mut small = shrunk(plane, side(width), side(height));
    let scale = width as f32 / small.width as f32;
    blur(&mut small, scale);
    *plane = enlarged(&small, width, height, true);
}

/// Weighted mean of the pixels at some offsets; beyond the border, its pixels are repeated.
fn gather(plane: &mut Plane, taps: &[([i32; 2], f32)]) {
    let (width, height) = (plane.width, plane.height);
    let total: f32 = taps.iter().map(|(_, weight)| weight).sum();
    let mut out = Plane::new(width, height, 0.0);
    for y in 0..height {
        let sums = out.row_mut(y);
        for ([right, down], weight) in taps {
            let from = (y as i32 + down).clamp(0, height as i32 - 1) as usize;
            let row = &plane.values[from * width..][..width];
            let weight = weight / total;
            let shift = (*right).clamp(-(width as i32), width as i32);
            let first = (-shift).max(0) as usize;
            let last = (width as i32 - shift.max(0)) as usize;
            let source = (first as i32 + shift) as usize;
            for sum in &mut sums[..first] {
                *sum += weight * row[0];
            }
            for (sum, value) in sums[first..last].iter_mut().zip(&row[source.min(width)..]) {
                *sum += weight * value;
            }
            for sum in &mut sums[last..] {
                *sum += weight * row[width - 1];
            }
        }
    }
    *plane = out;
}

/// Unsharp mask with a standard `deviation` in pixels: halos, as phones and scanners make them.
pub fn sharpen(plane: &mut Plane, deviation: f32, strength: f32) {
    let mut soft = plane.clone();
    gaussian(&mut soft, deviation);
    for (value, soft) in plane.values.iter_mut().zip(&soft.values) {
        *value += strength * (*value - soft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Total, centre and standard deviation along x of a blurred point.
    fn spread(blur: impl Fn(&mut Plane)) -> (f32, f32, f32) {
        let mut plane = Plane::new(101, 81, 0.0);
        plane.row_mut(40)[50] = 1.0;
        blur(&mut plane);
        let total: f32 = plane.values.iter().sum();
        let moment = |power: i32| {
            let at = |(i, value): (usize, &f32)| value * ((i % 101) as f32 - 50.0).powi(power);
            plane.values.iter().enumerate().map(at).sum::<f32>() / total
        };
        (total, moment(1), moment(2).sqrt())
    }

    #[test]
    fn blurs_keep_brightness_and_position_and_have_the_requested_width() {
        for deviation in [0.3, 0.7, 1.0, 2.5, 6.0] {
            let (total, centre, width) = spread(|plane| gaussian(plane, deviation));
            assert!((total - 1.0).abs() < 1e-3 && centre.abs() < 1e-3);
            assert!(
                (width - deviation).abs() < 0.02 * deviation,
                "{width} of {deviation}"
            );
        }
        let (total, centre, width) = spread(|plane| disc(plane, 3.0));
        assert!((total - 1.0).abs() < 1e-3 && centre.abs() < 1e-3);
        assert!((width - 1.5).abs() < 0.3, "{width}");
        let (total, centre, width) = spread(|plane| motion(plane, 12.0, 0.0));
        assert!((total - 1.0).abs() < 1e-3 && centre.abs() < 1e-3);
        assert!((width - 3.6).abs() < 0.4, "{width}");
        // Shrinking and enlarging must not shift the picture.
        let (_, centre, width) = spread(|plane| disc(plane, 10.0));
        assert!(
            centre.abs() < 0.6 && (width - 5.0).abs() < 1.0,
            "{centre} {width}"
        );
    }
}
