//! Non-digits made of digits: several as one image, rotated or crossed out.

use super::glyphs;
use super::hand::{self, Writing};
use super::stroke::Stroke;
use crate::chance::Chance;

/// Digits and numbers of quarter turns after which they are no digits.
const TURNED: [(u8, u8); 5] = [(2, 1), (2, 3), (3, 1), (3, 2), (3, 3)];

/// Several digits as one image, or a digit rotated or crossed out.
///
/// Halves and mirrored digits are left out: many may be read as another digit.
pub fn write(chance: &mut Chance) -> Writing {
    hand::write_strokes(chance, |chance| {
        match chance.pick(&[0.5, 0.16, 0.16, 0.18]) {
            0 => row(2, any_digit, chance),
            1 => row(3, any_digit, chance),
            2 => turned(chance),
            _ => crossed_out(chance),
        }
    })
}

fn any_digit(chance: &mut Chance) -> Vec<Stroke> {
    glyphs::strokes(chance.below(10) as u8, chance)
}

/// Glyphs side by side.
pub fn row(
    count: usize,
    glyph: impl Fn(&mut Chance) -> Vec<Stroke>,
    chance: &mut Chance,
) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    let mut right = 0.0;
    for _ in 0..count {
        let mut next = glyph(chance);
        let (low, high) = extent(&next);
        // Ones too close to each other would look like a thick one.
        let gap = chance.between(0.14, 0.45);
        let drop = chance.bell(0.05);
        for knot in next.iter_mut().flat_map(|stroke| &mut stroke.knots) {
            knot.x += right + gap - low;
            knot.y += drop;
        }
        right += gap + high - low;
        strokes.append(&mut next);
    }
    strokes
}

/// Leftmost and rightmost knot.
fn extent(strokes: &[Stroke]) -> (f64, f64) {
    strokes
        .iter()
        .flat_map(|stroke| &stroke.knots)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), knot| {
            (low.min(knot.x), high.max(knot.x))
        })
}

/// A digit on its side or upside down.
fn turned(chance: &mut Chance) -> Vec<Stroke> {
    let (digit, quarters) = *chance.one_of(&TURNED);
    let mut strokes = glyphs::strokes(digit, chance);
    for knot in strokes.iter_mut().flat_map(|stroke| &mut stroke.knots) {
        for _ in 0..quarters {
            (knot.x, knot.y) = (0.5 - knot.y, knot.x + 0.5);
        }
    }
    strokes
}

/// A digit crossed out by a zigzag over all of it.
fn crossed_out(chance: &mut Chance) -> Vec<Stroke> {
    let mut strokes = any_digit(chance);
    let (low, high) = extent(&strokes);
    let (low, high) = (low.min(-0.3) - 0.1, high.max(0.3) + 0.1);
    let turns = 6 + chance.below(5);
    let upright = chance.happens(0.4);
    let over = (0..=turns).fold(Stroke::default(), |stroke, turn| {
        let along = f64::from(turn) / f64::from(turns);
        let side = f64::from(turn % 2);
        match upright {
            true => stroke.corner(low + along * (high - low), side + chance.bell(0.04)),
            false => stroke.corner(low + side * (high - low), along + chance.bell(0.04)),
        }
    });
    strokes.push(over);
    strokes
}
