//! Pages without a digit: empty ones, and ones with letters, words, drawings or empty forms.

use super::layout::{Page, Writer};
use super::row::{self, Habit, Item};
use super::{Mark, Tool, form, spread, table, text};
use crate::chance::Chance;

/// Anything but digits.
pub fn compose(writer: &Writer, chance: &mut Chance) -> Page {
    match chance.pick(&[0.13, 0.31, 0.12, 0.12, 0.1, 0.12, 0.05, 0.05]) {
        0 => Page::empty(writer, chance),
        1 => one(writer, chance),
        2 => {
            let most = 2 + chance.below(8) + chance.below(8);
            spread::scatter(writer, most, 0.0, chance)
        }
        3 => letters(writer, chance),
        4 => words(writer, chance),
        5 => {
            let lines: Vec<_> = (0..2 + chance.below(9))
                .map(|_| vec![Item::Words; 1 + chance.below(3) as usize])
                .collect();
            text::stack(writer, &lines, false, chance)
        }
        6 => Page::fit(form::blank(writer, chance).0, writer, chance),
        _ => {
            let columns = 1 + chance.below(8);
            let width = chance.between(1.2, 4.0) as f32;
            let lefts: Vec<f32> = (0..=columns).map(|column| column as f32 * width).collect();
            let (rows, pitch) = (1 + chance.below(9), chance.between(1.2, 3.0) as f32);
            let lines = table::rulings(&lefts, rows as usize, pitch, chance);
            Page::fit(vec![lines], writer, chance)
        }
    }
}

/// One letter, sign or drawing, as large as a digit.
fn one(writer: &Writer, chance: &mut Chance) -> Page {
    let glyph = match chance.happens(0.15) {
        true => writer.hand.other(chance),
        false => writer.material.other(writer.split, chance),
    };
    let mark = Mark::glyph(glyph).turned(chance.bell(0.08) as f32);
    Page::fit(vec![mark], writer, chance)
}

/// Rows of letters or other signs, arranged as digits are elsewhere.
fn letters(writer: &Writer, chance: &mut Chance) -> Page {
    let habit = Habit::new(chance).with_min_gap(0.1);
    let length = 1 + chance.below(8) as usize;
    let rows = 1 + chance.below(5);
    let mut marks = Vec::new();
    for row in 0..rows {
        let line = row::write(writer, &vec![Item::Other; length], &habit, chance);
        let y = row as f32 * 1.7;
        marks.extend(line.into_iter().map(|mark| mark.moved(1.0, [0.0, y])));
    }
    Page::fit(marks, writer, chance)
}

/// One or two large words.
fn words(writer: &Writer, chance: &mut Chance) -> Page {
    let tool = *chance.one_of(&[Tool::First, Tool::Printer]);
    let rows = 1 + chance.below(2);
    let marks = (0..rows).map(|row| {
        let words = Mark::glyph(writer.material.words(writer.split, chance));
        let turned = words.turned(chance.bell(0.08) as f32);
        turned.moved(1.0, [0.0, row as f32 * 1.6]).with(tool)
    });
    let marks = marks.collect();
    Page::fit(marks, writer, chance)
}
