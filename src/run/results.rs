//! `results.json`: what came of a run.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{RunDir, json};
use crate::storage::write_atomic;

/// What came of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunResults {
    /// What it was trained on: `mnist`, `synthetic` or `idx`.
    pub data: String,
    /// The epoch whose weights were kept.
    pub best_epoch: usize,
    /// Epochs of training, of all members where it is an ensemble.
    pub epochs: usize,
    /// Fraction in 0..=1 on the validation split, with the weights that were kept.
    pub validation_accuracy: f64,
    /// Images in the test split.
    pub test_images: usize,
    /// Mean cross-entropy on the test split, in nats.
    pub test_loss: f64,
    /// Fraction in 0..=1 on the test split.
    pub test_accuracy: f64,
    /// Expected calibration error over fifteen bins, on the test split, in 0..=1.
    pub calibration_error: f64,
    /// What the logits were divided by.
    pub temperature: f64,
    /// Wall time of all epochs in seconds.
    pub training_seconds: f64,
}

impl RunResults {
    /// What came of a finished run.
    ///
    /// # Errors
    /// When the file cannot be read or is none; the message names it.
    pub fn read(run: &RunDir) -> Result<Self> {
        json::read(&run.results(), "results")
    }

    /// Writes the file, by which a run is known to be finished.
    pub fn write(&self, run: &RunDir) -> Result<()> {
        write_atomic(&run.results(), &serde_json::to_vec_pretty(self)?)
    }
}

/// What came of the training of a reader.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReaderResults {
    /// Epochs of training.
    pub epochs: usize,
    /// Scenes that it has learned from.
    pub scenes: u64,
    /// Share of the validation scenes in which each digit was read, and nothing else.
    pub validation_accuracy: f64,
    /// Wall time of all epochs in seconds.
    pub training_seconds: f64,
}

impl ReaderResults {
    /// Writes the file, by which a run is known to be finished.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, run: &RunDir) -> Result<()> {
        write_atomic(&run.results(), &serde_json::to_vec_pretty(self)?)
    }
}
