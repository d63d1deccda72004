//! One picture at several sizes, so that every digit has, on some level, a size that the detector
//! knows.

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};

use crate::reader::padded;

/// Longest sides of the levels, in pixels; each is twice the previous one.
pub const LEVELS: [u32; 5] = [64, 128, 256, 512, 1024];

/// Largest factor by which a picture is enlarged for a level after the first: more would show
/// nothing new.
const MAX_ENLARGEMENT: f32 = 1.5;

/// Pictures up to this side have one or two digits, and mostly need only the coarsest level: on
/// 2,066 rendered ones of 28 pixels it reads as well as the next level alone, in half the time.
const TINY: u32 = 40;

/// The picture at one size.
#[derive(Debug)]
pub(super) struct Level {
    /// Height and width are multiples of 32; the padding has the tone of the picture's border.
    pub(super) picture: GrayImage,
    /// Pixels of the level per pixel of the picture, across and down.
    pub(super) scale: [f32; 2],
}

impl Level {
    /// The coarsest level used for a picture.
    pub(super) fn first(grey: &GrayImage) -> usize {
        usize::from(grey.width().max(grey.height()) > TINY)
    }

    /// Whether a level shows more of the picture than the previous one.
    pub(super) fn is_useful(grey: &GrayImage, level: usize) -> bool {
        let longest = grey.width().max(grey.height());
        let first = Self::first(grey);
        // A tiny picture that the first level does not settle gets the level that other pictures
        // start with.
        let shows_more = || level <= 1 || LEVELS[level] as f32 <= MAX_ENLARGEMENT * longest as f32;
        level == first || (first..LEVELS.len()).contains(&level) && shows_more()
    }

    /// Width and height of the picture on a level, in pixels, before it is padded.
    pub(super) fn size(grey: &GrayImage, level: usize) -> [u32; 2] {
        let longest = grey.width().max(grey.height());
        [grey.width(), grey.height()].map(|length| {
            let scaled = u64::from(length) * u64::from(LEVELS[level]) / u64::from(longest);
            (scaled as u32).max(1)
        })
    }

    /// Scales the picture so that its longer side has the level's length.
    pub(super) fn of(grey: &GrayImage, level: usize) -> Self {
        let (width, height) = grey.dimensions();
        let [across, down] = Self::size(grey, level);
        let scaled = if LEVELS[level] < width.max(height) {
            shrunk(grey, across, down)
        } else {
            imageops::resize(grey, across, down, FilterType::Triangle)
        };
        Self {
            picture: padded_picture(&scaled),
            scale: [across as f32 / width as f32, down as f32 / height as f32],
        }
    }
}

/// The picture, padded to the right and below to a size that the detector accepts. A digit that
/// touches the border must not continue there, so all padding has the median tone of the border.
fn padded_picture(picture: &GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    let right = median((0..height).map(|y| picture.get_pixel(width - 1, y)[0]));
    let below = median((0..width).map(|x| picture.get_pixel(x, height - 1)[0]));
    GrayImage::from_fn(padded(width), padded(height), |x, y| {
        match (x < width, y < height) {
            (true, true) => *picture.get_pixel(x, y),
            (false, _) => Luma([right]),
            (true, false) => Luma([below]),
        }
    })
}

fn median(tones: impl Iterator<Item = u8>) -> u8 {
    let mut tones: Vec<u8> = tones.collect();
    let at = tones.len() / 2;
    *tones.select_nth_unstable(at).1
}

