//! Ctrl-C and its like (SIGTERM, a terminal that closes): a training saves its state and ends; a
//! second one ends the program at once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::run::EpochRecord;

/// The signal that came, once one is listened for; 0 before it has come.
static CAME: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// From now on a signal does not end the program, if it is the first.
///
/// # Errors
/// When the system refuses.
pub(super) fn listen() -> Result<()> {
    let came = Arc::new(AtomicUsize::new(0));
    register(&came)?;
    CAME.get_or_init(|| came);
    Ok(())
}

fn register(came: &Arc<AtomicUsize>) -> Result<()> {
    let again = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // As for what a shell or nohup runs in the background.
        if is_ignored(signal) {
            continue;
        }
        // Before what sets the flag, so that only a second signal finds it set.
        flag::register_conditional_shutdown(signal, exit_code(signal).into(), Arc::clone(&again))
            .and_then(|_| flag::register(signal, Arc::clone(&again)))
            .and_then(|_| flag::register_usize(signal, Arc::clone(came), signal as usize))
            .with_context(|| format!("listening for the signal {signal}"))?;
    }
    Ok(())
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

/// The signal that came, if one did.
pub(super) fn came() -> Option<i32> {
    match CAME.get()?.load(Ordering::Relaxed) {
        0 => None,
        signal => i32::try_from(signal).ok(),
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
