//! What is left, and what comes together, where digits are not taken one by one.

use super::chance::Chance;
use super::glyphs;
use super::hand::{self, Dot, Writing};
use super::stroke::Stroke;

/// Digits of which the left half is no digit.
const LEFT_IS_NONE: [u8; 3] = [0, 3, 8];
/// Digits that are none after so many quarter turns.
const TURNED: [(u8, u8); 5] = [(2, 1), (2, 3), (3, 1), (3, 2), (3, 3)];
/// Digits that are none in a mirror.
const MIRRORED: [u8; 3] = [3, 7, 9];
/// Width in heights of a digit below which a part of one looks like a stick.
const MIN_PART: f64 = 0.25;

/// Several digits as one, a part of a digit, or one turned, mirrored or crossed out.
pub fn write(chance: &mut Chance) -> Writing {
    match chance.pick(&[0.38, 0.14, 0.12, 0.12, 0.12, 0.12]) {
        0 => numeral(2, chance),
        1 => numeral(3, chance),
        2 => part(chance),
        3 => hand::write_strokes(chance, turned),
        4 => hand::write_strokes(chance, mirrored),
        _ => hand::write_strokes(chance, crossed_out),
    }
}

/// A number of several digits.
fn numeral(count: usize, chance: &mut Chance) -> Writing {
    let digit = |chance: &mut Chance| glyphs::strokes(chance.below(10) as u8, chance);
    hand::write_strokes(chance, |chance| row(count, digit, chance))
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
        // Sticks too near each other would make a thick one.
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
    let knots = strokes.iter().flat_map(|stroke| &stroke.knots);
    range(knots.map(|knot| knot.x))
}

/// Smallest and largest of the numbers.
fn range(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
        (low.min(number), high.max(number))
    })
}

/// The left of what a cut from top to bottom makes of a digit.
fn part(chance: &mut Chance) -> Writing {
    let digit = *chance.one_of(&LEFT_IS_NONE);
    let whole = hand::write(digit, chance);
    let (left, right) = range(whole.lines.iter().flatten().map(|dot| dot.x));
    let wide = (right - left) * chance.between(0.32, 0.45);
    if wide < MIN_PART {
        return numeral(2, chance);
    }
    let beyond = |dot: &Dot| dot.x > left + wide;
    let lines = whole
        .lines
        .iter()
        .flat_map(|line| line.split(beyond))
        .filter(|piece| piece.len() > 1)
        .map(<[Dot]>::to_vec)
        .collect();
    Writing { lines, ..whole }
}

/// A digit lying on its side or standing on its head.
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

/// A digit in a mirror.
fn mirrored(chance: &mut Chance) -> Vec<Stroke> {
    let digit = *chance.one_of(&MIRRORED);
    let mut strokes = glyphs::strokes(digit, chance);
    for knot in strokes.iter_mut().flat_map(|stroke| &mut stroke.knots) {
        knot.x = -knot.x;
    }
    strokes
}

/// A digit under lines that go to and fro over all of it.
fn crossed_out(chance: &mut Chance) -> Vec<Stroke> {
    let mut strokes = glyphs::strokes(chance.below(10) as u8, chance);
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
