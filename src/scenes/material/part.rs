//! What trains and what validates, parted by name so that it stays so.

use super::super::Part;
use crate::chance::Chance;

/// Share of everything that only validates, in percent.
const VALIDATION: u64 = 15;

/// Things for training and things for validation.
#[derive(Debug)]
pub struct Halves<T> {
    /// For training.
    pub training: Vec<T>,
    /// For validation.
    pub validation: Vec<T>,
}

impl<T> Default for Halves<T> {
    fn default() -> Self {
        Self {
            training: Vec::new(),
            validation: Vec::new(),
        }
    }
}

impl<T> Halves<T> {
    /// All things of a part.
    pub fn of(&self, part: Part) -> &[T] {
        match part {
            Part::Training => &self.training,
            Part::Validation => &self.validation,
        }
    }

    /// Adds a thing to the part that its `name` decides on.
    pub fn add(&mut self, name: &str, thing: T) {
        match part_of(name) {
            Part::Training => self.training.push(thing),
            Part::Validation => self.validation.push(thing),
        }
    }

    /// One of a part's, if it has any.
    pub fn one(&self, part: Part, chance: &mut Chance) -> Option<&T> {
        let things = self.of(part);
        (!things.is_empty()).then(|| chance.one_of(things))
    }

    /// 1 where a part has any, else 0: a factor for shares.
    pub fn any(&self, part: Part) -> f64 {
        if self.of(part).is_empty() { 0.0 } else { 1.0 }
    }
}

/// The part of everything with this name: the same on every machine and in every version.
pub fn part_of(name: &str) -> Part {
    // FNV-1a (Fowler, Noll, Vo), and a last mix, as its low bits follow the last letters.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    match (mixed >> 32) % 100 < VALIDATION {
        true => Part::Validation,
        false => Part::Training,
    }
}
