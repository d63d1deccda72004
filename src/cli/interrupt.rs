//! Ctrl-C and its like (SIGTERM, a terminal that closes): a training saves its state and ends; a
//! second one ends the program at once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use super::report;
use crate::run::EpochRecord;

/// The first signal; 0 before it.
static FIRST: AtomicI32 = AtomicI32::new(0);

/// From now on a signal does not end the program, if it is the first.
///
/// # Errors
/// When the system refuses.
pub(super) fn listen() -> Result<()> {
    // As for what a shell or nohup runs in the background.
    let heeded = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|&signal| !is_ignored(signal));
    let mut signals = Signals::new(heeded).context("listening for signals")?;
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || signals.forever().for_each(handle))
        .context("starting the thread that listens for signals")?;
    Ok(())
}

fn handle(signal: i32) {
    let first = FIRST.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
    if first.is_err() {
        report::note("interrupted again: ended at once; what was saved before stays");
        // Not as a program ends that has time: threads that compute are not waited for.
        low_level::exit(exit_code(signal).into());
    }
}

/// Whether whoever started this process wants it to go on whatever this signal says.
fn is_ignored(signal: i32) -> bool {
    // SAFETY: without a new action it only tells the present one, and zeros are a valid one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}

/// The signal that asked for the end, if one did.
pub(super) fn received_signal() -> Option<i32> {
    match FIRST.load(Ordering::Relaxed) {
        0 => None,
        signal => Some(signal),
    }
}

/// What shells make of a process that a signal ended.
fn exit_code(signal: i32) -> u8 {
    128 + signal as u8
}

/// Why a training ended before its end: it was asked to, and all of it is saved.
#[derive(Debug, thiserror::Error)]
#[error("interrupted by signal {signal} in epoch {epoch}")]
pub(super) struct Interrupted {
    pub(super) signal: i32,
    /// Where the training that was at work keeps its best weights.
    pub(super) weights: PathBuf,
    /// The epoch that was at work, from 1.
    pub(super) epoch: usize,
    /// Images that it had seen.
    pub(super) images: usize,
    /// The epoch to keep so far.
    pub(super) kept: Option<EpochRecord>,
}

impl Interrupted {
    /// What the program's exit code is then.
    pub(super) fn exit_code(&self) -> u8 {
        exit_code(self.signal)
    }
}

/// What ended the training of a reader before its time; all of it is saved.
#[derive(Debug, thiserror::Error)]
#[error("interrupted by signal {signal}")]
pub(super) struct InterruptedReader {
    pub(super) signal: i32,
    /// The epoch that was at work, from 1.
    pub(super) epoch: usize,
}

impl InterruptedReader {
    /// As a shell tells it of a program that the signal ended.
    pub(super) fn exit_code(&self) -> u8 {
        exit_code(self.signal)
    }
}
