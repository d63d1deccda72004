//! The small JSON files of a run, read up to a maximum size.

use std::path::Path;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;

use crate::storage::read_bounded;

/// Each takes a few hundred bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Reads one of them; `what` describes it in the message.
///
/// # Errors
/// When the file cannot be read or is invalid; the message names it.
pub(super) fn read<T: DeserializeOwned>(path: &Path, what: &str) -> Result<T> {
    let read = || anyhow::Ok(serde_json::from_slice(&read_bounded(path, MAX_BYTES)?)?);
    read().with_context(|| format!("reading the {what} {}", path.display()))
}
