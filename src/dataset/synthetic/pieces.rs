//! What is left, and what comes together, where digits are not taken one by one.

use super::chance::Chance;
use super::glyphs;
use super::hand::{self, Dot, Writing};
use super::stroke::Stroke;

/// Digits of which the left part is no digit.
const LEFT_IS_NONE: [u8; 3] = [0, 3, 8];

/// Several digits as one, a part of a digit, or one turned, mirrored or crossed out.
pub fn write(chance: &mut Chance) -> Writing {
    match chance.pick(&[0.34, 0.1, 0.2, 0.12, 0.12, 0.12]) {
        0 => hand::write_strokes(chance, |chance| row(2, chance)),
        1 => hand::write_strokes(chance, |chance| row(3, chance)),
        2 => part(chance),
        3 => hand::write_strokes(chance, turned),
        4 => hand::write_strokes(chance, mirrored),
        _ => hand::write_strokes(chance, crossed_out),
    }
}

/// Digits side by side.
fn row(count: usize, chance: &mut Chance) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    let mut right = 0.0;
    for _ in 0..count {
        let digit = chance.below(10) as u8;
        let mut next = glyphs::strokes(digit, chance);
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
    strokes
        .iter()
        .flat_map(|stroke| &stroke.knots)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), knot| {
            (low.min(knot.x), high.max(knot.x))
        })
}

/// What a cut from top to bottom leaves of a digit.
fn part(chance: &mut Chance) -> Writing {
    let digit = LEFT_IS_NONE[chance.below(LEFT_IS_NONE.len() as u32) as usize];
    let whole = hand::write(digit, chance);
    let right_side = digit == 0 && chance.happens(0.5);
    let dots = || whole.lines.iter().flatten();
    let left = dots().fold(f64::INFINITY, |left, dot| left.min(dot.x));
    let right = dots().fold(f64::NEG_INFINITY, |right, dot| right.max(dot.x));
    let share = chance.between(0.35, 0.6);
    if (right - left) * share < MIN_PART {
        return hand::write_strokes(chance, |chance| row(2, chance));
    }
    let cut = match right_side {
        true => right - share * (right - left),
        false => left + share * (right - left),
    };
    let kept = |dot: &Dot| (dot.x > cut) == right_side;
    let lines = whole
        .lines
        .iter()
        .flat_map(|line| line.split(|dot| !kept(dot)))
        .filter(|piece| piece.len() > 1)
        .map(<[Dot]>::to_vec)
        .collect();
    Writing { lines, ..whole }
}

/// Width in heights of a digit below which a part of one looks like a stick.
const MIN_PART: f64 = 0.22;

/// A digit lying on its side or standing on its head.
fn turned(chance: &mut Chance) -> Vec<Stroke> {
    let (digit, quarters) = match chance.pick(&[0.75, 0.25]) {
        0 => {
            let lying = [2, 3, 5, 7][chance.below(4) as usize];
            (lying, if chance.happens(0.5) { 1 } else { 3 })
        }
        _ => ([3, 4, 7][chance.below(3) as usize], 2),
    };
    let mut strokes = glyphs::strokes(digit, chance);
    for knot in strokes.iter_mut().flat_map(|stroke| &mut stroke.knots) {
        for _ in 0..quarters {
            (knot.x, knot.y) = (0.5 - knot.y, knot.x + 0.5);
        }
    }
    strokes
}

/// A digit in a mirror, if that is none.
fn mirrored(chance: &mut Chance) -> Vec<Stroke> {
    let digit = [3, 4, 7, 9][chance.below(4) as usize];
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
    let (low, high) = (low.min(-0.2) - 0.1, high.max(0.2) + 0.1);
    let turns = 4 + chance.below(6);
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
