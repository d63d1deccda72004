//! Where a picture is darker than its surroundings, whatever the light: what two pictures of one
//! form have in common.

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};
use imageproc::definitions::Image;
use imageproc::filter::{box_filter, gaussian_blur_f32};

/// The surroundings of a pixel reach this share of the picture's longer side to each side.
const SURROUNDINGS: f32 = 1.0 / 24.0;

/// Darkness relative to the surroundings that counts as full ink: pencil has about this much.
const FULL: f32 = 0.3;

/// A map of ink, 0 to 1 for each pixel, at some size.
#[derive(Clone, Debug)]
pub(super) struct InkMap {
    values: Vec<f32>,
    pub(super) width: usize,
    pub(super) height: usize,
    /// Pixels of the map per pixel of the picture, along one side.
    pub(super) scale: f64,
}

impl InkMap {
    /// The ink of a picture whose longer side is reduced to `side` pixels, if it is longer, and
    /// then blurred by a Gaussian with standard deviation `blur`, in pixels.
    pub(super) fn new(picture: &GrayImage, side: u32, blur: f32) -> Self {
        let (width, height) = picture.dimensions();
        let longer = width.max(height).max(1);
        let scale = (f64::from(side) / f64::from(longer)).min(1.0);
        let reduced = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
        let small = match scale < 1.0 {
            true => imageops::thumbnail(picture, reduced(width), reduced(height)),
            false => imageops::resize(picture, width, height, FilterType::Nearest),
        };
        let radius = ((SURROUNDINGS * side as f32) as u32).max(2);
        let around = box_filter(&small, radius, radius);
        let pairs = small.iter().zip(around.iter());
        let ink = pairs.map(|(&own, &around)| {
            let darker = 1.0 - f32::from(own) / f32::from(around).max(1.0);
            (darker / FULL).clamp(0.0, 1.0)
        });
        let (width, height) = small.dimensions();
        let sharp: Image<Luma<f32>> =
            Image::from_raw(width, height, ink.collect()).unwrap_or_default();
        Self {
            values: gaussian_blur_f32(&sharp, blur).into_raw(),
            width: width as usize,
            height: height as usize,
            scale,
        }
    }

    /// The ink of a pixel.
    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }

    /// The ink at a place between pixels, whose centres are whole numbers, and its gradient; none
    /// outside.
    pub(super) fn sample(&self, [x, y]: [f64; 2]) -> Option<(f64, [f64; 2])> {
        let inside = |at: f64, length: usize| at >= 0.0 && at < length as f64 - 1.0;
        if !inside(x, self.width) || !inside(y, self.height) {
            return None;
        }
        let (column, row) = (x as usize, y as usize);
        let (across, down) = (x - column as f64, y - row as f64);
        let value = |x: usize, y: usize| f64::from(self.at(x, y));
        let [a, b] = [value(column, row), value(column + 1, row)];
        let [c, d] = [value(column, row + 1), value(column + 1, row + 1)];
        let (upper, lower) = (a + across * (b - a), c + across * (d - c));
        let slope = [(b - a) + down * ((d - c) - (b - a)), lower - upper];
        Some((upper + down * (lower - upper), slope))
    }

    /// How strongly the ink changes at a pixel; 0 at the border.
    pub(super) fn edge(&self, x: usize, y: usize) -> f32 {
        if x == 0 || y == 0 || x + 1 >= self.width || y + 1 >= self.height {
            return 0.0;
        }
        let across = self.at(x + 1, y) - self.at(x - 1, y);
        let down = self.at(x, y + 1) - self.at(x, y - 1);
        across.hypot(down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_found_in_light_and_in_shadow() {
        let bright = |x: u32| 60.0 + 190.0 * x as f32 / 199.0;
        let picture = GrayImage::from_fn(200, 100, |x, _| {
            let is_ink = x % 40 == 20;
            let share = if is_ink { 0.4 } else { 1.0 };
            Luma([(bright(x) * share) as u8])
        });
        let map = InkMap::new(&picture, 200, 0.6);
        for line in [20, 60, 100, 140, 180] {
            assert!(map.at(line, 50) > 0.4, "{line}: {}", map.at(line, 50));
            assert!(map.at(line + 10, 50) < 0.1);
        }
    }

    #[test]
    fn between_pixels_the_ink_changes_evenly() {
        let map = InkMap {
            values: vec![0.0, 1.0, 0.5, 0.5],
            width: 2,
            height: 2,
            scale: 1.0,
        };
        let (value, slope) = map.sample([0.25, 0.5]).unwrap();
        assert!((value - 0.375).abs() < 1e-9);
        assert!((slope[0] - 0.5).abs() < 1e-9 && (slope[1] - 0.25).abs() < 1e-9);
        assert!(map.sample([1.0, 0.0]).is_none() && map.sample([-0.1, 0.0]).is_none());
    }
}
