//! What is kept of each epoch.

use serde::{Deserialize, Serialize};

/// What was measured in one pass over the training split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: usize,
    /// Learning rate of the epoch's last step.
    pub learning_rate: f64,
    /// Mean cross-entropy over the epoch, in nats, with dropout and augmentation at work.
    pub train_loss: f64,
    /// Fraction of the digits in 0..=1, with dropout and augmentation at work.
    pub train_accuracy: f64,
    /// Mean cross-entropy on the validation split after the epoch, in nats.
    pub validation_loss: f64,
    /// Fraction in 0..=1 on the validation split after the epoch.
    pub validation_accuracy: f64,
    /// Wall time of the epoch in seconds, validation included.
    pub seconds: f64,
    /// Training images per second, validation not counted.
    pub images_per_second: f64,
}
