//! Digits in columns and rows: tables, dense sheets and square grids.

use super::amount::Notation;
use super::layout::{Page, Writer};
use super::row::{self, Habit, Item};
use super::sign::Sign;
use super::{Mark, Point, mark, strike};
use crate::random::SeededRng;

/// Numbers of one to five digits in cells, with or without lines, with or without a header of
/// words.
pub fn compose(writer: &Writer, rng: &mut SeededRng) -> Page {
    let columns = 1 + rng.below(4) as usize;
    let rows = 2 + rng.below(7) as usize;
    let length = 1 + rng.below(5 - columns.min(4) as u32 + 1);
    let habit = Habit::level(rng);
    let right = rng.random_bool(0.5);
    let pitch = rng.uniform(1.3, 2.4) as f32;
    let head = rng.random_bool(0.25);
    let words_column = rng.random_bool(0.2);
    let signed = *rng.choose(&[0.0, 0.0, 0.4, 0.9]);
    let notations: Vec<Option<Notation>> = (0..columns)
        .map(|_| rng.random_bool(signed).then(|| Notation::new(rng)))
        .collect();
    // A dash for "none".
    let dashes = *rng.choose(&[0.0, 0.0, 0.1]);
    let mut cells = Vec::new();
    for row in 0..rows {
        for (column, notation) in notations.iter().enumerate() {
            let item = match (
                (head && row == 0) || (words_column && column == 0),
                notation,
            ) {
                (true, _) => vec![Item::Words],
                (false, _) if rng.random_bool(dashes) => vec![Item::Sign(Sign::Dash)],
                (false, Some(notation)) => notation.number(rng),
                (false, None) => vec![Item::Digit; 1 + rng.below(length) as usize],
            };
            let mut marks = row::write(writer, &item, &habit, rng);
            if rng.random_bool(0.02) {
                let struck = strike::row(&mut marks, rng);
                marks.extend(struck);
            }
            let width = mark::extent(&marks).map_or(0.0, |extent| extent.right);
            cells.push((marks, width));
        }
    }
    let padding = rng.uniform(0.3, 1.2) as f32;
    let widths: Vec<f32> = (0..columns)
        .map(|column| {
            let column = cells.iter().skip(column).step_by(columns);
            // Words are shrunk to fit the column.
            column
                .fold(0.0, |widest, (_, width)| f32::max(widest, *width))
                .min(8.0)
                + padding
        })
        .collect();
    let mut lefts = vec![0.0];
    for width in &widths {
        lefts.push(lefts[lefts.len() - 1] + width);
    }
    let mut marks = Vec::new();
    for (place, (cell, width)) in cells.into_iter().enumerate() {
        let (row, column) = (place / columns, place % columns);
        let shrink = ((widths[column] - 0.2) / width.max(0.1)).min(1.0);
        let start = match right {
            true => lefts[column + 1] - padding / 2.0 - width * shrink,
            false => lefts[column] + padding / 2.0,
        };
        let foot = (row as f32 + 0.5) * pitch + 0.5;
        marks.extend(
            cell.into_iter()
                .map(|mark| mark.moved(shrink, [start, foot])),
        );
    }
    if rng.random_bool(0.55) {
        marks.push(rulings(&lefts, rows, pitch, rng));
    }
    Page::fit(marks, writer, rng)
}

/// Up to about eighty separate digits.
pub fn dense(writer: &Writer, rng: &mut SeededRng) -> Page {
    let columns = 4 + rng.below(7);
    let rows = 3 + rng.below(6);
    let (across, down) = (rng.uniform(1.1, 2.2) as f32, rng.uniform(1.3, 2.2) as f32);
    let stray = rng.uniform(0.0, 0.12);
    let mut marks = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            // The last row is often unfinished.
            if row + 1 == rows && column > 0 && rng.random_bool(0.1) {
                break;
            }
            let x = column as f32 * across + rng.approx_normal(stray) as f32;
            let y = row as f32 * down + rng.approx_normal(stray) as f32;
            let height = 1.0 + rng.approx_normal(stray) as f32;
            let turned = writer.digit(rng).turned(rng.approx_normal(stray) as f32);
            marks.push(turned.moved(height, [x, y]));
        }
    }
    Page::fit(marks, writer, rng)
}

