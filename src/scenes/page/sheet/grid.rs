//! Tables: rows and columns of numbers, with or without lines and words.

use super::super::layout::Writer;
use super::super::row::Habit;
use super::super::{Bounds, Tool};
use super::draft::{NumberSheet, cell};
use super::entry::{Entry, Numbers};
use super::ruler::Stroke;
use crate::random::SeededRng;
use crate::scenes::TrueTable;

/// What a cell of a table may hold.
#[derive(Clone, Copy)]
enum Content {
    Empty,
    Words,
    Number(Numbers),
}

/// How the cells of a table are arranged.
struct Plan {
    /// Row by row.
    contents: Vec<Content>,
    columns: usize,
    /// Height of a row.
    pitch: f32,
    /// Empty width in a column.
    padding: f32,
    /// Least width of a column.
    width: f32,
    /// The place of a number in its cell, from 0 at the left to 1 at the right.
    align: f32,
    /// What words are written with.
    words: Tool,
}

/// A table of up to `most` rows, with lines or without.
pub fn table(
    writer: &Writer,
    habit: &Habit,
    has_signs: bool,
    most: usize,
    has_lines: bool,
    rng: &mut SeededRng,
) -> NumberSheet {
    let rows = (4 + rng.below(21) as usize).min(most);
    let columns = 2 + rng.below(7) as usize;
    let (head, words) = (rng.random_bool(0.4), rng.random_bool(0.3));
    let filled = 1.0 - *rng.choose(&[0.0, 0.05, 0.1, 0.25]);
    let longest = 6.min(1 + rng.below(7 - columns.min(6) as u32));
    let numbers: Vec<_> = (0..columns)
        .map(|_| Numbers::new(longest, has_signs, rng))
        .collect();
    let content = |at: usize, rng: &mut SeededRng| match (at / columns, at % columns) {
        (0, _) if head => Content::Words,
        (_, 0) if words => Content::Words,
        (_, column) if rng.random_bool(filled) => Content::Number(numbers[column]),
        _ => Content::Empty,
    };
    let contents = (0..rows * columns).map(|at| content(at, rng)).collect();
    let padding = match has_lines {
        true => rng.uniform(0.6, 1.6),
        // Only distance parts the columns.
        false => rng.uniform(1.6, 3.5),
    };
    let plan = Plan {
        contents,
        columns,
        pitch: rng.uniform(1.5, 2.4) as f32,
        padding: padding as f32,
        width: if head || words { 3.0 } else { 1.5 },
        align: align(rng),
        words: *rng.choose(&[Tool::First, Tool::Printer]),
    };
    let (mut sheet, lefts) = plan.write(writer, habit, rng);
    if has_lines {
        let stroke = Stroke::new(rng);
        let lines = rng.weighted_index(&[0.7, 0.2, 0.1]);
        rule(
            &mut sheet,
            &lefts,
            rows,
            plan.pitch,
            stroke,
            [lines != 1, lines != 2],
        );
    }
    sheet
}

/// Numbers below each other, sometimes in two columns.
pub fn column(writer: &Writer, habit: &Habit, has_signs: bool, rng: &mut SeededRng) -> NumberSheet {
    let columns = 1 + rng.weighted_index(&[0.6, 0.4]);
    let rows = 20 / columns + rng.below(8) as usize;
    let longest = 2 + rng.below(5);
    let numbers: Vec<_> = (0..columns)
        .map(|_| Numbers::new(longest, has_signs, rng))
        .collect();
    let contents = (0..rows * columns).map(|at| Content::Number(numbers[at % columns]));
    let plan = Plan {
        contents: contents.collect(),
        columns,
        pitch: rng.uniform(1.4, 2.2) as f32,
        padding: rng.uniform(2.5, 6.0) as f32,
        width: 1.0,
        align: align(rng),
        words: Tool::First,
    };
    plan.write(writer, habit, rng).0
}

/// Names above, a column for the rounds, and sums below a second line.
pub fn scores(writer: &Writer, habit: &Habit, rng: &mut SeededRng) -> NumberSheet {
    let rows = 7 + rng.below(12) as usize;
    let columns = 3 + rng.below(4) as usize;
    let has_rounds = rng.random_bool(0.5);
    let content = |at: usize| match (at / columns, at % columns) {
        (0, 0) if has_rounds => Content::Empty,
        (0, _) => Content::Words,
        (_, 0) if has_rounds => Content::Number(Numbers::Whole(1)),
        (row, _) if row + 1 == rows => Content::Number(Numbers::Whole(3)),
        _ => Content::Number(Numbers::Whole(2)),
    };
    let plan = Plan {
        contents: (0..rows * columns).map(content).collect(),
        columns,
        pitch: rng.uniform(1.5, 2.2) as f32,
        padding: rng.uniform(0.8, 2.0) as f32,
        width: rng.uniform(3.0, 4.5) as f32,
        align: 0.5,
        words: Tool::First,
    };
    let (mut sheet, lefts) = plan.write(writer, habit, rng);
    let stroke = Stroke::new(rng);
    rule(&mut sheet, &lefts, rows, plan.pitch, stroke, [true; 2]);
    let last = (rows - 1) as f32 * plan.pitch;
    let ends = [lefts[0], lefts[columns]];
    let y = last - 0.15;
    sheet.line([ends[0], y], [ends[1], y], stroke);
    sheet
}

