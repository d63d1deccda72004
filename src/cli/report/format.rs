//! The formats of results: text, JSON and CSV.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Result, anyhow};

/// The form of what is printed about each picture.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum Format {
    Text,
    Json,
    Csv,
}

/// The device that computes, the CPU with its threads.
pub(super) fn processor(device: &str, threads: i32) -> String {
    match (device, threads) {
        ("cpu", 1) => "cpu with 1 thread".to_owned(),
        ("cpu", threads) => format!("cpu with {threads} threads"),
        _ => device.to_owned(),
    }
}

/// A path as a shell word, quoted if needed.
pub(super) fn shell_word(path: &Path) -> String {
    let path = path.to_string_lossy();
    shlex::try_quote(&path).map_or_else(|_| path.to_string(), Cow::into_owned)
}

/// One row, quoted if needed.
pub(in crate::cli) fn csv_row(fields: impl IntoIterator<Item = String>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(fields)?;
    let row = writer.into_inner().map_err(|error| anyhow!("{error}"))?;
    Ok(String::from_utf8(row)?)
}

/// A failure with all its causes in one line, even if a library's message has several.
pub fn one_line(failure: &anyhow::Error) -> String {
    let text = format!("{failure:#}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
