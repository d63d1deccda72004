//! One picture at several sizes, so that digits of every size come in one that the detector knows.

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};

use crate::reader::padded;

/// Longest sides of the levels, in pixels; each is twice the one before.
pub const LEVELS: [u32; 4] = [128, 256, 512, 1024];

/// A picture may be enlarged by this for a level beyond the first: more would show nothing new.
const MOST_ENLARGED: f32 = 1.5;

/// The picture at one size.
#[derive(Debug)]
pub(super) struct Level {
    /// Height and width are multiples of 32; beyond the picture its border goes on.
    pub(super) picture: GrayImage,
    /// Pixels of the level by those of the picture, across and down.
    pub(super) scale: [f32; 2],
}

impl Level {
    /// Whether a level shows more of the picture than the one before it.
    pub(super) fn is_of_use(grey: &GrayImage, level: usize) -> bool {
        let longest = grey.width().max(grey.height()) as f32;
        level == 0 || level < LEVELS.len() && LEVELS[level] as f32 <= MOST_ENLARGED * longest
    }

    /// Scales the picture so that its longer side has the level's length.
    pub(super) fn of(grey: &GrayImage, level: usize) -> Self {
        let (width, height) = grey.dimensions();
        let longest = width.max(height);
        let side = |length: u32| {
            let scaled = u64::from(length) * u64::from(LEVELS[level]) / u64::from(longest);
            (scaled as u32).max(1)
        };
        let (across, down) = (side(width), side(height));
        let scaled = if across < width || down < height {
            imageops::thumbnail(grey, across, down)
        } else {
            imageops::resize(grey, across, down, FilterType::Triangle)
        };
        let picture = GrayImage::from_fn(padded(across), padded(down), |x, y| {
            Luma([scaled.get_pixel(x.min(across - 1), y.min(down - 1))[0]])
        });
        Self {
            picture,
            scale: [across as f32 / width as f32, down as f32 / height as f32],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_becomes_one_that_the_detector_takes() {
        for (width, height) in [(1, 1), (1, 1000), (28, 28), (640, 480), (1000, 3)] {
            let grey = GrayImage::from_pixel(width, height, Luma([9]));
            for level in 0..LEVELS.len() {
                let level = Level::of(&grey, level);
                let (across, down) = level.picture.dimensions();
                assert!(across % 32 == 0 && down % 32 == 0 && across.max(down) <= 1024);
                assert!(level.picture.iter().all(|&value| value == 9));
            }
        }
    }

    #[test]
    fn small_pictures_are_not_enlarged_beyond_use() {
        let of_use = |side| {
            let grey = GrayImage::new(side, side);
            (0..=LEVELS.len())
                .filter(|&level| Level::is_of_use(&grey, level))
                .count()
        };
        assert_eq!([28, 200, 280, 400, 1000].map(of_use), [1, 2, 2, 3, 4]);
    }
}
