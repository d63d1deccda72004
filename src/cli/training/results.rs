//! `results.json`: what came of a run.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::run::RunDir;
use crate::storage::{read_bounded, write_atomic};

/// The results of a run take some hundred bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What came of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::cli) struct RunResults {
    pub(super) data: String,
    /// The epoch whose weights were kept.
    pub(in crate::cli) best_epoch: usize,
    pub(in crate::cli) epochs: usize,
    pub(in crate::cli) validation_accuracy: f64,
    pub(in crate::cli) test_images: usize,
    pub(in crate::cli) test_loss: f64,
    pub(in crate::cli) test_accuracy: f64,
    /// Over fifteen bins, on the test split.
    pub(super) calibration_error: f64,
    pub(super) temperature: f64,
    pub(in crate::cli) training_seconds: f64,
}

impl RunResults {
    /// What came of a finished run.
    ///
    /// # Errors
    /// When the file cannot be read or is none; the message names it.
    pub(in crate::cli) fn read(run: &RunDir) -> Result<Self> {
        let path = run.results();
        let read = || anyhow::Ok(serde_json::from_slice(&read_bounded(&path, MAX_BYTES)?)?);
        read().with_context(|| format!("reading the results {}", path.display()))
    }

    /// Writes the file, by which a run is known to be finished.
    pub(super) fn write(&self, run: &RunDir) -> Result<()> {
        write_atomic(&run.results(), &serde_json::to_vec_pretty(self)?)
    }
}
