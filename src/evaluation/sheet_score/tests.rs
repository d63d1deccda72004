use image::GrayImage;

use super::*;
use crate::characters::{CHARACTERS, class_of};
use crate::recognizer::Symbol;
use crate::scenes::{SheetKind, TrueCell};

/// Side of a cell in pixels.
const CELL: usize = 100;

fn corners(row: usize, column: usize) -> [Point; 4] {
    [[0, 0], [1, 0], [1, 1], [0, 1]]
        .map(|[x, y]: [usize; 2]| [((column + x) * CELL) as f32, ((row + y) * CELL) as f32])
}

fn photo(columns: usize, texts: &[Option<&str>]) -> SheetPhoto {
    let cells = texts.iter().enumerate().map(|(at, text)| TrueCell {
        text: text.map(str::to_owned),
        corners: corners(at / columns, at % columns),
    });
    SheetPhoto {
        kind: SheetKind::Ruled,
        picture: GrayImage::new(1, 1),
        tables: vec![TrueTable {
            rows: texts.len() / columns,
            columns,
            cells: cells.collect(),
        }],
    }
}

/// A table whose first cell is `start` rows and columns from the top left; digits are equally sure.
fn read(columns: usize, start: [usize; 2], texts: &[&str], confidence: f64) -> Table {
    let cells = texts.iter().enumerate().map(|(at, text)| {
        let (row, column) = (at / columns, at % columns);
        let symbol = |(place, character): (usize, char)| Symbol {
            class: class_of(character),
            confidence,
            probabilities: [0.0; CHARACTERS],
            area: [
                ((column + start[1]) * CELL + 20 + 20 * place) as u32,
                ((row + start[0]) * CELL + 30) as u32,
                15,
                30,
            ],
        };
        Cell {
            row,
            column,
            corners: corners(row + start[0], column + start[1]),
            symbols: text.chars().enumerate().map(symbol).collect(),
            has_unread: false,
        }
    });
    Table {
        rows: texts.len() / columns,
        columns,
        cells: cells.collect(),
    }
}

fn score(photo: &SheetPhoto, tables: Vec<Table>) -> SheetScore {
    let sheet = Sheet {
        tables,
        ..Sheet::default()
    };
    SheetScore::of(photo, &sheet)
}

#[test]
fn right_wrong_and_missed_cells_are_counted() {
    let photo = photo(2, &[Some("12"), Some("3"), Some("45"), Some("")]);
    let found = score(&photo, vec![read(2, [0, 0], &["12", "8", "", "7"], 0.9)]);
    assert_eq!((found.numbers, found.right(), found.placed), (3, 1, 2));
    assert_eq!((found.wrong(), found.missed), (2, 1));
}

#[test]
fn digits_read_in_words_or_outside_are_wrong() {
    let photo = photo(1, &[None, Some("3")]);
    let found = score(&photo, vec![read(1, [0, 0], &["1", "3", "9"], 0.9)]);
    assert_eq!((found.right(), found.wrong(), found.missed), (1, 2, 0));
}

#[test]
fn a_header_may_be_left_out_but_rows_may_not_be_mixed_up() {
    let photo = photo(1, &[None, Some("1"), Some("2"), Some("3")]);
    let without = score(&photo, vec![read(1, [1, 0], &["1", "2", "3"], 0.9)]);
    assert_eq!((without.right(), without.placed), (3, 3));
    // A row too many between the first and the second number.
    let mut split = read(1, [1, 0], &["1", "2", "3"], 0.9);
    for cell in &mut split.cells[1..] {
        cell.row += 1;
    }
    let found = score(&photo, vec![split]);
    assert_eq!((found.right(), found.wrong(), found.missed), (2, 1, 0));
}

#[test]
fn a_table_read_in_two_parts_is_placed_right_once() {
    let photo = photo(1, &[Some("1"), Some("2"), Some("3")]);
    let parts = vec![
        read(1, [0, 0], &["1", "2"], 0.9),
        read(1, [2, 0], &["3"], 0.9),
    ];
    let found = score(&photo, parts);
    assert_eq!((found.right(), found.wrong(), found.missed), (2, 1, 0));
}

#[test]
fn doubtful_cells_are_marked_at_the_confidence_of_few_right_ones() {
    let photo = photo(1, &[Some("1"), Some("2"), Some("3")]);
    let mut all = SheetScore::default();
    for at in 0..40 {
        let sure = 0.5 + 0.01 * f64::from(at);
        all.merge(score(&photo, vec![read(1, [0, 0], &["1", "2", "3"], sure)]));
    }
    // 3 % of 120 right cells are three, those of the least sure sheet.
    assert!((all.threshold() - 0.51).abs() < 1e-9);
    all.merge(score(&photo, vec![read(1, [0, 0], &["7"], 0.4)]));
    all.merge(score(&photo, vec![read(1, [0, 0], &["7"], 0.9)]));
    all.merge(score(&photo, vec![read(1, [0, 0], &["?"], 0.9)]));
    assert_eq!((all.wrong(), all.marked(all.threshold())), (3, 2));
}
