//! Ink that is no digit: its kinds and their frequencies.

use super::hand::{self, Writing};
use super::{letters, pen, pieces, scribbles, shapes, sketch};
use crate::random::SeededRng;

/// The kinds of such ink.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    SmallLetter,
    Capital,
    Sign,
    Piece,
    Scribble,
}

/// The share of each kind.
const SHARES: [(Kind, f64); 5] = [
    (Kind::SmallLetter, 0.26),
    (Kind::Capital, 0.19),
    (Kind::Sign, 0.2),
    (Kind::Piece, 0.2),
    (Kind::Scribble, 0.15),
];

/// Fraction of the letters that come as groups of two or three, as in a word.
const WORDS: f64 = 0.12;

/// Aspect ratio (width to height) below which ink may be taken for a one.
const STICK: f64 = 0.5;

/// Writes something that cannot be mistaken for a digit.
pub fn write(rng: &mut SeededRng) -> Writing {
    let kind = kind(rng);
    broad(rng, |rng| match kind {
        Kind::SmallLetter => letter(letters::SMALL, rng),
        Kind::Capital => letter(letters::CAPITAL, rng),
        Kind::Sign => shapes::write(rng),
        Kind::Piece => pieces::write(rng),
        Kind::Scribble => scribbles::write(rng),
    })
}

/// Writes one letter.
pub fn one_letter(rng: &mut SeededRng) -> Writing {
    let alphabets = [letters::SMALL, letters::CAPITAL, letters::GREEK];
    let alphabet = alphabets[rng.weighted_index(&[0.35, 0.3, 0.35])];
    broad(rng, |rng| {
        hand::write_strokes(rng, |rng| {
            let ways = rng.choose(alphabet);
            sketch::any(ways, rng)
        })
    })
}

/// Draws a sign, a small drawing or a scribble.
pub fn drawing(rng: &mut SeededRng) -> Writing {
    let is_sign = rng.random_bool(0.65);
    broad(rng, |rng| match is_sign {
        true => shapes::write(rng),
        false => scribbles::write(rng),
    })
}

/// Repeats `write` until the result is wide enough.
fn broad(rng: &mut SeededRng, write: impl Fn(&mut SeededRng) -> Writing) -> Writing {
    loop {
        let writing = write(rng);
        let (left, top, right, bottom) = pen::bounds(&writing);
        if right - left >= STICK * (bottom - top) {
            return writing;
        }
    }
}

fn kind(rng: &mut SeededRng) -> Kind {
    SHARES[rng.weighted_index(&SHARES.map(|(_, share)| share))].0
}

/// A letter in one of the ways of writing it, or a few side by side.
fn letter(alphabet: &[&[&str]], rng: &mut SeededRng) -> Writing {
    let one = |rng: &mut SeededRng| {
        let ways = rng.choose(alphabet);
        sketch::any(ways, rng)
    };
    let count = match rng.random_bool(WORDS) {
        true => 2 + rng.below(2) as usize,
        false => 1,
    };
    hand::write_strokes(rng, |rng| pieces::row(count, one, rng))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_share() {
        let drawn: Vec<Kind> = (0..5000).map(|i| kind(&mut SeededRng::new(3, i))).collect();
        for (kind, share) in SHARES {
            let count = drawn.iter().filter(|other| **other == kind).count();
            let expected = 5000.0 * share;
            assert!((count as f64 - expected).abs() < 130.0, "{kind:?}: {count}");
        }
    }
}
