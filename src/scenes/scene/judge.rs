//! Whether a person could read a digit in the finished picture.
//!
//! A digit is readable if
//! - at least 70 % of its ink lies in the picture,
//! - it is 8 pixels high or wide at least, and its lines are not so wide that they fill it,
//! - other ink hides less than 45 % of its own,
//! - its ink differs from its ground by 14 grey levels at least, and
//! - seen in about 14 by 14 cells of its box, as coarsely as a digit can just be told, the grey
//!   follows the ink: with the mean around each cell taken off, they correlate well. Noise, texture
//!   and blur lower that.

use image::GrayImage;

use super::inking::{Inked, Inking};

const LEAST_INSIDE: f32 = 0.7;
const LEAST_SIZE: f32 = 8.0;
const MOST_FILLED: f32 = 0.42;
const MOST_HIDDEN: f32 = 0.45;
const LEAST_CONTRAST: f32 = 14.0;
const LEAST_CORRELATION: f32 = 0.55;

/// Cells over the longer side of a digit.
const CELLS: f32 = 14.0;

/// Cells on either side of one whose mean is its ground.
const AROUND: usize = 3;

/// Whether a person could read this digit in the picture.
pub fn readable(picture: &GrayImage, digit: &Inked, inking: &Inking) -> bool {
    let size = digit.bounds.width().max(digit.bounds.height());
    if digit.inside < LEAST_INSIDE || size < LEAST_SIZE || digit.stroke > MOST_FILLED * size {
        return false;
    }
    let cells = Cells::new(picture, digit, inking, size);
    if cells.hidden > MOST_HIDDEN {
        return false;
    }
    let (contrast, correlation) = cells.contrast_and_correlation();
    contrast >= LEAST_CONTRAST && correlation >= LEAST_CORRELATION
}

/// The surroundings of a digit, coarsely, without what other ink covers.
struct Cells {
    across: usize,
    /// Weight, coverage (0..1) and grey level of each, both less their means around it.
    values: Vec<[f32; 3]>,
    /// Share of the digit's ink where there is other ink, too.
    hidden: f32,
}

impl Cells {
    fn new(picture: &GrayImage, digit: &Inked, inking: &Inking, size: f32) -> Self {
        let side = picture.width() as usize;
        let margin = 0.15 * size + 1.0;
        let cell = (size / CELLS).max(1.0);
        let bounds = digit.bounds;
        let columns = span(bounds.left - margin, bounds.right + margin, side);
        let rows = span(bounds.top - margin, bounds.bottom + margin, side);
        let across = (columns.len() as f32 / cell).ceil() as usize;
        let down = (rows.len() as f32 / cell).ceil() as usize;
        // Count, coverage and grey of what is not other ink in each cell.
        let mut sums = vec![[0.0_f32; 3]; across * down];
        let (mut ink, mut hidden) = (0.0, 0.0);
        for y in rows.clone() {
            let row = (((y - rows.start) as f32 / cell) as usize).min(down - 1);
            for x in columns.clone() {
                let own = coverage(digit, x, y);
                let at = y * side + x;
                ink += own;
                if inking.coverage(at) > own + 0.12 || inking.other_ink.as_raw()[at] > 0 {
                    hidden += own;
                    continue;
                }
                let column = (((x - columns.start) as f32 / cell) as usize).min(across - 1);
                let sum = &mut sums[row * across + column];
                sum[0] += 1.0;
                sum[1] += own;
                sum[2] += f32::from(picture.as_raw()[at]);
            }
        }
        for sum in &mut sums {
            *sum = match sum[0] > 0.3 * cell * cell {
                true => [1.0, sum[1] / sum[0], sum[2] / sum[0]],
                false => [0.0; 3],
            };
        }
        let mut cells = Self {
            across,
            values: sums,
            hidden: hidden / f32::max(ink, 1e-3),
        };
        cells.level();
        cells
    }

    /// Takes the mean around each cell off: shadows and gradients go with it.
    fn level(&mut self) {
        let across = self.across;
        let down = self.values.len() / across;
        let near = |at: usize, end: usize| at.saturating_sub(AROUND)..(at + AROUND + 1).min(end);
        let add = |mut sum: [f32; 3], value: &[f32; 3]| {
            for (sum, value) in sum.iter_mut().zip(value) {
                *sum += value;
            }
            sum
        };
        let mut along = vec![[0.0; 3]; self.values.len()];
        for (at, sum) in along.iter_mut().enumerate() {
            let row = at / across * across;
            let span = near(at - row, across);
            *sum = self.values[row + span.start..row + span.end]
                .iter()
                .fold([0.0; 3], add);
        }
        for (at, value) in self.values.iter_mut().enumerate() {
            let rows = near(at / across, down).map(|row| &along[row * across + at % across]);
            let [weight, coverage, grey] = rows.fold([0.0; 3], add);
            if value[0] > 0.0 {
                value[1] -= coverage / weight;
                value[2] -= grey / weight;
            }
        }
    }

    /// Grey levels between ink and ground, and how closely grey follows ink (0..1), without regard
    /// to which of the two is darker.
    fn contrast_and_correlation(&self) -> (f32, f32) {
        let (mut ink, mut grey, mut both) = (1e-6, 1e-6, 0.0);
        for [_, own, value] in &self.values {
            ink += own * own;
            grey += value * value;
            both += own * value;
        }
        let both = f32::abs(both);
        (both / ink, both / (ink * grey).sqrt())
    }
}

/// Whole pixels between two places, as far as the picture goes; one at least.
fn span(low: f32, high: f32, side: usize) -> std::ops::Range<usize> {
    let start = (low.max(0.0) as usize).min(side - 1);
    start..(high.ceil().max(0.0) as usize).clamp(start + 1, side)
}

/// How much of a pixel of the picture this digit's ink covers.
fn coverage(digit: &Inked, x: usize, y: usize) -> f32 {
    let inside = |at: usize, start: usize, length: usize| at >= start && at < start + length;
    let plane = &digit.coverage;
    match inside(x, digit.corner[0], plane.width) && inside(y, digit.corner[1], plane.height) {
        true => plane.at(x - digit.corner[0], y - digit.corner[1]),
        false => 0.0,
    }
}
