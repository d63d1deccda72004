//! Numbers: a single one, or several below each other.

use super::layout::{Page, Writer};
use super::row::{self, Habit, Item};
use super::{Mark, mark, strike};
use crate::chance::Chance;

/// One number of 2 to 14 digits.
pub fn one(writer: &Writer, chance: &mut Chance) -> Page {
    let habit = Habit::new(chance);
    let length = match chance.pick(&[0.35, 0.4, 0.25]) {
        0 => 2,
        1 => 3 + chance.below(4),
        _ => 6 + chance.below(9),
    };
    let items = items(length as usize, chance);
    let mut marks = row::write(writer, &items, &habit, chance);
    decorate(&mut marks, chance);
    Page::fit(marks, writer, chance)
}

/// Two to eight rows, ragged or even.
pub fn several(writer: &Writer, chance: &mut Chance) -> Page {
    let habit = Habit::new(chance);
    let rows = 2 + chance.below(3) + chance.below(5);
    let longest = 2 + chance.below(8);
    let even = chance.happens(0.5);
    let right = chance.happens(0.2);
    let leading = chance.between(1.15, 2.2) as f32;
    let mut marks = Vec::new();
    let mut y = 0.0;
    for _ in 0..rows {
        let length = if even {
            longest
        } else {
            1 + chance.below(longest)
        };
        let mut row = row::write(writer, &items(length as usize, chance), &habit, chance);
        if chance.happens(0.15) {
            decorate(&mut row, chance);
        }
        let Some(extent) = mark::extent(&row) else {
            continue;
        };
        let x = if right {
            -extent.right
        } else {
            chance.bell(0.1) as f32
        };
        // Rows that rise or bend must not overlap the previous row.
        let down = y - extent.top;
        y += extent.height() + leading - 1.0 + chance.bell(0.05) as f32;
        marks.extend(row.into_iter().map(|mark| mark.moved(1.0, [x, down])));
    }
    Page::fit(marks, writer, chance)
}

/// This many digits, sometimes with letters among them.
fn items(length: usize, chance: &mut Chance) -> Vec<Item> {
    let letters = if chance.happens(0.08) { 0.3 } else { 0.0 };
    (0..length)
        .map(|place| match place > 0 && chance.happens(letters) {
            true => Item::Other,
            false => Item::Digit,
        })
        .collect()
}

/// Sometimes crosses out a digit or the row, or draws something around it.
fn decorate(marks: &mut Vec<Mark>, chance: &mut Chance) {
    let extra = match chance.pick(&[0.78, 0.06, 0.03, 0.13]) {
        0 => None,
        1 => {
            let at = chance.below(marks.len() as u32) as usize;
            strike::out(&mut marks[at], chance)
        }
        2 => strike::row(marks, chance),
        _ => strike::around(marks, chance),
    };
    marks.extend(extra);
}
