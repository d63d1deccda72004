//! Other readings of a cell: the most probable texts, from the probabilities of its characters.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Cell;
use crate::characters::character;
use crate::recognizer::Symbol;

/// A character less probable than this is never part of a reading: below one in a hundred, the
/// network has in effect ruled it out.
const LEAST_PROBABILITY: f64 = 0.01;

/// Stands for a refused digit.
const REFUSED: char = '?';

/// One reading of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// Its characters, without `?`, unless the network sees no character there.
    pub text: String,
    /// In 0..=1, as if the characters were read independently.
    pub probability: f64,
}

impl Cell {
    /// Its readings, the most probable first. An empty cell has one, the empty text.
    ///
    /// Each is made only when it is asked for, since a number of ten digits may have millions.
    pub fn alternatives(&self) -> impl Iterator<Item = Alternative> + use<> {
        let characters: Vec<_> = self.symbols.iter().map(candidates).collect();
        Alternatives {
            queue: BinaryHeap::from([Choice::new(vec![0; characters.len()], 0, &characters)]),
            characters,
        }
    }
}

/// What a symbol may be, the most probable first.
fn candidates(symbol: &Symbol) -> Vec<(char, f64)> {
    let ranking = symbol.ranking().into_iter();
    let known = ranking.filter_map(|(class, p)| Some((character(class)?, p)));
    let mut candidates: Vec<_> = known.filter(|(_, p)| *p >= LEAST_PROBABILITY).collect();
    let own = symbol.character();
    let is_refused = own == REFUSED && !candidates.is_empty();
    if !is_refused && candidates.iter().all(|(character, _)| *character != own) {
        candidates.push((own, symbol.confidence));
    }
    candidates.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    candidates
}

struct Alternatives {
    /// What each character may be, the most probable first; never empty.
    characters: Vec<Vec<(char, f64)>>,
    queue: BinaryHeap<Choice>,
}

/// One candidate for each character.
struct Choice {
    /// By character, which of its candidates.
    ranks: Vec<u8>,
    /// The last character whose rank was raised; only that and later ones are raised next, so that
    /// no choice is made twice.
    raised: usize,
    probability: f64,
}

impl Choice {
    fn new(ranks: Vec<u8>, raised: usize, characters: &[Vec<(char, f64)>]) -> Self {
        let chosen = ranks.iter().zip(characters);
        let chosen = chosen.filter_map(|(&rank, of)| of.get(usize::from(rank)));
        Self {
            probability: chosen.map(|(_, p)| p).product(),
            ranks,
            raised,
        }
    }
}

impl Iterator for Alternatives {
    type Item = Alternative;

    fn next(&mut self) -> Option<Alternative> {
        let best = self.queue.pop()?;
        for at in best.raised..self.characters.len() {
            if usize::from(best.ranks[at]) + 1 < self.characters[at].len() {
                let mut ranks = best.ranks.clone();
                ranks[at] += 1;
                self.queue.push(Choice::new(ranks, at, &self.characters));
            }
        }
        let chosen = best.ranks.iter().zip(&self.characters);
        Some(Alternative {
            text: chosen.map(|(&rank, of)| of[usize::from(rank)].0).collect(),
            probability: best.probability,
        })
    }
}

impl Ord for Choice {
    fn cmp(&self, other: &Self) -> Ordering {
        // Of equally probable ones, the one with the better first characters.
        let by_probability = self.probability.total_cmp(&other.probability);
        by_probability.then_with(|| other.ranks.cmp(&self.ranks))
    }
}

impl PartialOrd for Choice {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Choice {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::samples::{cell, refused};

    fn all(cell: &Cell) -> Vec<(String, f64)> {
        let rounded = |p: f64| (1e6 * p).round() / 1e6;
        cell.alternatives()
            .map(|other| (other.text, rounded(other.probability)))
            .collect()
    }

    #[test]
    fn the_most_probable_texts_come_first_and_none_twice() {
        let number = cell(&[
            &[('1', 0.6), ('7', 0.4)],
            &[('3', 0.7), ('8', 0.2), ('5', 0.1)],
        ]);
        let expected = [
            ("13", 0.42),
            ("73", 0.28),
            ("18", 0.12),
            ("78", 0.08),
            ("15", 0.06),
            ("75", 0.04),
        ];
        assert_eq!(all(&number), expected.map(|(text, p)| (text.to_owned(), p)));
    }

    #[test]
    fn an_improbable_character_is_never_read() {
        let digit = cell(&[&[('4', 0.981), ('9', 0.01), ('1', 0.009)]]);
        let texts: Vec<_> = digit.alternatives().map(|other| other.text).collect();
        assert_eq!(texts, ["4", "9"]);
    }

    #[test]
    fn a_refused_digit_has_its_guesses() {
        let texts: Vec<_> = all(&refused(&[&[('3', 1.0)], &[('4', 0.4), ('9', 0.3)]]));
        assert_eq!(texts, [("34".to_owned(), 0.4), ("39".to_owned(), 0.3)]);
    }

    #[test]
    fn nothing_was_written_in_an_empty_cell() {
        assert_eq!(all(&cell(&[])), [(String::new(), 1.0)]);
    }

    #[test]
    fn a_long_number_is_read_lazily_in_order() {
        let digit: &[(char, f64)] = &[('1', 0.5), ('7', 0.3), ('4', 0.2)];
        let number = cell(&[digit; 30]);
        let first: Vec<f64> = number
            .alternatives()
            .take(2000)
            .map(|other| other.probability)
            .collect();
        assert_eq!(first.len(), 2000);
        assert!(first.windows(2).all(|pair| pair[0] >= pair[1]));
    }
}
