//! `confusion.json`: what the digits of a split were taken for.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{RunDir, json};
use crate::storage::write_atomic;
use crate::tensors::CLASSES;

/// What the digits of a split were taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// `validation` while the training runs, `test` once it is finished.
    pub split: String,
    /// The epoch whose weights were measured, from 1.
    pub epoch: usize,
    /// How often each digit was taken for each: `[label][predicted]`.
    pub counts: [[u64; CLASSES]; CLASSES],
}

impl Confusion {
    /// That of a run, of its last complete epoch.
    ///
    /// # Errors
    /// When the file cannot be read or is none; the message names it.
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
