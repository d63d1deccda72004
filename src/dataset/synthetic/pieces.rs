//! Non-digits made of digits: several as one image, rotated or crossed out.

use super::glyphs;
use super::hand::{self, Writing};
use super::stroke::Stroke;
use crate::random::SeededRng;

/// Digits and numbers of quarter turns after which they are no digits.
const TURNED: [(u8, u8); 5] = [(2, 1), (2, 3), (3, 1), (3, 2), (3, 3)];

/// Several digits as one image, or a digit rotated or crossed out.
///
/// Halves and mirrored digits are left out: many may be read as another digit.
pub fn write(rng: &mut SeededRng) -> Writing {
    hand::write_strokes(rng, |rng| {
        match rng.weighted_index(&[0.5, 0.16, 0.16, 0.18]) {
            0 => row(2, any_digit, rng),
            1 => row(3, any_digit, rng),
            2 => turned(rng),
            _ => crossed_out(rng),
        }
    })
}

fn any_digit(rng: &mut SeededRng) -> Vec<Stroke> {
    glyphs::strokes(rng.below(10) as u8, rng)
}

/// Glyphs side by side.
pub fn row(
    count: usize,
    glyph: impl Fn(&mut SeededRng) -> Vec<Stroke>,
    rng: &mut SeededRng,
) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    let mut right = 0.0;
    for _ in 0..count {
        let mut next = glyph(rng);
        let (low, high) = extent(&next);
        // Ones too close to each other would look like a thick one.
        let gap = rng.uniform(0.14, 0.45);
        let drop = rng.approx_normal(0.05);
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
fn turned(rng: &mut SeededRng) -> Vec<Stroke> {
    let (digit, quarters) = *rng.choose(&TURNED);
    let mut strokes = glyphs::strokes(digit, rng);
    for knot in strokes.iter_mut().flat_map(|stroke| &mut stroke.knots) {
        for _ in 0..quarters {
            (knot.x, knot.y) = (0.5 - knot.y, knot.x + 0.5);
        }
    }
    strokes
}

/// A digit crossed out by a zigzag over all of it.
fn crossed_out(rng: &mut SeededRng) -> Vec<Stroke> {
    let mut strokes = any_digit(rng);
    let (low, high) = extent(&strokes);
    let (low, high) = (low.min(-0.3) - 0.1, high.max(0.3) + 0.1);
    let turns = 6 + rng.below(5);
    let upright = rng.random_bool(0.4);
    let over = (0..=turns).fold(Stroke::default(), |stroke, turn| {
        let along = f64::from(turn) / f64::from(turns);
        let side = f64::from(turn % 2);
        match upright {
            true => stroke.corner(low + along * (high - low), side + rng.approx_normal(0.04)),
            false => stroke.corner(low + side * (high - low), along + rng.approx_normal(0.04)),
        }
    });
    strokes.push(over);
    strokes
}
