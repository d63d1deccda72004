//! Fetches MNIST from public mirrors; the only file that talks to the network.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use sha2::{Digest, Sha256};
use ureq::Agent;

use super::files::{PARTS, Part, gunzip, hex};
use crate::storage::write_atomic;

/// Public copies of MNIST's four gzip files, tried in this order.
pub const MIRRORS: [&str; 3] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
];

/// The largest part has 9.9 MB; what sends more than this is no mirror of MNIST.
const MAX_BYTES: u64 = 32 << 20;

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

/// Fetches those of the four files that `folder` does not hold yet, and returns how many.
///
/// Each file is checked against the SHA-256 of MNIST's content before it takes its place, complete
/// or not at all. A mirror that fails, stalls or lies is left for the next one.
///
/// # Errors
/// When no mirror delivers a file (the message gives each one's failure), or `folder` cannot be
/// written to.
pub fn fetch(
    folder: &Path,
    mirrors: &[&str],
    on_progress: &mut dyn FnMut(Progress<'_>),
) -> Result<usize> {
    let mut fetched = 0;
    for part in &PARTS {
        let path = folder.join(format!("{}.gz", part.name));
        if path.exists() || folder.join(part.name).exists() {
            continue;
        }
        let packed = from_any(mirrors, part, on_progress)?;
        fs::create_dir_all(folder)
            .with_context(|| format!("making the folder {}", folder.display()))?;
        write_atomic(&path, &packed)?;
        fetched += 1;
    }
    Ok(fetched)
}

fn from_any(
    mirrors: &[&str],
    part: &Part,
    on_progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<u8>> {
    let mut failures = Vec::new();
    for mirror in mirrors {
        let url = format!("{mirror}{}.gz", part.name);
        match from_one(&url, part, on_progress) {
            Ok(packed) => return Ok(packed),
            Err(failure) => failures.push((url, format!("{failure:#}"))),
        }
    }
    let reasons = match &failures[..] {
        // Without a network, all mirrors fail alike: once is enough.
        [(_, first), others @ ..] if others.iter().all(|(_, reason)| reason == first) => {
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

fn from_one(url: &str, part: &Part, on_progress: &mut dyn FnMut(Progress<'_>)) -> Result<Vec<u8>> {
    let agent: Agent = Agent::config_builder()
        // A mirror may redirect, but not away from an encrypted connection.
        .https_only(url.starts_with("https:"))
        .max_redirects(5)
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_recv_response(Some(Duration::from_secs(20)))
        .timeout_global(Some(Duration::from_secs(300)))
        .build()
        .into();
    let mut response = agent.get(url).call()?;
    let total = response.body().content_length();
    let mut reader = response.body_mut().with_config().limit(MAX_BYTES).reader();
    let (mut packed, mut chunk) = (Vec::new(), [0; 1 << 16]);
    loop {
        on_progress(Progress {
            file: part.name,
            received: packed.len() as u64,
            total,
        });
        let count = reader.read(&mut chunk).context("it broke off")?;
        if count == 0 {
            break;
        }
        packed.extend_from_slice(&chunk[..count]);
    }
    let sum = hex(&Sha256::digest(gunzip(&packed)?));
    ensure!(
        sum == part.mnist_sha256,
        "it sent something else (SHA-256 {sum})"
    );
    Ok(packed)
}
