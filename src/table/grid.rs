//! A grid of cells on the sheet, bounded by lines that may bend.

use super::Point;
use super::curve::{Curve, crossing};

/// Lines between and around rows and columns.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// From top to bottom, one more than rows.
    pub(super) level: Vec<Curve>,
    /// From left to right, one more than columns.
    pub(super) upright: Vec<Curve>,
}

impl Grid {
    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.level.len().saturating_sub(1)
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        self.upright.len().saturating_sub(1)
    }

    /// The row and the column of the cell that holds a point.
    pub(super) fn place(&self, [x, y]: Point) -> Option<[usize; 2]> {
        let above = self.level.partition_point(|line| line.at(x) <= y);
        let before = self.upright.partition_point(|line| line.at(y) <= x);
        let inside = (1..=self.rows()).contains(&above) && (1..=self.columns()).contains(&before);
        inside.then(|| [above - 1, before - 1])
    }

    /// The corners of a cell clockwise from the top left; none outside the grid.
    pub(super) fn corners(&self, [row, column]: [usize; 2]) -> Option<[Point; 4]> {
        let (above, below) = (self.level.get(row)?, self.level.get(row + 1)?);
        let (left, right) = (self.upright.get(column)?, self.upright.get(column + 1)?);
        Some([
            crossing(above, left),
            crossing(above, right),
            crossing(below, right),
            crossing(below, left),
        ])
    }

    /// The corners of the whole grid.
    pub(super) fn outline(&self) -> Option<[Point; 4]> {
        let (rows, columns) = (self.rows().checked_sub(1)?, self.columns().checked_sub(1)?);
        Some([
            self.corners([0, 0])?[0],
            self.corners([0, columns])?[1],
            self.corners([rows, columns])?[2],
            self.corners([rows, 0])?[3],
        ])
    }
}