/// A smaller picture, whose pixels are the means of the areas that they cover.
fn shrunk(grey: &GrayImage, width: u32, height: u32) -> GrayImage {
    let columns = areas(grey.width(), width);
    let rows = areas(grey.height(), height);
    let mut narrow = vec![0.0_f32; width as usize];
    let mut sums = vec![0.0_f32; width as usize];
    let mut lines = grey.as_raw().chunks_exact(grey.width() as usize);
    let mut shrunk = GrayImage::new(width, height);
    let mut done = 0;
    for (out, row) in shrunk.chunks_exact_mut(width as usize).zip(&rows) {
        sums.fill(0.0);
        for (y, share) in row.shares() {
            // A line across the border of two rows belongs to both.
            if y >= done {
                let line = lines.next().unwrap_or_default();
                for (value, column) in narrow.iter_mut().zip(&columns) {
                    *value = column.mean(line);
                }
                done = y + 1;
            }
            for (sum, value) in sums.iter_mut().zip(&narrow) {
                *sum += share * value;
            }
        }
        for (byte, sum) in out.iter_mut().zip(&sums) {
            // The cast saturates at 255.
            *byte = (sum + 0.5) as u8;
        }
    }
    shrunk
}

/// The pixels that a pixel of a smaller picture covers along one side.
struct Area {
    first: usize,
    last: usize,
    /// Weights of the first pixel, of each in between, and of the last; their total is 1.
    weights: [f32; 3],
}

impl Area {
    fn shares(&self) -> impl Iterator<Item = (usize, f32)> {
        let &Self {
            first,
            last,
            weights: [start, each, end],
        } = self;
        (first..=last).map(move |at| {
            let share = match at {
                _ if at == first => start,
                _ if at == last => end,
                _ => each,
            };
            (at, share)
        })
    }

    fn mean(&self, line: &[u8]) -> f32 {
        let [start, each, end] = self.weights;
        let value = |at: usize| f32::from(line[at]);
        if self.last == self.first {
            return start * value(self.first);
        }
        let between = line[self.first + 1..self.last].iter();
        let between: f32 = between.map(|&byte| f32::from(byte)).sum();
        start * value(self.first) + each * between + end * value(self.last)
    }
}

