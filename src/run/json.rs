//! The small JSON files of a run, read no further than makes sense.

use std::path::Path;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;

use crate::storage::read_bounded;

/// Each takes some hundred bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Reads one of them; `what` it is goes into the message.
///
/// # Errors
/// When the file cannot be read or is none; the message names it.
pub(super) fn read<T: DeserializeOwned>(path: &Path, what: &str) -> Result<T> {
    let read = || anyhow::Ok(serde_json::from_slice(&read_bounded(path, MAX_BYTES)?)?);
    read().with_context(|| format!("reading the {what} {}", path.display()))
}
