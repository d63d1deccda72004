//! Cells and tables for tests.

use super::{Cell, Sheet, Table};
use crate::characters::{CHARACTERS, class_of};
use crate::recognizer::{Prediction, Symbol};

fn digit(candidates: &[(char, f64)], min_confidence: f64) -> Symbol {
    let mut probabilities = [0.0; CHARACTERS];
    for (character, probability) in candidates {
        probabilities[usize::from(class_of(*character).unwrap())] = *probability;
    }
    Symbol::new(
        &Prediction { probabilities },
        [3, 4, 20, 30],
        min_confidence,
    )
}

fn cell_of(symbols: Vec<Symbol>) -> Cell {
    Cell {
        row: 0,
        column: 0,
        corners: [[0.0, 0.0], [40.0, 0.0], [40.0, 20.0], [0.0, 20.0]],
        symbols,
        has_unread: false,
    }
}

/// A cell whose digits have these probabilities.
pub(crate) fn cell(digits: &[&[(char, f64)]]) -> Cell {
    let digits = digits.iter().map(|candidates| digit(candidates, 0.0));
    cell_of(digits.collect())
}

/// A cell whose digits are refused where none is sure.
pub(crate) fn refused(digits: &[&[(char, f64)]]) -> Cell {
    let digits = digits.iter().map(|candidates| digit(candidates, 0.5));
    cell_of(digits.collect())
}

/// A cell that was surely read.
pub(crate) fn sure(text: &str) -> Cell {
    let digits = text
        .chars()
        .map(|character| digit(&[(character, 0.99)], 0.5));
    cell_of(digits.collect())
}

/// A table of cells, row by row.
pub(crate) fn table(columns: usize, cells: Vec<Cell>) -> Table {
    let placed = |(at, cell): (usize, Cell)| {
        let (row, column) = (at / columns, at % columns);
        let [left, top] = [40.0 * column as f32, 20.0 * row as f32];
        let corners = cell.corners.map(|[x, y]| [left + x, top + y]);
        Cell {
            row,
            column,
            corners,
            ..cell
        }
    };
    Table {
        rows: cells.len() / columns,
        columns,
        cells: cells.into_iter().enumerate().map(placed).collect(),
    }
}

/// A sheet with these tables.
pub(crate) fn sheet(tables: Vec<Table>) -> Sheet {
    Sheet {
        tables,
        ..Sheet::default()
    }
}
