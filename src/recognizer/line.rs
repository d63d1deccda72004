//! Boxes in one row.

use super::classify::ScoredBox;
use crate::scenes::Bounds;

/// Boxes side by side, from left to right.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) row: Vec<ScoredBox>,
    /// How far the row falls for each pixel to the right.
    pub(super) slope: f32,
}

impl Line {
    /// How far the second box lies below the line through the first, in pixels.
    pub(super) fn offset(&self, first: usize, second: usize) -> f32 {
        let [first, second] = [first, second].map(|at| &self.row[at].bounds);
        offset(first, second, self.slope)
    }
}

/// How far the second box lies below a line of this slope through the first.
pub(super) fn offset(a: &Bounds, b: &Bounds, slope: f32) -> f32 {
    let ([ax, ay], [bx, by]) = (centre(a), centre(b));
    by - ay - slope * (bx - ax)
}

/// The share of the smaller box that lies in the other.
pub(super) fn overlap(a: &Bounds, b: &Bounds) -> f32 {
    let width = (a.right.min(b.right) - a.left.max(b.left)).max(0.0);
    let height = (a.bottom.min(b.bottom) - a.top.max(b.top)).max(0.0);
    let smaller = (a.width() * a.height()).min(b.width() * b.height());
    width * height / smaller.max(f32::MIN_POSITIVE)
}

pub(super) fn centre(bounds: &Bounds) -> [f32; 2] {
    [
        (bounds.left + bounds.right) / 2.0,
        (bounds.top + bounds.bottom) / 2.0,
    ]
}
