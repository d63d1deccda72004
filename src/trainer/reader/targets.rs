//! Training targets of the detector.

use crate::characters::CHARACTERS;
use crate::model::architecture::reader::STRIDE;
use crate::reader::maps::SIZE_UNIT;
use crate::scenes::{Bounds, Digit, Scene};

/// Standard deviation of the Gaussian around a digit's centre, as a fraction of its width and
/// height: the central half of a digit lies within about two standard deviations.
const STD: f32 = 0.11;

/// The smallest standard deviation in map cells, for small digits.
const MIN_STD: f32 = 0.5;

/// Cells where the Gaussian reaches this value also learn the box.
const BOX_THRESHOLD: f32 = 0.5;

/// Ink pixels among the 16 of a cell count twice, so that a thin line across it is ink.
const INK_GAIN: f32 = 2.0;

/// The first ink channel, after classes, box, weight of the classes and weight of the box.
pub(super) const INK: usize = CHARACTERS + 6;

/// All channels: the characters (0 to 1), four of the box, the weights of both, and two kinds of ink.
pub(super) const CHANNELS: usize = INK + 2;

/// The targets of a scene, `[23, H/4, W/4]` row by row.
pub(super) fn of(scene: &Scene) -> Vec<f32> {
    let stride = STRIDE as usize;
    let (width, height) = scene.grey.dimensions();
    let (width, height) = (width as usize / stride, height as usize / stride);
    let mut grid = Grid {
        width,
        height,
        values: vec![0.0; CHANNELS * width * height],
    };
    grid.channel(CHARACTERS + 4).fill(1.0);
    for digit in scene.digits.iter().filter(|digit| !digit.readable) {
        grid.ignore(&digit.bounds);
    }
    for digit in scene.digits.iter().filter(|digit| digit.readable) {
        grid.mark(digit);
    }
    for (channel, ink) in [&scene.digit_ink, &scene.other_ink].into_iter().enumerate() {
        let pixels = ink.as_raw();
        let pitch = ink.width() as usize;
        let share = |x: usize, y: usize| {
            let rows = y * stride..(y + 1) * stride;
            let row = |y: usize| &pixels[y * pitch + x * stride..y * pitch + (x + 1) * stride];
            let sum: u32 = rows.flat_map(row).map(|&byte| u32::from(byte)).sum();
            (INK_GAIN * sum as f32 / (255 * stride * stride) as f32).min(1.0)
        };
        let target = grid.channel(INK + channel);
        for (cell, value) in target.iter_mut().enumerate() {
            *value = share(cell % width, cell / width);
        }
    }
    grid.values
}

struct Grid {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Grid {
    fn channel(&mut self, channel: usize) -> &mut [f32] {
        let cells = self.width * self.height;
        &mut self.values[channel * cells..(channel + 1) * cells]
    }

    /// Excludes an unreadable digit from the class loss.
    fn ignore(&mut self, bounds: &Bounds) {
        let stride = STRIDE as f32;
        let (width, height) = (self.width, self.height);
        let columns = clamped(bounds.left / stride, bounds.right / stride, width);
        let rows = clamped(bounds.top / stride, bounds.bottom / stride, height);
        let weights = self.channel(CHARACTERS + 4);
        for y in rows {
            weights[y * width..][columns.clone()].fill(0.0);
        }
    }