/// A sudoku, about a third of it filled.
pub fn sudoku(writer: &Writer, habit: &Habit, rng: &mut SeededRng) -> NumberSheet {
    let size = rng.uniform(1.5, 2.2) as f32;
    let filled = rng.uniform(0.27, 0.45);
    let content = |rng: &mut SeededRng| match rng.random_bool(filled) {
        true => Content::Number(Numbers::Whole(1)),
        false => Content::Empty,
    };
    let plan = Plan {
        contents: (0..81).map(|_| content(rng)).collect(),
        columns: 9,
        pitch: size,
        padding: 0.0,
        width: size,
        align: 0.5,
        words: Tool::First,
    };
    let (mut sheet, lefts) = plan.write(writer, habit, rng);
    let stroke = match rng.random_bool(0.75) {
        true => Stroke::printed(rng),
        false => Stroke::new(rng),
    };
    rule(&mut sheet, &lefts, 9, size, stroke, [true; 2]);
    let thick = stroke.bolder(rng.uniform(1.6, 2.6) as f32);
    let blocks: Vec<f32> = lefts.iter().copied().step_by(3).collect();
    rule(&mut sheet, &blocks, 3, 3.0 * size, thick, [true; 2]);
    sheet
}

impl Plan {
    /// Writes the cells, and says where the columns end: the left of the first, and the right of
    /// each.
    fn write(
        &self,
        writer: &Writer,
        habit: &Habit,
        rng: &mut SeededRng,
    ) -> (NumberSheet, Vec<f32>) {
        let mut entries: Vec<Option<Entry>> = Vec::with_capacity(self.contents.len());
        for content in &self.contents {
            entries.push(match content {
                Content::Empty => None,
                Content::Words => Entry::words(writer, rng.uniform(0.8, 1.1) as f32, 7.0, rng),
                Content::Number(numbers) => Entry::number(writer, *numbers, habit, rng),
            });
        }
        let mut lefts = vec![0.0];
        for column in 0..self.columns {
            let numbers = entries.iter().skip(column).step_by(self.columns).flatten();
            // Words are shrunk to fit, numbers are not.
            let widest = numbers.fold(0.0, |widest: f32, entry| {
                let width = entry.extent.width();
                widest.max(if entry.text.is_some() {
                    width
                } else {
                    0.6 * width
                })
            });
            lefts.push(lefts[column] + (widest + self.padding).max(self.width));
        }
        let mut sheet = NumberSheet::default();
        let mut cells = vec![];
        for (at, entry) in entries.into_iter().enumerate() {
            let (row, column) = (at / self.columns, at % self.columns);
            let bounds = Bounds {
                left: lefts[column],
                top: row as f32 * self.pitch,
                right: lefts[column + 1],
                bottom: (row + 1) as f32 * self.pitch,
            };
            let Some(entry) = entry else {
                cells.push(cell(Some(String::new()), &bounds));
                continue;
            };
            cells.push(cell(entry.text.clone(), &bounds));
            let tool = match entry.text {
                Some(_) => Tool::First,
                None => self.words,
            };
            place(
                &mut sheet,
                entry,
                &bounds,
                self.align,
                self.padding,
                tool,
                rng,
            );
        }
        sheet.tables.push(TrueTable {
            rows: cells.len() / self.columns,
            columns: self.columns,
            cells,
        });
        (sheet, lefts)
    }
}

/// Writes something into a box, shrunk if it is too large for it.
fn place(
    sheet: &mut NumberSheet,
    entry: Entry,
    bounds: &Bounds,
    align: f32,
    padding: f32,
    tool: Tool,
    rng: &mut SeededRng,
) {
    let room = [bounds.width() - 0.3, bounds.height() - 0.2];
    let size = [entry.extent.width(), entry.extent.height()];
    let scale = (room[0] / size[0]).min(room[1] / size[1]).min(1.0);
    let margin = (padding / 2.0).max(0.15);
    let free = (bounds.width() - 2.0 * margin - size[0] * scale).max(0.0);
    let left = (bounds.left + bounds.right - size[0] * scale - free) / 2.0 + align * free;
    let top = (bounds.top + bounds.bottom - size[1] * scale) / 2.0;
    let mut stray = |free: f32| rng.approx_normal(0.05) as f32 * free.min(1.5);
    let shift = [
        left + stray(free) - entry.extent.left * scale,
        top + stray(bounds.height() - size[1] * scale) - entry.extent.top * scale,
    ];
    sheet.write(entry, scale, shift, tool);
}

fn align(rng: &mut SeededRng) -> f32 {
    *rng.choose(&[0.0, 0.5, 1.0, 1.0])
}

/// Rules a table from the top left: the lines between columns, and those between rows.
fn rule(
    sheet: &mut NumberSheet,
    lefts: &[f32],
    rows: usize,
    pitch: f32,
    stroke: Stroke,
    [upright, level]: [bool; 2],
) {
    let (first, last) = (lefts[0], lefts[lefts.len() - 1]);
    if upright {
        for &x in lefts {
            sheet.line([x, 0.0], [x, rows as f32 * pitch], stroke);
        }
    }
    if level {
        for row in 0..=rows {
            let y = row as f32 * pitch;
            sheet.line([first, y], [last, y], stroke);
        }
    }
}
