//! Seeded random numbers for rendered images.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The random numbers of one image, the same on every platform.
#[derive(Debug)]
pub struct SeededRng(ChaCha8Rng);

impl SeededRng {
    /// The generator for image `index` of the set `seed`, independent of all other images.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(index);
        Self(generator)
    }

    /// A uniform integer in `0..bound`.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.0.random_range(0..bound)
    }

    /// One of the `choices`, all equally likely; there must be at least one.
    pub fn choose<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len() as u32) as usize]
    }

    /// A uniform number between `low` and `high`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    /// True with the given probability.
    pub fn random_bool(&mut self, probability: f64) -> bool {
        self.0.random::<f64>() < probability
    }

    /// An approximately normal number with mean 0 and the given standard deviation, at most three of them
    /// from 0.
    pub fn approx_normal(&mut self, std: f64) -> f64 {
        // The sum of three uniform numbers on -1..1 has variance 1.
        (0..3).map(|_| self.uniform(-std, std)).sum()
    }

    /// A log-uniform number between `low` and `high`, both positive.
    pub fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        self.uniform(low.ln(), high.ln()).exp()
    }

    /// An index of `weights`, with probabilities proportional to them.
    pub fn weighted_index(&mut self, weights: &[f64]) -> usize {
        let mut rest = self.uniform(0.0, weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            rest -= weight;
            if rest < 0.0 {
                return index;
            }
        }
        weights.len() - 1
    }
}
