//! What is read in a picture of a sheet: tables, and their cells.

use crate::recognizer::Symbol;

/// A point in pixels of the upright picture, `x` to the right and `y` down.
pub type Point = [f32; 2];

/// What was read on one sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// From top to bottom, those at the same height from left to right.
    pub tables: Vec<Table>,
    /// How often the picture was turned clockwise by 90° before it was read, 0 to 3; all places
    /// are in pixels of the picture as it was before.
    pub quarter_turns: u8,
    /// Whether more boxes than [`crate::recognizer::MAX_BOXES`] looked like digits, so that the
    /// others were ignored, or lines made a grid of more than 4,000 cells, so that it was.
    pub truncated: bool,
}

/// A table: a grid of cells, of which each has one row and one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Number of rows, at least 1.
    pub rows: usize,
    /// Number of columns, at least 1.
    pub columns: usize,
    /// All cells, row by row: `rows` × `columns`, empty ones included.
    pub cells: Vec<Cell>,
}

/// One cell of a [`Table`].
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Row, counted from 0 at the top.
    pub row: usize,
    /// Column, counted from 0 at the left.
    pub column: usize,
    /// Corners clockwise from the top left.
    pub corners: [Point; 4],
    /// What was read in it, from left to right; none in an empty cell.
    pub symbols: Vec<Symbol>,
    /// Whether it holds writing that was not read, such as words.
    pub has_unread: bool,
}

impl Table {
    /// The cell in a row and a column, both counted from 0.
    pub fn cell(&self, row: usize, column: usize) -> Option<&Cell> {
        (column < self.columns).then(|| self.cells.get(row * self.columns + column))?
    }
}

impl Cell {
    /// Its characters, with `?` for one that was refused: `3.5`, `1?`, empty.
    pub fn text(&self) -> String {
        self.symbols.iter().map(Symbol::character).collect()
    }

    /// The probability in 0..=1 that the text is right, as if the characters were read
    /// independently; 1 for an empty cell.
    pub fn confidence(&self) -> f64 {
        self.symbols
            .iter()
            .map(|symbol| symbol.confidence)
            .product()
    }
}
