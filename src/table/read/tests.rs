//! Sheets drawn for the test, read by the built-in networks.

use std::sync::LazyLock;

use image::imageops;
use tch::Device;

use super::*;
use crate::table::testing::{Page, steps};

static RECOGNIZER: LazyLock<std::sync::Mutex<Recognizer>> =
    LazyLock::new(|| std::sync::Mutex::new(Recognizer::builtin(Device::Cpu).unwrap()));

fn sheet(picture: GrayImage) -> Sheet {
    read(&RECOGNIZER.lock().unwrap(), &picture.into()).unwrap()
}

/// Rows separated by a space, `~` where writing was not read: `12|3 ~|4`.
fn text(table: &Table) -> String {
    let cell = |cell: &Cell| cell.text() + if cell.has_unread { "~" } else { "" };
    let row = |row: &[Cell]| row.iter().map(cell).collect::<Vec<_>>().join("|");
    let rows = table.cells.chunks(table.columns);
    rows.map(row).collect::<Vec<_>>().join(" ")
}

/// A ruled table with a header and a column of words, and empty cells.
fn page() -> Page {
    let (xs, ys) = (steps(60.0, 160.0, 4), steps(60.0, 80.0, 5));
    let mut page = Page::new(760, 520);
    page.grid(&xs, &ys, 3.0);
    for row in 0..5 {
        for column in 0..4 {
            let at = [140.0 + 160.0 * column as f32, 100.0 + 80.0 * row as f32];
            match (row, column) {
                (0, _) | (_, 0) => page.word(at, 28.0, 4),
                (2, 2) => {}
                _ => page.number(&NUMBERS[row - 1][column - 1].to_string(), at, 46.0, 7),
            }
        }
    }
    page
}

const NUMBERS: [[u32; 3]; 4] = [[12, 3, 45], [27, 4, 24], [35, 52, 7], [4, 32, 25]];
const TEXT: &str = "~|~|~|~ ~|12|3|45 ~|27||24 ~|35|52|7 ~|4|32|25";

#[test]
fn numbers_are_read_in_their_cells_and_words_are_left_out() {
    let sheet = sheet(page().0);
    assert_eq!(sheet.tables.len(), 1);
    assert_eq!(text(&sheet.tables[0]), TEXT);
    assert_eq!((sheet.quarter_turns, sheet.truncated), (0, false));
    let cell = sheet.tables[0].cell(3, 2).unwrap();
    for (corner, [x, y]) in
        cell.corners
            .iter()
            .zip([[380, 300], [540, 300], [540, 380], [380, 380]])
    {
        let off = (corner[0] - x as f32).hypot(corner[1] - y as f32);
        assert!(off < 5.0, "{corner:?} instead of {x}, {y}");
    }
    let [left, top, width, height] = cell.symbols[0].area;
    assert!(left > 385 && left + width < 540 && top > 300 && top + height < 380);
}

#[test]
fn a_sheet_is_read_in_any_quarter_turn() {
    let upright = page().0;
    let turned = [
        imageops::rotate270(&upright),
        imageops::rotate180(&upright),
        imageops::rotate90(&upright),
    ];
    for (turns, picture) in (1..).zip(turned) {
        let size = [picture.width(), picture.height()].map(|length| length as f32);
        let sheet = sheet(picture);
        assert_eq!(sheet.quarter_turns, turns);
        assert_eq!(text(&sheet.tables[0]), TEXT);
        // The first cell's corner is where it was in the picture as it was given.
        let [x, y] = sheet.tables[0].cells[0].corners[0];
        let expected = orientation::turned_back([60.0, 60.0], size, turns);
        assert!((x - expected[0]).hypot(y - expected[1]) < 5.0, "{x} {y}");
    }
}

#[test]
fn a_sheet_is_read_askew() {
    let corners = [[200.0, 30.0], [950.0, 250.0], [820.0, 800.0], [40.0, 560.0]];
    let sheet = sheet(page().seen(corners, 1000, 820));
    assert_eq!(sheet.tables.len(), 1);
    assert_eq!((sheet.tables[0].rows, sheet.tables[0].columns), (5, 4));
    assert_eq!(sheet.tables[0].cell(3, 1).unwrap().text(), "35");
}

#[test]
fn a_number_alone_is_a_table_of_one_cell_and_nothing_is_none() {
    let mut page = Page::new(300, 200);
    page.number("42", [150.0, 100.0], 90.0, 4);
    let sheet_of_one = sheet(page.0);
    assert_eq!(sheet_of_one.tables.len(), 1);
    assert_eq!(text(&sheet_of_one.tables[0]), "42");
    for (width, height) in [(1, 1), (1, 300), (300, 1), (200, 200)] {
        let blank = sheet(GrayImage::new(width, height));
        assert_eq!(blank, Sheet::default(), "{width} {height}");
    }
}

#[test]
fn the_boxes_of_a_form_are_one_number_each() {
    let mut page = Page::new(700, 400);
    for (row, number) in ["2052", "4603"].into_iter().enumerate() {
        let top = 60.0 + 150.0 * row as f32;
        page.word([100.0, top + 35.0], 28.0, 4);
        for (at, digit) in number.char_indices() {
            // The first row's boxes touch.
            let left = 220.0 + [70.0, 84.0][row] * at as f32;
            page.grid(&[left, left + 70.0], &[top, top + 70.0], 3.0);
            page.number(&digit.to_string(), [left + 35.0, top + 35.0], 44.0, 7);
        }
    }
    let sheet = sheet(page.0);
    assert_eq!(sheet.tables.len(), 1);
    assert_eq!(text(&sheet.tables[0]), "2052 4603");
}

#[test]
fn the_lines_of_paper_make_no_table() {
    let mut page = Page::new(900, 900);
    for at in steps(0.0, 30.0, 30) {
        page.toned([at, 0.0], [at, 900.0], 1.0, 180);
        page.toned([0.0, at], [900.0, at], 1.0, 180);
    }
    for (row, numbers) in NUMBERS.iter().enumerate() {
        for (column, number) in numbers.iter().enumerate() {
            let at = [200.0 + 200.0 * column as f32, 200.0 + 120.0 * row as f32];
            page.number(&number.to_string(), at, 46.0, 7);
        }
    }
    let sheet = sheet(page.0);
    assert_eq!(sheet.tables.len(), 1);
    assert_eq!((sheet.tables[0].rows, sheet.tables[0].columns), (4, 3));
}
