//! Numbers: a single one, or several below each other, some of them with signs.

use super::amount::Notation;
use super::layout::{Page, Writer};
use super::row::{self, Habit, Item};
use super::{Mark, mark, strike};
use crate::random::SeededRng;

/// How often a number, or a page of them, has signs.
const SIGNED_SHARE: f64 = 0.33;

/// One number of 2 to 14 digits.
pub fn one(writer: &Writer, rng: &mut SeededRng) -> Page {
    let habit = Habit::new(rng);
    let length = match rng.weighted_index(&[0.35, 0.4, 0.25]) {
        0 => 2,
        1 => 3 + rng.below(4),
        _ => 6 + rng.below(9),
    };
    let items = match rng.random_bool(SIGNED_SHARE) {
        true => Notation::new(rng).number(rng),
        false => items(length as usize, rng),
    };
    let mut marks = row::write(writer, &items, &habit, rng);
    decorate(&mut marks, rng);
    Page::fit(marks, writer, rng)
}

/// Two to eight rows, ragged or even.
pub fn several(writer: &Writer, rng: &mut SeededRng) -> Page {
    let habit = Habit::new(rng);
    let rows = 2 + rng.below(3) + rng.below(5);
    let longest = 2 + rng.below(8);
    let even = rng.random_bool(0.5);
    let right = rng.random_bool(0.2);
    let leading = rng.uniform(1.15, 2.2) as f32;
    let notation = rng.random_bool(SIGNED_SHARE).then(|| Notation::new(rng));
    let mut marks = Vec::new();
    let mut y = 0.0;
    for _ in 0..rows {
        let length = if even {
            longest
        } else {
            1 + rng.below(longest)
        };
        let items = match notation {
            Some(notation) if rng.random_bool(0.8) => notation.number(rng),
            _ => items(length as usize, rng),
        };
        let mut row = row::write(writer, &items, &habit, rng);
        if rng.random_bool(0.15) {
            decorate(&mut row, rng);
        }
        let Some(extent) = mark::extent(&row) else {
            continue;
        };
        let x = if right {
            -extent.right
        } else {
            rng.approx_normal(0.1) as f32
        };
        // Rows that rise or bend must not overlap the previous row.
        let down = y - extent.top;
        y += extent.height() + leading - 1.0 + rng.approx_normal(0.05) as f32;
        marks.extend(row.into_iter().map(|mark| mark.moved(1.0, [x, down])));
    }
    Page::fit(marks, writer, rng)
}

/// This many digits, sometimes with letters among them.
fn items(length: usize, rng: &mut SeededRng) -> Vec<Item> {
    let letters = if rng.random_bool(0.08) { 0.3 } else { 0.0 };
    (0..length)
        .map(|place| match place > 0 && rng.random_bool(letters) {
            true => Item::Other,
            false => Item::Digit,
        })
        .collect()
}

/// Sometimes crosses out a digit or the row, or draws something around it.
fn decorate(marks: &mut Vec<Mark>, rng: &mut SeededRng) {
    let extra = match rng.weighted_index(&[0.78, 0.06, 0.03, 0.13]) {
        0 => None,
        1 => {
            let at = rng.below(marks.len() as u32) as usize;
            strike::out(&mut marks[at], rng)
        }
        2 => strike::row(marks, rng),
        _ => strike::around(marks, rng),
    };
    marks.extend(extra);
}
