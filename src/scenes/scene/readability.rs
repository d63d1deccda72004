//! Whether a person could read a digit in the finished picture.
//!
//! A digit is readable if
//! - at least 70 % of its ink lies in the picture,
//! - it is at least 8 pixels high or wide, and its lines are not so wide that they fill it,
//! - other ink hides less than 45 % of its own,
//! - its ink differs from its background by at least 14 grey levels, and
//! - on a grid of about 14 by 14 cells, which is just fine enough to recognize a digit, the grey
//!   values correlate with the ink after subtraction of the local mean. Noise, texture and blur
//!   lower the correlation.

use image::GrayImage;

use super::inking::{InkedDigit, Inking};

const MIN_INSIDE: f32 = 0.7;
const MIN_SIZE: f32 = 8.0;
const MAX_FILLED: f32 = 0.42;
const MAX_HIDDEN: f32 = 0.45;
const MIN_CONTRAST: f32 = 14.0;
const MIN_CORRELATION: f32 = 0.55;

/// Cells over the longer side of a digit.
const CELLS: f32 = 14.0;

/// Cells on either side of a cell over which its local mean is taken.
const AROUND: usize = 3;

/// Whether a person could read this digit in the picture.
pub fn readable(picture: &GrayImage, digit: &InkedDigit, inking: &Inking) -> bool {
    let size = digit.bounds.width().max(digit.bounds.height());
    if digit.inside < MIN_INSIDE || size < MIN_SIZE || digit.stroke > MAX_FILLED * size {
        return false;
    }
    let cells = Cells::new(picture, digit, inking, size);
    if cells.hidden > MAX_HIDDEN {
        return false;
    }
    let (contrast, correlation) = cells.contrast_and_correlation();
    contrast >= MIN_CONTRAST && correlation >= MIN_CORRELATION
}

/// A digit and its surroundings on a coarse grid, without pixels covered by other ink.
struct Cells {
    across: usize,
    /// Weight, coverage (0..1) and grey level of each cell, the latter two minus their local means.
    values: Vec<[f32; 3]>,
    /// Share of the digit's ink that is covered by other ink.
    hidden: f32,
}

impl Cells {
    fn new(picture: &GrayImage, digit: &InkedDigit, inking: &Inking, size: f32) -> Self {
        let side = picture.width() as usize;
        let margin = 0.1 * size + 1.0;
        let cell = (size / CELLS).max(1.0);
        let bounds = digit.bounds;
        let columns = span(bounds.left - margin, bounds.right + margin, side);
        let rows = span(bounds.top - margin, bounds.bottom + margin, side);
        let across = (columns.len() as f32 / cell).ceil() as usize;
        let down = (rows.len() as f32 / cell).ceil() as usize;
        // Count, coverage and grey of the pixels of each cell without other ink.
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
        cells.subtract_local_mean();
        cells
    }

    /// Subtracts the local mean, and with it shadows and gradients.
    fn subtract_local_mean(&mut self) {
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

    /// Grey levels between ink and background, and the absolute correlation of grey and ink (0..1),
    /// whichever of the two is darker.
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

/// Whole pixels between two positions, clipped to the picture; at least one.
fn span(low: f32, high: f32, side: usize) -> std::ops::Range<usize> {
    let start = (low.max(0.0) as usize).min(side - 1);
    start..(high.ceil().max(0.0) as usize).clamp(start + 1, side)
}

/// The coverage of a pixel of the picture by this digit's ink.
fn coverage(digit: &InkedDigit, x: usize, y: usize) -> f32 {
    let inside = |at: usize, start: usize, length: usize| at >= start && at < start + length;
    let plane = &digit.coverage;
    match inside(x, digit.corner[0], plane.width) && inside(y, digit.corner[1], plane.height) {
        true => plane.at(x - digit.corner[0], y - digit.corner[1]),
        false => 0.0,
    }
}
