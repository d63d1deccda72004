//! Fetches MNIST from public mirrors, none of which is believed; nothing else in this program talks
//! to the network.

mod http;

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

/// MNIST's largest part, the header and pixels of 60,000 images; nothing is unpacked beyond it.
const UNPACKED: u64 = 16 + 60_000 * 784;

/// How far a download has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The file that is being fetched.
    pub file: &'a str,
    /// Bytes that have arrived.
    pub received: u64,
    /// Bytes to come in all, where the mirror said so.
    pub total: Option<u64>,
}

/// Fetches those of the four files that `folder` does not hold, or holds damaged, and returns how
/// many.
///
/// Each file is checked against the SHA-256 of MNIST's content before it takes its place, complete
/// or not at all. A mirror that fails, passes `limits` or lies is left for the next one, and tried
/// last for the files that follow. Intact files stay as they are, MNIST's or not.
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
        let packed = from_any(&mut mirrors, part, limits, on_progress)?;
        fs::create_dir_all(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
        write_atomic(&part.gz_path(folder), &packed)?;
        fetched += 1;
    }
    Ok(fetched)
}

/// Asks one mirror after the other, and moves those that failed behind the one that delivered.
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
            Ok(packed) => {
                mirrors.rotate_left(failures.len());
                return Ok(packed);
            }
            Err(failure) => failures.push((url, format!("{failure:#}"))),
        }
    }
    let reasons = match &failures[..] {
        // Without a network, all mirrors fail alike: once is enough.
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
    let packed = http::get(url, limits, &mut |received, total| {
        on_progress(Progress {
            file: part.name,
            received,
            total,
        });
    })?;
    let content = gzip::decompress(&packed, UNPACKED).context("it sent something else")?;
    let sum = hex(&Sha256::digest(content));
    ensure!(
        sum == part.mnist_sha256,
        "it sent something else (SHA-256 {sum})"
    );
    Ok(packed)
}
