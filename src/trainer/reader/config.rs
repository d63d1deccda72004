//! Training configuration of a reader.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::sizes::Sizes;
use crate::precision::Precision;
use crate::trainer::TrainConfig;

/// Steps per epoch: scenes never repeat, so an epoch is only the interval of validation and saving.
pub const STEPS_PER_EPOCH: usize = 200;

/// The default batch size, in scenes of 128×128 pixels.
pub const BATCH_SIZE: usize = 32;

/// A smaller batch would hold no scene of the largest size.
const MIN_BATCH_SIZE: usize = 4;

/// A larger batch would take gigabytes.
const MAX_BATCH_SIZE: usize = 1024;

/// Validation scenes on which each epoch is evaluated.
pub const VALIDATION_SCENES: usize = 400;

/// Everything that determines the training of a reader, besides material, device and thread count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReaderConfig {
    /// Epochs of [`STEPS_PER_EPOCH`] steps, at least 1.
    pub epochs: usize,
    /// Batch size in scenes of 128×128 pixels, at least 4. A batch of larger scenes has fewer of
    /// them, a batch of smaller ones a quarter more.
    #[serde(default = "former_batch_size")]
    pub batch_size: usize,
    /// Peak of the one-cycle schedule.
    pub learning_rate: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Decay of the moving average of the weights, which is what is evaluated and kept.
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

/// The batch size of all runs whose files do not mention one.
fn former_batch_size() -> usize {
    BATCH_SIZE
}

impl ReaderConfig {
    /// Number of scenes per epoch.
    pub fn scenes_per_epoch(&self) -> u64 {
        Sizes::new(self.batch_size).before(STEPS_PER_EPOCH)
    }

    /// Validates all values, for instance after reading them from a file.
    ///
    /// # Errors
    /// When a value is invalid; the message names it.
    pub fn check(&self) -> Result<()> {
        ensure!(
            (1..=TrainConfig::MAX_EPOCHS).contains(&self.epochs),
            "a training has at least 1 epoch and at most {}, not {}",
            TrainConfig::MAX_EPOCHS,
            self.epochs
        );
        ensure!(
            (MIN_BATCH_SIZE..=MAX_BATCH_SIZE).contains(&self.batch_size),
            "a batch has at least {MIN_BATCH_SIZE} scenes and at most {MAX_BATCH_SIZE}, not {}",
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
            "weight decay and averaging are at least 0 and less than 1"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_batch_size_has_the_former_one() {
        let config = ReaderConfig::default();
        let mut value = serde_json::to_value(&config).unwrap();
        value.as_object_mut().unwrap().remove("batch_size");
        let read: ReaderConfig = serde_json::from_value(value).unwrap();
        assert_eq!(read, config);
    }

    #[test]
    fn settings_that_cannot_train_are_refused() {
        let default = ReaderConfig::default();
        default.check().unwrap();
        for batch_size in [MIN_BATCH_SIZE, MAX_BATCH_SIZE] {
            let config = ReaderConfig {
                batch_size,
                ..default.clone()
            };
            config.check().unwrap();
        }
        let wrong = [
            ReaderConfig {
                epochs: 0,
                ..default.clone()
            },
            ReaderConfig {
                batch_size: MIN_BATCH_SIZE - 1,
                ..default.clone()
            },
            ReaderConfig {
                batch_size: MAX_BATCH_SIZE + 1,
                ..default.clone()
            },
            ReaderConfig {
                learning_rate: 0.0,
                ..default.clone()
            },
            ReaderConfig {
                learning_rate: f64::INFINITY,
                ..default.clone()
            },
        ];
        for config in wrong {
            assert!(config.check().is_err(), "{config:?}");
        }
    }
}
