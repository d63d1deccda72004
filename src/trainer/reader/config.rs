//! All that decides the training of a reader.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::sizes::Sizes;
use crate::precision::Precision;
use crate::trainer::TrainConfig;

/// Steps that make an epoch: scenes never come twice, so it is only how often is measured and saved.
pub const STEPS_AN_EPOCH: usize = 200;

/// Scenes of 128×128 pixels in a batch that is not asked for otherwise.
pub const BATCH_SIZE: usize = 32;

/// With fewer there would be none of the largest size.
const LEAST_BATCH: usize = 4;

/// More would take gigabytes.
const MOST_BATCH: usize = 1024;

/// Scenes of the validation part on which each epoch is measured.
pub const VALIDATION_SCENES: usize = 400;

/// All that decides the training of a reader, beside material, device and thread count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReaderConfig {
    /// Epochs of [`STEPS_AN_EPOCH`] steps, at least 1.
    pub epochs: usize,
    /// Scenes of 128×128 pixels a step, at least 4. Of larger ones a step takes fewer, of smaller ones
    /// a quarter more.
    pub batch_size: usize,
    /// Peak of the one-cycle schedule.
    pub learning_rate: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Share of the past in the running average of the weights, which is what is measured and kept.
    pub averaging: f64,
    /// Compute precision.
    pub precision: Precision,
    /// Seed of weights, scenes, crops and dropout.
    pub seed: u64,
}

impl Default for ReaderConfig {
    fn default() -> Self {
        Self {
            epochs: 300,
            batch_size: BATCH_SIZE,
            learning_rate: 0.002,
            weight_decay: 0.02,
            averaging: 0.999,
            precision: Precision::F32,
            seed: 0,
        }
    }
}

impl ReaderConfig {
    /// Scenes of an epoch.
    pub fn scenes_an_epoch(&self) -> u64 {
        Sizes::new(self.batch_size).before(STEPS_AN_EPOCH)
    }

    /// Makes sure that all of it makes sense, as where it was read from a file.
    ///
    /// # Errors
    /// When something does not; the message names it.
    pub fn check(&self) -> Result<()> {
        ensure!(
            (1..=TrainConfig::MOST_EPOCHS).contains(&self.epochs),
            "a training has at least 1 epoch and at most {}, not {}",
            TrainConfig::MOST_EPOCHS,
            self.epochs
        );
        ensure!(
            (LEAST_BATCH..=MOST_BATCH).contains(&self.batch_size),
            "a batch has at least {LEAST_BATCH} scenes and at most {MOST_BATCH}, not {}",
            self.batch_size
        );
        ensure!(
            self.learning_rate > 0.0 && self.learning_rate.is_finite(),
            "a learning rate is a positive number, not {}",
            self.learning_rate
        );
        let shares = [self.weight_decay, self.averaging];
        ensure!(
            shares.iter().all(|share| (0.0..1.0).contains(share)),
            "weight decay and averaging are shares from 0 on and below 1"
        );
        Ok(())
    }
}