/// A square grid of cells, as of a bingo card or a sudoku, some of them empty.
pub fn squares(writer: &Writer, rng: &mut SeededRng) -> Page {
    let count = *rng.choose(&[3, 3, 4, 5, 5, 6, 9]);
    let most = if count < 6 && rng.random_bool(0.4) {
        2
    } else {
        1
    };
    let filled = rng.uniform(0.3, 1.0);
    let habit = Habit::level(rng);
    let size = rng.uniform(1.4, 2.2) as f32 * if most == 2 { 1.3 } else { 1.0 };
    let mut marks = Vec::new();
    for row in 0..count {
        for column in 0..count {
            if !rng.random_bool(filled) {
                continue;
            }
            let items = vec![Item::Digit; 1 + rng.below(most) as usize];
            let centre = [(column as f32 + 0.5) * size, (row as f32 + 0.5) * size];
            let cell = row::write(writer, &items, &habit, rng);
            marks.extend(centred(cell, centre, size * 0.9));
        }
    }
    let lefts: Vec<f32> = (0..=count).map(|line| line as f32 * size).collect();
    marks.push(rulings(&lefts, count, size, rng));
    if count == 9 {
        let thick: Vec<f32> = [0.0, 3.0, 6.0, 9.0].map(|line| line * size).to_vec();
        let width = rng.uniform(1.5, 3.0) as f32;
        marks.push(Mark::ruling(grid(&thick, 3, 3.0 * size), width));
    }
    Page::fit(marks, writer, rng)
}

/// Marks around a centre, shrunk if they are larger than `room`.
pub fn centred(marks: Vec<Mark>, centre: Point, room: f32) -> impl Iterator<Item = Mark> {
    let extent = mark::extent(&marks);
    let (scale, middle) = extent.map_or((1.0, [0.0, 0.0]), |extent| {
        let scale = (room / extent.width().max(extent.height())).min(1.0);
        let middle = [extent.left + extent.right, extent.top + extent.bottom];
        (scale, middle.map(|sum| sum / 2.0))
    });
    let shift = [centre[0] - middle[0] * scale, centre[1] - middle[1] * scale];
    marks.into_iter().map(move |mark| mark.moved(scale, shift))
}

/// Lines of a table, printed or drawn: all of them, or only those between rows or columns.
pub fn rulings(lefts: &[f32], rows: usize, pitch: f32, rng: &mut SeededRng) -> Mark {
    let lines = grid(lefts, rows, pitch);
    let upright = lefts.len();
    let lines = match rng.weighted_index(&[0.7, 0.2, 0.1]) {
        0 => lines,
        1 => lines[upright..].to_vec(),
        _ => lines[..upright].to_vec(),
    };
    match rng.random_bool(0.7) {
        true => Mark::ruling(lines, rng.log_uniform(0.6, 3.0) as f32),
        false => {
            let by_hand = lines
                .iter()
                .map(|line| strike::waved(line[0], line[1], rng));
            Mark::strokes(by_hand.collect())
        }
    }
}

/// Vertical lines at `lefts`, then the horizontal lines above and below each row.
fn grid(lefts: &[f32], rows: usize, pitch: f32) -> Vec<Vec<Point>> {
    let (first, last) = (lefts[0], lefts[lefts.len() - 1]);
    let bottom = rows as f32 * pitch;
    let down = lefts.iter().map(|&x| vec![[x, 0.0], [x, bottom]]);
    let across = (0..=rows).map(|row| row as f32 * pitch);
    down.chain(across.map(|y| vec![[first, y], [last, y]]))
        .collect()
}