    fn mark(&mut self, digit: &Digit) {
        let stride = STRIDE as f32;
        let Bounds {
            left,
            top,
            right,
            bottom,
        } = digit.bounds;
        let (across, down) = ((right - left).max(1.0), (bottom - top).max(1.0));
        // A sign is learned where its ink is, and its box relative to that.
        let centre = digit.centre.map(|at| at / stride);
        let middle = [(left + right) / 2.0 / stride, (top + bottom) / 2.0 / stride];
        let std = [across, down].map(|size| (STD * size / stride).max(MIN_STD));
        let (width, height) = (self.width, self.height);
        let peak_x = (centre[0] as usize).min(width - 1);
        let peak_y = (centre[1] as usize).min(height - 1);
        let columns = clamped(centre[0] - 3.0 * std[0], centre[0] + 3.0 * std[0], width);
        let rows = clamped(centre[1] - 3.0 * std[1], centre[1] + 3.0 * std[1], height);
        for y in rows {
            for x in columns.clone() {
                let off_x = centre[0] - (x as f32 + 0.5);
                let off_y = centre[1] - (y as f32 + 0.5);
                let squared_distance = (off_x / std[0]).powi(2) + (off_y / std[1]).powi(2);
                let value = match (x, y) == (peak_x, peak_y) {
                    true => 1.0,
                    // Exactly one cell is the centre, however near others are.
                    false => (-0.5 * squared_distance).exp().min(0.95),
                };
                let cell = y * width + x;
                let class = &mut self.channel(digit.class.into())[cell];
                *class = class.max(value);
                // Where digits overlap, the nearer one wins.
                let weight = &mut self.channel(CHARACTERS + 5)[cell];
                if value >= BOX_THRESHOLD && value > *weight {
                    *weight = value;
                    let sizes = [across, down].map(|size| (size / SIZE_UNIT).ln());
                    let offset = [middle[0] - (x as f32 + 0.5), middle[1] - (y as f32 + 0.5)];
                    for (channel, value) in offset.into_iter().chain(sizes).enumerate() {
                        self.channel(CHARACTERS + channel)[cell] = value;
                    }
                }
            }
        }
        // The centre is learned even where a neighbouring digit is unreadable.
        self.channel(CHARACTERS + 4)[peak_y * width + peak_x] = 1.0;
    }
}

fn clamped(from: f32, to: f32, length: usize) -> std::ops::Range<usize> {
    let start = from.floor().clamp(0.0, length as f32) as usize;
    start..(to.ceil().clamp(0.0, length as f32) as usize).max(start)
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::super::samples::{digit, scene, unreadable};
    use super::*;

    /// Cells of a scene of 128×96 pixels.
    const ACROSS: usize = 32;
    const DOWN: usize = 24;

    /// A digit whose centre is at 12.75 and 11.75 cells.
    const LARGE: [f32; 4] = [13.0, 7.0, 89.0, 87.0];

    // The channels after those of the characters.
    const OFFSET_X: usize = 15;
    const OFFSET_Y: usize = 16;
    const LOG_WIDTH: usize = 17;
    const LOG_HEIGHT: usize = 18;
    const CLASS_WEIGHT: usize = 19;
    const BOX_WEIGHT: usize = 20;
    const DIGIT_INK: usize = 21;
    const OTHER_INK: usize = 22;

    struct Targets(Vec<f32>);

    impl Targets {
        fn of(digits: Vec<Digit>) -> Self {
            Self(of(&scene(128, 96, digits)))
        }

        fn at(&self, channel: usize, x: usize, y: usize) -> f32 {
            self.0[(channel * DOWN + y) * ACROSS + x]
        }
    }

    fn cells() -> impl Iterator<Item = (usize, usize)> {
        (0..DOWN).flat_map(|y| (0..ACROSS).map(move |x| (x, y)))
    }

    /// The Gaussian of [`LARGE`], whose standard deviations are 11 % of its 76×80 pixels.
    fn gaussian_of_large(x: usize, y: usize) -> f32 {
        // Cells within three standard deviations: 12.75 ± 6.27 and 11.75 ± 6.6.
        if !(6..20).contains(&x) || !(5..19).contains(&y) {
            return 0.0;
        }
        if (x, y) == (12, 11) {
            return 1.0;
        }
        let (across, down) = (x as f32 - 12.25, y as f32 - 11.25);
        let squared = across * across / (2.09 * 2.09) + down * down / (2.2 * 2.2);
        (-squared / 2.0).exp().min(0.95)
    }

    fn assert_near(found: f32, expected: f32, what: &str) {
        assert!(
            (found - expected).abs() < 1e-5,
            "{what}: {found}, not {expected}"
        );
    }

    #[test]
    fn an_empty_scene_has_targets_of_no_digit_everywhere() {
        let targets = Targets::of(vec![]);
        assert_eq!(targets.0.len(), 23 * ACROSS * DOWN);
        for channel in 0..23 {
            let expected = if channel == CLASS_WEIGHT { 1.0 } else { 0.0 };
            for (x, y) in cells() {
                assert_eq!(targets.at(channel, x, y), expected, "{channel} {x} {y}");
            }
        }
        assert_eq!((INK, CHANNELS), (DIGIT_INK, 23));
    }

    #[test]
    fn a_digit_is_a_gaussian_in_the_channel_of_its_class() {
        let targets = Targets::of(vec![digit(3, LARGE)]);
        for (x, y) in cells() {
            let expected = gaussian_of_large(x, y);
            assert_near(targets.at(3, x, y), expected, &format!("{x} {y}"));
            for class in [0, 2, 4, 5, 6, 9] {
                assert_eq!(targets.at(class, x, y), 0.0, "{class} {x} {y}");
            }
            assert_eq!(targets.at(CLASS_WEIGHT, x, y), 1.0);
        }
    }

    #[test]
    fn a_box_is_encoded_relative_to_each_cell_near_its_centre() {
        let targets = Targets::of(vec![digit(3, LARGE)]);
        let mut learning = 0;
        for (x, y) in cells() {
            let value = gaussian_of_large(x, y);
            let at = |channel: usize| targets.at(channel, x, y);
            let found = [OFFSET_X, OFFSET_Y, LOG_WIDTH, LOG_HEIGHT, BOX_WEIGHT].map(at);
            if value < 0.5 {
                assert_eq!(found, [0.0; 5], "{x} {y}");
                continue;
            }
            learning += 1;
            // 12.75 and 11.75 less the middle of the cell; sizes in units of 32 pixels.
            let (off_x, off_y) = (12.25 - x as f32, 11.25 - y as f32);
            let sizes = [(76.0f32 / 32.0).ln(), (80.0f32 / 32.0).ln()];
            let expected = [off_x, off_y, sizes[0], sizes[1], value];
            for (found, expected) in found.into_iter().zip(expected) {
                assert_near(found, expected, &format!("{x} {y}"));
            }
        }
        // An ellipse with radii of 1.18 standard deviations.
        assert!((15..=25).contains(&learning), "{learning}");
    }

    #[test]
    fn a_sign_is_learned_at_its_ink_with_a_box_as_high_as_its_row() {
        // A point at 10.5 and 20.5 cells, whose box reaches from 10 to 21 cells down.
        let point = Digit {
            centre: [42.0, 82.0],
            ..digit(10, [37.0, 40.0, 47.0, 84.0])
        };
        let targets = Targets::of(vec![point]);
        assert_eq!(targets.at(10, 10, 20), 1.0);
        assert_eq!(targets.at(10, 10, 15), 0.0);
        assert_near(targets.at(OFFSET_X, 10, 20), 0.0, "across");
        assert_near(targets.at(OFFSET_Y, 10, 20), 15.5 - 20.5, "down");
        assert_near(
            targets.at(LOG_WIDTH, 10, 20),
            (10.0f32 / 32.0).ln(),
            "width",
        );
        assert_near(
            targets.at(LOG_HEIGHT, 10, 20),
            (44.0f32 / 32.0).ln(),
            "height",
        );
    }

    #[test]
    fn a_small_digit_is_learned_by_the_cells_around_its_centre() {
        // At 2.5 and 3.25 cells; the standard deviation is half a cell.
        let targets = Targets::of(vec![digit(7, [8.0, 10.0, 12.0, 16.0])]);
        assert_eq!(targets.at(7, 2, 3), 1.0);
        assert_near(
            targets.at(7, 3, 3),
            (-0.5f32 * (4.0 + 0.25)).exp(),
            "beside",
        );
        assert_near(targets.at(7, 2, 2), (-0.5f32 * 2.25).exp(), "above");
        assert_eq!(targets.at(7, 5, 3), 0.0);
    }

    #[test]
    fn a_digit_whose_centre_lies_outside_is_learned_at_the_border() {
        // Its centre is at 34 and 25.5 cells, of 32 and 24.
        let targets = Targets::of(vec![digit(2, [98.0, 62.0, 174.0, 142.0])]);
        assert_eq!(targets.at(2, 31, 23), 1.0);
        assert!(cells().all(|cell| cell == (31, 23) || targets.at(2, cell.0, cell.1) < 1.0));
        assert_near(targets.at(OFFSET_X, 31, 23), 2.5, "x");
        assert_near(targets.at(OFFSET_Y, 31, 23), 2.0, "y");
        assert_eq!(targets.at(BOX_WEIGHT, 31, 23), 1.0);
    }

    #[test]
    fn unreadable_digits_are_excluded_from_the_class_loss() {
        let targets = Targets::of(vec![unreadable(3, [9.0, 13.0, 22.0, 30.0])]);
        for (x, y) in cells() {
            let inside = (2..6).contains(&x) && (3..8).contains(&y);
            let expected = if inside { 0.0 } else { 1.0 };
            assert_eq!(targets.at(CLASS_WEIGHT, x, y), expected, "{x} {y}");
            assert_eq!(targets.at(3, x, y), 0.0);
            assert_eq!(targets.at(BOX_WEIGHT, x, y), 0.0);
        }
    }

    #[test]
    fn the_centre_of_a_digit_is_learned_even_under_an_unreadable_one() {
        let targets = Targets::of(vec![
            digit(3, LARGE),
            unreadable(8, [40.0, 40.0, 64.0, 60.0]),
        ]);
        assert_eq!(targets.at(CLASS_WEIGHT, 12, 11), 1.0);
        for (x, y) in [(11, 11), (13, 11), (12, 10), (12, 12)] {
            assert_eq!(targets.at(CLASS_WEIGHT, x, y), 0.0, "{x} {y}");
        }
    }

    #[test]
    fn where_digits_overlap_the_nearer_one_gives_the_box() {
        // Centres at 10.5 and 12.5 cells.
        let (first, second) = ([22.0, 20.0, 62.0, 60.0], [30.0, 20.0, 70.0, 60.0]);
        for digits in [
            vec![digit(1, first), digit(5, second)],
            vec![digit(5, second), digit(1, first)],
        ] {
            let targets = Targets::of(digits);
            assert_near(targets.at(OFFSET_X, 10, 10), 0.0, "first");
            assert_near(targets.at(OFFSET_X, 12, 10), 0.0, "second");
            assert_eq!(targets.at(1, 10, 10), 1.0);
            assert_eq!(targets.at(5, 12, 10), 1.0);
        }
    }

    #[test]
    fn of_two_digits_with_one_centre_the_first_gives_the_box() {
        let (first, second) = ([4.0, 4.0, 12.0, 12.0], [6.0, 6.0, 10.0, 10.0]);
        let targets = Targets::of(vec![digit(1, first), digit(5, second)]);
        assert_near(targets.at(LOG_WIDTH, 2, 2), 0.25f32.ln(), "width");
    }

    #[test]
    fn digits_of_one_class_keep_the_greater_value() {
        let beside = [53.0, 7.0, 129.0, 87.0];
        let alone = Targets::of(vec![digit(3, beside)]);
        let both = Targets::of(vec![digit(3, LARGE), digit(3, beside)]);
        for (x, y) in cells() {
            let expected = gaussian_of_large(x, y).max(alone.at(3, x, y));
            assert_near(both.at(3, x, y), expected, &format!("{x} {y}"));
        }
    }

    #[test]
    fn ink_is_twice_its_share_of_each_cell() {
        let mut inked = scene(128, 96, vec![]);
        for (x, y, pixel) in inked.digit_ink.enumerate_pixels_mut() {
            *pixel = Luma([((7 * x + 13 * y) % 120) as u8]);
        }
        for y in 4..8 {
            inked.other_ink.put_pixel(9, y, Luma([255]));
        }
        for (x, y) in [(120, 92), (121, 93), (122, 94), (123, 95), (123, 92)] {
            inked.other_ink.put_pixel(x, y, Luma([255]));
        }
        for x in 64..68 {
            for y in 40..44 {
                inked.other_ink.put_pixel(x, y, Luma([200]));
            }
        }
        let targets = Targets(of(&inked));
        for (x, y) in cells() {
            let mut sum = 0;
            for row in 4 * y..4 * y + 4 {
                for column in 4 * x..4 * x + 4 {
                    sum += (7 * column + 13 * row) % 120;
                }
            }
            let expected = 2.0 * sum as f32 / 4080.0;
            assert_near(targets.at(DIGIT_INK, x, y), expected, &format!("{x} {y}"));
            // A line of four pixels, five pixels, and a cell full of ink.
            let expected = match (x, y) {
                (2, 1) => 0.5,
                (30, 23) => 0.625,
                (16, 10) => 1.0,
                _ => 0.0,
            };
            assert_near(targets.at(OTHER_INK, x, y), expected, &format!("{x} {y}"));
        }
    }
}
