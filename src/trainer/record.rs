//! The record of an epoch.

use serde::{Deserialize, Serialize};

/// Metrics of one epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: usize,
    /// Learning rate of the epoch's last step.
    pub learning_rate: f64,
    /// Mean cross-entropy over the epoch, in nats, with dropout and augmentation.
    pub train_loss: f64,
    /// Accuracy on the digits, in 0..=1, with dropout and augmentation.
    pub train_accuracy: f64,
    /// Mean cross-entropy on the validation split after the epoch, in nats.
    pub validation_loss: f64,
    /// Accuracy on the validation split after the epoch, in 0..=1.
    pub validation_accuracy: f64,
    /// Wall-clock time of the epoch in seconds, including validation.
    pub seconds: f64,
    /// Training images per second, excluding validation.
    pub images_per_second: f64,
}

#[cfg(test)]
impl EpochRecord {
    /// A record for tests.
    pub(super) fn sample(epoch: usize, validation_accuracy: f64) -> Self {
        Self {
            epoch,
            learning_rate: 0.001,
            train_loss: 0.5,
            train_accuracy: 0.75,
            validation_loss: 0.25,
            validation_accuracy,
            seconds: 2.0,
            images_per_second: 100.0,
        }
    }
}