/// For each of `fewer` pixels along a side, the area that it covers of `length` pixels.
fn areas(length: u32, fewer: u32) -> Vec<Area> {
    let step = f64::from(length) / f64::from(fewer);
    let area = |index: u32| {
        let (from, to) = (f64::from(index) * step, f64::from(index + 1) * step);
        let first = from as usize;
        // Rounding may put the end beyond the last pixel.
        let last = (to.ceil() as usize).min(length as usize) - 1;
        let share = |pixels: f64| (pixels / step) as f32;
        let weights = match last == first {
            true => [1.0, 0.0, 0.0],
            false => [
                share((first + 1) as f64 - from),
                share(1.0),
                share((to - last as f64).min(1.0)),
            ],
        };
        Area {
            first,
            last,
            weights,
        }
    };
    (0..fewer).map(area).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_becomes_one_that_the_detector_accepts() {
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
    fn a_smaller_picture_keeps_the_mean_of_each_area() {
        let grey = GrayImage::from_fn(5, 2, |x, y| Luma([(x * 50 + y * 20) as u8]));
        // Columns of 1.67 pixels each, in rows of one.
        let shrunk = shrunk(&grey, 3, 2);
        let expected = [20, 100, 180, 40, 120, 200];
        assert_eq!(shrunk.as_raw().as_slice(), expected);
        let white = GrayImage::from_pixel(997, 613, Luma([255]));
        let small = super::shrunk(&white, 128, 79);
        assert!(small.iter().all(|&value| value == 255));
    }

    #[test]
    fn small_pictures_are_not_enlarged_needlessly() {
        let useful_levels = |side| {
            let grey = GrayImage::new(side, side);
            (0..=LEVELS.len())
                .filter(|&level| Level::is_useful(&grey, level))
                .count()
        };
        assert_eq!(
            [28, 60, 200, 280, 400, 1000].map(useful_levels),
            [2, 1, 2, 2, 3, 4]
        );
    }

    #[test]
    fn only_tiny_pictures_start_with_the_coarsest_level() {
        let first = |width, height| Level::first(&GrayImage::new(width, height));
        assert_eq!([first(40, 40), first(41, 3), first(3, 41)], [0, 1, 1]);
        let levels = |side| {
            let grey = GrayImage::new(side, side);
            let useful = |level: &usize| Level::is_useful(&grey, *level);
            (0..LEVELS.len()).filter(useful).collect::<Vec<_>>()
        };
        assert_eq!(levels(28), [0, 1]);
        assert_eq!(levels(60), [1]);
        assert_eq!(levels(170), [1]);
        assert_eq!(levels(171), [1, 2]);
        assert_eq!(levels(1000), [1, 2, 3, 4]);
    }

    #[test]
    fn the_longer_side_gets_the_levels_length() {
        let size = |width, height, level| Level::size(&GrayImage::new(width, height), level);
        assert_eq!(size(100, 50, 1), [128, 64]);
        assert_eq!(size(480, 640, 2), [192, 256]);
        assert_eq!(size(1000, 3, 1), [128, 1]);
        let level = Level::of(&GrayImage::new(100, 30), 1);
        // 30 × 1.28 is 38.4.
        assert_eq!(level.scale, [1.28, 38.0 / 30.0]);
        assert_eq!(level.picture.dimensions(), (128, 64));
    }

    #[test]
    fn pictures_are_shrunk_by_areas_and_enlarged_smoothly() {
        // Pairs of black and white pixels: no pixel of half the width is grey.
        let tone = |at: u32| Luma([255 * (at / 2 % 2) as u8]);
        let wide = GrayImage::from_fn(256, 1, |x, _| tone(x));
        let high = GrayImage::from_fn(1, 256, |_, y| tone(y));
        for at in 0..128 {
            let expected = [255 * (at % 2) as u8];
            assert_eq!(Level::of(&wide, 1).picture.get_pixel(at, 0).0, expected);
            assert_eq!(Level::of(&high, 1).picture.get_pixel(0, at).0, expected);
        }
        let steps = |width, height| {
            let grey = GrayImage::from_fn(width, height, |x, y| Luma([255 * ((x + y) % 2) as u8]));
            let picture = Level::of(&grey, 1).picture;
            let mid = |tone: &&u8| (50..200).contains(*tone);
            picture.iter().filter(mid).count()
        };
        // Where it is enlarged, there are greys between black and white.
        assert!(steps(100, 1) > 20 && steps(1, 100) > 20);
        assert!(steps(64, 64) > 1000);
        // At its own size it is left as it is.
        assert_eq!(steps(128, 128), 0);
    }

    #[test]
    fn padding_has_the_median_tone_of_each_border() {
        let grey = GrayImage::from_fn(5, 3, |x, y| Luma([(10 * x + 60 * y) as u8]));
        let padded = padded_picture(&grey);
        assert_eq!(padded.dimensions(), (32, 32));
        for (x, y, tone) in padded.enumerate_pixels() {
            let expected = match (x, y) {
                (0..5, 0..3) => (10 * x + 60 * y) as u8,
                // The last row is 120 to 160, the last column 40, 100, 160.
                (0..5, _) => 140,
                _ => 100,
            };
            assert_eq!(tone[0], expected, "{x} {y}");
        }
    }

    #[test]
    fn the_median_of_an_even_number_is_the_upper_of_the_two_in_the_middle() {
        assert_eq!(median([9, 1, 5, 7, 3].into_iter()), 5);
        assert_eq!(median([9, 1, 5, 7, 3, 2].into_iter()), 5);
        assert_eq!(median([4].into_iter()), 4);
    }

    #[test]
    fn rows_are_shrunk_as_columns_are() {
        let grey = GrayImage::from_fn(2, 5, |x, y| Luma([(y * 50 + x * 20) as u8]));
        let expected = [20, 40, 100, 120, 180, 200];
        assert_eq!(shrunk(&grey, 2, 3).as_raw().as_slice(), expected);
        // A line on the border of two rows counts for both, in proportion.
        let tones = [200, 10, 0, 0, 90, 0, 30];
        let line = GrayImage::from_fn(1, 7, |_, y| Luma([tones[y as usize]]));
        // (200 + 10 + 0 + 0 / 2) / 3.5 and (0 / 2 + 90 + 0 + 30) / 3.5.
        assert_eq!(shrunk(&line, 1, 2).as_raw().as_slice(), [60, 34]);
    }
}
