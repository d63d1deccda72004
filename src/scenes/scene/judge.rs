//! Whether a person could read a digit in the finished picture.
//!
//! A digit is readable if
//! - at least 70 % of its ink lies in the picture,
//! - it is 8 pixels high or wide at least, and its lines are not so wide that they fill it,
//! - other ink hides less than 45 % of its own,
//! - its ink differs from its ground by 9 grey levels at least, and
//! - seen in about 14 by 14 cells of its box, as coarsely as a digit can just be told, the grey follows the ink:
//!   after a gradient is taken off, their correlation is 0.5 or more. Noise, texture and blur lower it.

use image::GrayImage;

use super::inking::{Inked, Inking};

const LEAST_INSIDE: f32 = 0.7;
const LEAST_SIZE: f32 = 8.0;
const MOST_FILLED: f32 = 0.34;
const MOST_HIDDEN: f32 = 0.45;
const LEAST_CONTRAST: f32 = 9.0;
const LEAST_CORRELATION: f32 = 0.5;

/// Cells over the longer side of a digit.
const CELLS: f32 = 14.0;

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
    /// Column, row, coverage (0..1) and grey level of each.
    values: Vec<[f32; 4]>,
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
                let other = inking.other_ink.as_raw()[at] > 0;
                ink += own;
                if other || (own < 0.2 && inking.digit_ink.as_raw()[at] > 0) {
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
        let full = sums
            .iter()
            .enumerate()
            .filter(|(_, sum)| sum[0] > 0.3 * cell * cell);
        let values = full.map(|(at, sum)| {
            let (column, row) = (at % across, at / across);
            [column as f32, row as f32, sum[1] / sum[0], sum[2] / sum[0]]
        });
        Self {
            values: values.collect(),
            hidden: hidden / f32::max(ink, 1e-3),
        }
    }

    /// Grey levels between ink and ground, and how closely grey follows ink (0..1), both without regard to
    /// a gradient over the cells and to which of the two is darker.
    fn contrast_and_correlation(&self) -> (f32, f32) {
        let count = self.values.len().max(1) as f32;
        let mut means = [0.0; 4];
        for value in &self.values {
            for (mean, value) in means.iter_mut().zip(value) {
                *mean += value / count;
            }
        }
        let mut products = [[0.0_f32; 4]; 4];
        for value in &self.values {
            let centred: [f32; 4] = std::array::from_fn(|part| value[part] - means[part]);
            for (a, row) in centred.iter().zip(&mut products) {
                for (b, product) in centred.iter().zip(row) {
                    *product += a * b / count;
                }
            }
        }
        // Takes off what goes along with the column, then what goes along with the row.
        for pivot in 0..2 {
            let by = products[pivot];
            let own = by[pivot].max(1e-6);
            for row in &mut products {
                let share = row[pivot] / own;
                for (product, by) in row.iter_mut().zip(&by) {
                    *product -= share * by;
                }
            }
        }
        let (ink, grey, both) = (products[2][2], products[3][3], products[2][3]);
        let contrast = both.abs() / ink.max(1e-6);
        (contrast, both.abs() / (ink * grey).sqrt().max(1e-6))
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
