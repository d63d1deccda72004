//! `results.json`: the results of a run.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{RunDir, json};
use crate::storage::write_atomic;

/// The results of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunResults {
    /// What it was trained on: `mnist`, `synthetic` or `idx`.
    pub data: String,
    /// The epoch whose weights were kept.
    pub best_epoch: usize,
    /// Epochs of training, of all members if it is an ensemble.
    pub epochs: usize,
    /// Accuracy in 0..=1 on the validation split, with the weights that were kept.
    pub validation_accuracy: f64,
    /// Images in the test split.
    pub test_images: usize,
    /// Mean cross-entropy on the test split, in nats.
    pub test_loss: f64,
    /// Accuracy in 0..=1 on the test split.
    pub test_accuracy: f64,
    /// Expected calibration error over fifteen bins, on the test split, in 0..=1.
    pub calibration_error: f64,
    /// The calibration temperature, by which logits are divided.
    pub temperature: f64,
    /// Wall time of all epochs in seconds.
    pub training_seconds: f64,
}

impl RunResults {
    /// Reads the results of a finished run.
    ///
    /// # Errors
    /// When the file cannot be read or is invalid; the message names it.
    pub fn read(run: &RunDir) -> Result<Self> {
        json::read(&run.results(), "results")
    }

    /// Writes the file, which marks a run as finished.
    pub fn write(&self, run: &RunDir) -> Result<()> {
        write_atomic(&run.results(), &serde_json::to_vec_pretty(self)?)
    }
}

/// The results of training a reader.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReaderResults {
    /// Epochs of training.
    pub epochs: usize,
    /// Scenes that it was trained on.
    pub scenes: u64,
    /// Share of the validation scenes in which each digit was read, and nothing else.
    pub validation_accuracy: f64,
    /// Wall time of all epochs in seconds.
    pub training_seconds: f64,
}

impl ReaderResults {
    /// Writes the file, which marks a run as finished.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, run: &RunDir) -> Result<()> {
        write_atomic(&run.results(), &serde_json::to_vec_pretty(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::results;

    #[test]
    fn results_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        results().write(&run).unwrap();
        let read = RunResults::read(&run).unwrap();
        assert_eq!(format!("{read:?}"), format!("{:?}", results()));
        std::fs::write(run.results(), "[]").unwrap();
        let text = RunResults::read(&run).unwrap_err().to_string();
        let name = run.results().display().to_string();
        assert_eq!(text, format!("reading the results {name}"));
    }

    #[test]
    fn a_reader_is_finished_once_its_results_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        let results = ReaderResults {
            epochs: 4,
            scenes: 1000,
            validation_accuracy: 0.5,
            training_seconds: 2.5,
        };
        results.write(&run).unwrap();
        assert!(run.is_finished());
        let read: ReaderResults = json::read(&run.results(), "results").unwrap();
        assert_eq!(format!("{read:?}"), format!("{results:?}"));
    }
}
