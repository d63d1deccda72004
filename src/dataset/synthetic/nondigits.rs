//! Ink that is no digit: which kinds of it there are, and how often each comes.

use super::chance::Chance;
use super::hand::{self, Writing};
use super::{letters, pieces, scribbles, shapes, sketch};

/// Writes something that nobody would take for one digit.
pub fn write(chance: &mut Chance) -> Writing {
    match chance.pick(&[0.26, 0.19, 0.2, 0.2, 0.15]) {
        0 => letter(letters::SMALL, chance),
        1 => letter(letters::CAPITAL, chance),
        2 => shapes::write(chance),
        3 => pieces::write(chance),
        _ => scribbles::write(chance),
    }
}

/// One of the letters in one of the ways of writing it.
fn letter(alphabet: &[&[&str]], chance: &mut Chance) -> Writing {
    let ways = alphabet[chance.below(alphabet.len() as u32) as usize];
    hand::write_strokes(chance, |chance| sketch::any(ways, chance))
}
