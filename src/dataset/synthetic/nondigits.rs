//! Ink that is no digit: its kinds and their frequencies.

use super::hand::{self, Writing};
use super::{letters, pen, pieces, scribbles, shapes, sketch};
use crate::chance::Chance;

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
pub fn write(chance: &mut Chance) -> Writing {
    let kind = kind(chance);
    broad(chance, |chance| match kind {
        Kind::SmallLetter => letter(letters::SMALL, chance),
        Kind::Capital => letter(letters::CAPITAL, chance),
        Kind::Sign => shapes::write(chance),
        Kind::Piece => pieces::write(chance),
        Kind::Scribble => scribbles::write(chance),
    })
}

/// Writes one letter.
pub fn one_letter(chance: &mut Chance) -> Writing {
    let alphabets = [letters::SMALL, letters::CAPITAL, letters::GREEK];
    let alphabet = alphabets[chance.pick(&[0.35, 0.3, 0.35])];
    broad(chance, |chance| {
        hand::write_strokes(chance, |chance| {
            let ways = chance.one_of(alphabet);
            sketch::any(ways, chance)
        })
    })
}

/// Draws a sign, a small drawing or a scribble.
pub fn drawing(chance: &mut Chance) -> Writing {
    let is_sign = chance.happens(0.65);
    broad(chance, |chance| match is_sign {
        true => shapes::write(chance),
        false => scribbles::write(chance),
    })
}

/// Repeats `write` until the result is wide enough.
fn broad(chance: &mut Chance, write: impl Fn(&mut Chance) -> Writing) -> Writing {
    loop {
        let writing = write(chance);
        let (left, top, right, bottom) = pen::bounds(&writing);
        if right - left >= STICK * (bottom - top) {
            return writing;
        }
    }
}

fn kind(chance: &mut Chance) -> Kind {
    SHARES[chance.pick(&SHARES.map(|(_, share)| share))].0
}

/// A letter in one of the ways of writing it, or a few side by side.
fn letter(alphabet: &[&[&str]], chance: &mut Chance) -> Writing {
    let one = |chance: &mut Chance| {
        let ways = chance.one_of(alphabet);
        sketch::any(ways, chance)
    };
    let count = match chance.happens(WORDS) {
        true => 2 + chance.below(2) as usize,
        false => 1,
    };
    hand::write_strokes(chance, |chance| pieces::row(count, one, chance))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_share() {
        let drawn: Vec<Kind> = (0..5000).map(|i| kind(&mut Chance::new(3, i))).collect();
        for (kind, share) in SHARES {
            let count = drawn.iter().filter(|other| **other == kind).count();
            let expected = 5000.0 * share;
            assert!((count as f64 - expected).abs() < 130.0, "{kind:?}: {count}");
        }
    }
}
