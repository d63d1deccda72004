//! The one source of chance of an image that is drawn.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Random numbers of one image, the same on every machine.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The numbers of image `index` in the set of `seed`, independent of all other images'.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(index);
        Self(generator)
    }

    /// A whole number from 0 to `bound - 1`, all equally likely.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0.random_range(0..bound)
    }

    /// One of the `choices`, all equally likely; there must be one at least.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u32) as usize]
    }

    /// A number between `low` and `high`, all equally likely.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    /// True with the given probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.0.random::<f64>() < probability
    }

    /// A bell-shaped number around zero with the given standard deviation, never beyond three.
    pub fn bell(&mut self, deviation: f64) -> f64 {
        // The sum of three uniform numbers on -1..1 has variance 1.
        (0..3).map(|_| self.between(-deviation, deviation)).sum()
    }

    /// Between `low` and `high`, each doubling as likely as any other; both are positive.
    pub fn doubling(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// The index of one of the `weights`, each as likely as its weight is large.
    pub fn pick(&mut self, weights: &[f64]) -> usize {
        let mut rest = self.between(0.0, weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            rest -= weight;
            if rest < 0.0 {
                return index;
            }
        }
        weights.len() - 1
    }
}
