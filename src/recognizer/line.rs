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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognizer::testing::{bounds, near, scored_box};

    #[test]
    fn the_centre_lies_halfway_between_the_sides() {
        assert_eq!(centre(&bounds(2.0, 4.0, 8.0, 20.0)), [5.0, 12.0]);
    }

    #[test]
    fn an_offset_is_measured_from_a_line_of_the_rows_slope() {
        let first = bounds(0.0, 0.0, 10.0, 24.0);
        let second = bounds(20.0, 10.0, 30.0, 30.0);
        // Centres (5, 12) and (25, 20): on a line that falls by a quarter, 5 of the 8 are expected.
        assert_eq!(offset(&first, &second, 0.25), 3.0);
        assert_eq!(offset(&second, &first, 0.25), -3.0);
        let line = Line {
            row: vec![scored_box(1, first, 0.9), scored_box(2, second, 0.9)],
            slope: 0.25,
        };
        assert_eq!(line.offset(0, 1), 3.0);
        assert_eq!(line.offset(1, 0), -3.0);
    }

    #[test]
    fn an_overlap_is_a_share_of_the_smaller_box() {
        let small = bounds(0.0, 0.0, 10.0, 20.0);
        let large = bounds(4.0, 5.0, 24.0, 35.0);
        // 6 × 15 of 10 × 20 pixels.
        assert!(near(overlap(&small, &large), 0.45));
        assert!(near(overlap(&large, &small), 0.45));
        assert_eq!(overlap(&small, &bounds(10.0, 0.0, 20.0, 20.0)), 0.0);
        assert_eq!(overlap(&small, &bounds(30.0, 40.0, 40.0, 60.0)), 0.0);
        assert_eq!(overlap(&small, &small), 1.0);
    }
}
