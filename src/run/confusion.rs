//! `confusion.json`: the confusion matrix of a split.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{RunDir, json};
use crate::storage::write_atomic;
use crate::tensors::CLASSES;

/// The confusion matrix of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// `validation` while the training runs, `test` once it is finished.
    pub split: String,
    /// The epoch whose weights were measured, from 1.
    pub epoch: usize,
    /// The number of images: `[label][predicted]`.
    pub counts: [[u64; CLASSES]; CLASSES],
}

impl Confusion {
    /// Reads that of a run's last complete epoch.
    ///
    /// # Errors
    /// When the file cannot be read or is invalid; the message names it.
    pub fn read(run: &RunDir) -> Result<Self> {
        json::read(&run.confusion(), "confusion matrix")
    }

    /// Writes the run's file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, run: &RunDir) -> Result<()> {
        write_atomic(&run.confusion(), &serde_json::to_vec(self)?)
    }
}
