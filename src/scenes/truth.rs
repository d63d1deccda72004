//! What is written on a sheet of numbers, cell by cell.

use super::Point;

/// A table on a sheet: a grid of cells.
#[derive(Clone, Debug, PartialEq)]
pub struct TrueTable {
    /// Number of rows, at least 1.
    pub rows: usize,
    /// Number of columns, at least 1.
    pub columns: usize,
    /// All cells, row by row: `rows` × `columns`, empty ones included.
    pub cells: Vec<TrueCell>,
}

/// One cell of a [`TrueTable`].
#[derive(Clone, Debug, PartialEq)]
pub struct TrueCell {
    /// The number as it is written, with its signs; empty in an empty cell; none where the cell
    /// holds words, which are not to be read.
    pub text: Option<String>,
    /// Corners clockwise from the top left of the sheet held upright.
    pub corners: [Point; 4],
}

impl TrueTable {
    /// The same with all its corners moved by `place`.
    pub fn mapped(mut self, place: impl Fn(Point) -> Point) -> Self {
        for corner in self.cells.iter_mut().flat_map(|cell| &mut cell.corners) {
            *corner = place(*corner);
        }
        self
    }
}

impl TrueCell {
    /// The number in it, if there is one.
    pub fn number(&self) -> Option<&str> {
        self.text.as_deref().filter(|text| !text.is_empty())
    }

    /// Whether a point lies in it.
    pub fn holds(&self, [x, y]: Point) -> bool {
        (0..4).all(|at| {
            let (from, to) = (self.corners[at], self.corners[(at + 1) % 4]);
            (to[0] - from[0]) * (y - from[1]) >= (to[1] - from[1]) * (x - from[0])
        })
    }
}
