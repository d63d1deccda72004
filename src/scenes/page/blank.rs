//! Pages without a digit: empty ones, and ones with letters, words, drawings or empty forms.

use super::layout::{Page, Writer};
use super::row::{self, Habit, Item};
use super::{Mark, Tool, form, spread, table, text};
use crate::random::SeededRng;

/// Anything but digits.
pub fn compose(writer: &Writer, rng: &mut SeededRng) -> Page {
    match rng.weighted_index(&[0.13, 0.31, 0.12, 0.12, 0.1, 0.12, 0.05, 0.05]) {
        0 => Page::empty(writer, rng),
        1 => one(writer, rng),
        2 => {
            let most = 2 + rng.below(8) + rng.below(8);
            spread::scatter(writer, most, 0.0, rng)
        }
        3 => letters(writer, rng),
        4 => words(writer, rng),
        5 => {
            let lines: Vec<_> = (0..2 + rng.below(9))
                .map(|_| vec![Item::Words; 1 + rng.below(3) as usize])
                .collect();
            text::stack(writer, &lines, false, rng)
        }
        6 => Page::fit(form::blank(writer, rng).0, writer, rng),
        _ => {
            let columns = 1 + rng.below(8);
            let width = rng.uniform(1.2, 4.0) as f32;
            let lefts: Vec<f32> = (0..=columns).map(|column| column as f32 * width).collect();
            let (rows, pitch) = (1 + rng.below(9), rng.uniform(1.2, 3.0) as f32);
            let lines = table::rulings(&lefts, rows as usize, pitch, rng);
            Page::fit(vec![lines], writer, rng)
        }
    }
}

/// One letter, sign or drawing, as large as a digit.
fn one(writer: &Writer, rng: &mut SeededRng) -> Page {
    let glyph = match rng.random_bool(0.15) {
        true => writer.hand.other(rng),
        false => writer.material.other(writer.split, rng),
    };
    let mark = Mark::glyph(glyph).turned(rng.approx_normal(0.08) as f32);
    Page::fit(vec![mark], writer, rng)
}

/// Rows of letters or other signs, arranged as digits are elsewhere.
fn letters(writer: &Writer, rng: &mut SeededRng) -> Page {
    let habit = Habit::new(rng).with_min_gap(0.1);
    let length = 1 + rng.below(8) as usize;
    let rows = 1 + rng.below(5);
    let mut marks = Vec::new();
    for row in 0..rows {
        let line = row::write(writer, &vec![Item::Other; length], &habit, rng);
        let y = row as f32 * 1.7;
        marks.extend(line.into_iter().map(|mark| mark.moved(1.0, [0.0, y])));
    }
    Page::fit(marks, writer, rng)
}

/// One or two large words.
fn words(writer: &Writer, rng: &mut SeededRng) -> Page {
    let tool = *rng.choose(&[Tool::First, Tool::Printer]);
    let rows = 1 + rng.below(2);
    let marks = (0..rows).map(|row| {
        let words = Mark::glyph(writer.material.words(writer.split, rng));
        let turned = words.turned(rng.approx_normal(0.08) as f32);
        turned.moved(1.0, [0.0, row as f32 * 1.6]).with(tool)
    });
    let marks = marks.collect();
    Page::fit(marks, writer, rng)
}
