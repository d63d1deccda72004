//! The division into training and validation, by name so that it never changes.

use super::super::Split;
use crate::random::SeededRng;

/// Share of everything that is for validation, in percent.
const VALIDATION: u64 = 15;

/// Items for training and items for validation.
#[derive(Debug)]
pub struct BySplit<T> {
    /// For training.
    pub training: Vec<T>,
    /// For validation.
    pub validation: Vec<T>,
}

impl<T> Default for BySplit<T> {
    fn default() -> Self {
        Self {
            training: Vec::new(),
            validation: Vec::new(),
        }
    }
}

impl<T> BySplit<T> {
    /// All items of a split.
    pub fn of(&self, split: Split) -> &[T] {
        match split {
            Split::Training => &self.training,
            Split::Validation => &self.validation,
        }
    }

    /// Adds an item to the split that its `name` determines.
    pub fn add(&mut self, name: &str, item: T) {
        match split_of(name) {
            Split::Training => self.training.push(item),
            Split::Validation => self.validation.push(item),
        }
    }

    /// A random item of a split, if it has any.
    pub fn one(&self, split: Split, rng: &mut SeededRng) -> Option<&T> {
        let items = self.of(split);
        (!items.is_empty()).then(|| rng.choose(items))
    }

    /// 1 if a split has any items, else 0: a factor for shares.
    pub fn any(&self, split: Split) -> f64 {
        if self.of(split).is_empty() { 0.0 } else { 1.0 }
    }
}

/// The split of everything with this name: the same on every machine and in every version.
pub fn split_of(name: &str) -> Split {
    // FNV-1a (Fowler, Noll, Vo) with a final mix, since its low bits depend mostly on the last
    // letters.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    match (mixed >> 32) % 100 < VALIDATION {
        true => Split::Validation,
        false => Split::Training,
    }
}
