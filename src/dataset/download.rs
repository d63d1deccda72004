//! Download of MNIST from public mirrors, none of which is trusted; nothing else in this program
//! makes network requests.

mod http;
#[cfg(test)]
mod mirror;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use sha2::{Digest, Sha256};

use super::files::{PARTS, Part, hex};
use super::gzip;
use crate::storage::write_atomic;

pub use http::Limits;

/// Public copies of MNIST's four gzip files, tried in this order.
pub const MIRRORS: [&str; 3] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
];

/// The limit for decompressed files: MNIST's largest, the header and pixels of 60,000 images.
const MAX_DECOMPRESSED: u64 = 16 + 60_000 * 784;

/// Progress of a download.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The file that is being downloaded.
    pub file: &'a str,
    /// Bytes received.
    pub received: u64,
    /// Total bytes, if the mirror reported them.
    pub total: Option<u64>,
}

/// Downloads those of the four files that are missing or damaged in `folder`, and returns how many.
///
/// Each file is checked against the SHA-256 of MNIST's content and written atomically. If a mirror
/// fails, exceeds `limits` or sends other data, the next one is tried, and that mirror comes last
/// for the remaining files. Intact files stay as they are, MNIST's or not.
///
/// # Errors
/// When no mirror delivers a file (the message gives each one's failure), or `folder` cannot be
/// read or written to.
pub fn fetch(
    folder: &Path,
    mirrors: &[&str],
    limits: &Limits,
    on_progress: &mut dyn FnMut(Progress<'_>),
) -> Result<usize> {
    let mut mirrors = mirrors.to_vec();
    let mut fetched = 0;
    for part in &PARTS {
        if part.is_intact(folder)? {
            continue;
        }
        let compressed = from_any(&mut mirrors, part, limits, on_progress)?;
        fs::create_dir_all(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
        write_atomic(&part.gz_path(folder), &compressed)?;
        fetched += 1;
    }
    Ok(fetched)
}

/// Tries one mirror after the other, and moves those that failed to the end of the list.
fn from_any(
    mirrors: &mut [&str],
    part: &Part,
    limits: &Limits,
    on_progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<u8>> {
    let mut failures = Vec::new();
    for mirror in mirrors.iter() {
        let url = format!("{mirror}{}.gz", part.name);
        match from_one(&url, part, limits, on_progress) {
            Ok(compressed) => {
                mirrors.rotate_left(failures.len());
                return Ok(compressed);
            }
            Err(failure) => failures.push((url, format!("{failure:#}"))),
        }
    }
    let reasons = match &failures[..] {
        // Without a network, all mirrors fail in the same way: one reason is enough.
        [(_, first), others @ ..]
            if !others.is_empty() && others.iter().all(|(_, reason)| reason == first) =>
        {
            format!("{} mirrors tried: {first}", failures.len())
        }
        _ => {
            let reasons: Vec<_> = failures
                .iter()
                .map(|(url, reason)| format!("{url}: {reason}"))
                .collect();
            reasons.join("; ")
        }
    };
    Err(anyhow!(reasons).context(format!("fetching {}", part.name)))
}

fn from_one(
    url: &str,
    part: &Part,
    limits: &Limits,
    on_progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<u8>> {
    let compressed = http::get(url, limits, &mut |received, total| {
        on_progress(Progress {
            file: part.name,
            received,
            total,
        });
    })?;
    let content =
        gzip::decompress(&compressed, MAX_DECOMPRESSED).context("it sent something else")?;
    let sum = hex(&Sha256::digest(content));
    ensure!(
        sum == part.mnist_sha256,
        "it sent something else (SHA-256 {sum})"
    );
    Ok(compressed)
}

#[cfg(test)]
mod tests;
