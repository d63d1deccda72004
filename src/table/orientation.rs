//! Pictures that were taken in another quarter turn.

use image::{GrayImage, imageops};

use super::Point;
use super::settings::{CLEARLY, DOUBT};
use crate::recognizer::Symbol;

/// The picture, turned clockwise by quarters.
pub(super) fn turned(grey: &GrayImage, quarters: u8) -> GrayImage {
    match quarters % 4 {
        0 => grey.clone(),
        1 => imageops::rotate90(grey),
        2 => imageops::rotate180(grey),
        _ => imageops::rotate270(grey),
    }
}

/// Where a point of a turned picture lies in the picture of this width and height before that.
pub(super) fn turned_back([x, y]: Point, [width, height]: [f32; 2], quarters: u8) -> Point {
    match quarters % 4 {
        0 => [x, y],
        1 => [y, height - x],
        2 => [width - x, height - y],
        _ => [width - y, x],
    }
}

/// How well a picture can be read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    digits: usize,
    /// Sum of their confidences.
    sum: f64,
}

impl Evidence {
    pub(super) fn of<'a>(symbols: impl Iterator<Item = &'a Symbol>) -> Self {
        symbols.fold(Self::default(), |so_far, symbol| Self {
            digits: so_far.digits + 1,
            sum: so_far.sum + symbol.confidence,
        })
    }

    fn mean(&self) -> f64 {
        self.sum / self.digits.max(1) as f64
    }

    /// Whether the picture may have been taken in another turn.
    pub(super) fn is_doubtful(&self) -> bool {
        self.mean() < DOUBT
    }

    /// Whether it is read better than in another turn.
    pub(super) fn is_clearer_than(&self, other: &Self) -> bool {
        let value = |evidence: &Self| evidence.sum - DOUBT / 2.0 * evidence.digits as f64;
        self.mean() > other.mean() + CLEARLY && value(self) > value(other)
    }
}
