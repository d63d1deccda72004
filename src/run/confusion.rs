//! `confusion.json`: what the digits of a split were taken for.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::RunDir;
use crate::storage::{read_bounded, write_atomic};
use crate::tensors::CLASSES;

/// A hundred counts take some hundred bytes.
const MAX_BYTES: u64 = 1 << 20;

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
        let path = run.confusion();
        let read = || anyhow::Ok(serde_json::from_slice(&read_bounded(&path, MAX_BYTES)?)?);
        read().with_context(|| format!("reading the confusion matrix {}", path.display()))
    }

    /// Writes the run's file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, run: &RunDir) -> Result<()> {
        write_atomic(&run.confusion(), &serde_json::to_vec(self)?)
    }
}
