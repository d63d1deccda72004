//! The order in which an epoch visits the examples.

use anyhow::Result;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};

use crate::dataset::Examples;
use crate::dataset::augment::Augmentation;

/// Batches, or the error that ended them.
pub(in crate::trainer) type Batches<'a> = Box<dyn Iterator<Item = Result<Examples>> + 'a>;

/// All that is random about an epoch.
pub(super) struct Order {
    pub(super) indices: Vec<usize>,
    /// The augmentation seed of each image, so that it does not matter which thread draws it.
    pub(super) seeds: Vec<u64>,
    pub(super) augmentation: Option<Augmentation>,
    pub(super) batch_size: usize,
}

impl Order {
    /// Shuffles `count` examples.
    pub(super) fn draw(
        count: usize,
        augmentation: Option<Augmentation>,
        batch_size: usize,
        mut rng: impl Rng,
    ) -> Self {
        let mut indices: Vec<usize> = (0..count).collect();
        indices.shuffle(&mut rng);
        Self {
            seeds: indices.iter().map(|_| rng.random()).collect(),
            indices,
            augmentation,
            batch_size,
        }
    }

    /// Skips the first `batches` batches.
    pub(super) fn without(mut self, batches: usize) -> Self {
        let images = batches
            .saturating_mul(self.batch_size)
            .min(self.indices.len());
        self.indices.drain(..images);
        self.seeds.drain(..images);
        self
    }
}
