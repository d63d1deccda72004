//! Ctrl-C and its like: a training saves its state and ends; a second one ends the program at once.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::run::EpochRecord;

/// The signal that came, once one is listened for; 0 before it has come.
static CAME: OnceLock<Arc<AtomicUsize>> = OnceLock::new();

/// From now on a signal does not end the program, if it is the first.
///
/// # Errors
/// When the system refuses.
pub(super) fn listen() -> Result<()> {
    let mut failure = None;
    CAME.get_or_init(|| {
        let came = Arc::new(AtomicUsize::new(0));
        failure = register(&came).err();
        came
    });
    failure.map_or(Ok(()), Err)
}

fn register(came: &Arc<AtomicUsize>) -> Result<()> {
    let again = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Before what sets the flag, so that only a second signal finds it set.
        flag::register_conditional_shutdown(signal, exit_code(signal).into(), Arc::clone(&again))
            .and_then(|_| flag::register(signal, Arc::clone(&again)))
            .and_then(|_| flag::register_usize(signal, Arc::clone(came), signal as usize))
            .with_context(|| format!("listening for the signal {signal}"))?;
    }
    Ok(())
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
    /// The run folder of the training that was at work.
    pub(super) run: PathBuf,
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
