//! Numbers in text: lines of words, lists, dates, amounts and sums.

use super::amount::Notation;
use super::layout::{Page, Writer};
use super::row::{self, Habit, Item};
use super::sign::Sign;
use super::{Mark, mark};
use crate::random::SeededRng;

/// Lines of words with a number in some of them, or a list whose items are numbered.
pub fn lines(writer: &Writer, rng: &mut SeededRng) -> Page {
    let list = rng.random_bool(0.4);
    let count = 1 + rng.below(if list { 6 } else { 5 });
    let lines = (0..count)
        .map(|_| match list {
            true => {
                let mut items = vec![Item::Digit; 1 + rng.below(2) as usize];
                items.push(Item::Sign(*rng.choose(&[Sign::Point, Sign::Close])));
                items.extend([Item::Space(0.4), Item::Words]);
                items
            }
            false => {
                let mut items = Vec::new();
                for part in 0..1 + rng.below(3) {
                    if part > 0 {
                        items.push(Item::Space(0.4));
                    }
                    match rng.random_bool(0.5) {
                        true => items.push(Item::Words),
                        false => items.extend(vec![Item::Digit; 1 + rng.below(4) as usize]),
                    }
                }
                items
            }
        })
        .collect::<Vec<_>>();
    stack(writer, &lines, false, rng)
}

/// Dates, times, prices: each line in a notation of its own.
pub fn amounts(writer: &Writer, rng: &mut SeededRng) -> Page {
    let lines = (0..1 + rng.below(4))
        .map(|_| {
            let mut items = Notation::new(rng).number(rng);
            if rng.random_bool(0.2) {
                items.extend([Item::Space(0.3), Item::Other]);
            }
            items
        })
        .collect::<Vec<_>>();
    let right = rng.random_bool(0.3);
    stack(writer, &lines, right, rng)
}

/// Sums in a row, or as a column above a line.
pub fn sums(writer: &Writer, rng: &mut SeededRng) -> Page {
    let signs = [Sign::Plus, Sign::Dash, Sign::Times, Sign::Over];
    if rng.random_bool(0.4) {
        return column(writer, &signs[..3], rng);
    }
    let lines = (0..1 + rng.below(5))
        .map(|_| {
            let number = |rng: &mut SeededRng| vec![Item::Digit; 1 + rng.below(3) as usize];
            let mut items = number(rng);
            items.push(Item::Sign(*rng.choose(&signs)));
            items.extend(number(rng));
            items.push(Item::Sign(Sign::Equals));
            if rng.random_bool(0.8) {
                items.extend(number(rng));
            }
            items
        })
        .collect::<Vec<_>>();
    stack(writer, &lines, false, rng)
}

/// Two to four numbers, a line, and their result.
fn column(writer: &Writer, signs: &[Sign], rng: &mut SeededRng) -> Page {
    let habit = Habit::level(rng).with_min_gap(0.1);
    let rows = 3 + rng.below(3);
    let length = 2 + rng.below(4);
    let leading = rng.uniform(1.3, 1.8) as f32;
    let mut marks = Vec::new();
    for row in 0..rows {
        let mut items = vec![Item::Digit; (length - rng.below(2)) as usize];
        if row + 2 == rows {
            items.insert(0, Item::Sign(*rng.choose(signs)));
        }
        let line = row::write(writer, &items, &habit, rng);
        let right = mark::extent(&line).map_or(0.0, |extent| extent.right);
        let shift = [-right, row as f32 * leading];
        marks.extend(line.into_iter().map(|mark| mark.moved(1.0, shift)));
    }
    let y = (rows - 2) as f32 * leading + (leading - 1.0) * 0.5;
    let left = mark::extent(&marks).map_or(0.0, |extent| extent.left);
    let line = super::strike::waved([left, y], [0.1, y], rng);
    marks.push(Mark::strokes(vec![line]));
    Page::fit(marks, writer, rng)
}

/// Lines below each other, aligned at the left or at the right.
pub fn stack(writer: &Writer, lines: &[Vec<Item>], right: bool, rng: &mut SeededRng) -> Page {
    let habit = Habit::level(rng);
    let leading = rng.uniform(1.4, 2.2) as f32;
    let mut marks = Vec::new();
    for (line, items) in lines.iter().enumerate() {
        let row = row::write(writer, items, &habit, rng);
        let end = mark::extent(&row).map_or(0.0, |extent| extent.right);
        let shift = [if right { -end } else { 0.0 }, line as f32 * leading];
        marks.extend(row.into_iter().map(|mark| mark.moved(1.0, shift)));
    }
    Page::fit(marks, writer, rng)
}
