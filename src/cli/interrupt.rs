//! Ctrl-C and its like (SIGTERM, a terminal that closes): a training saves its state and ends; a
//! second one ends the program at once.

use std::process::ExitCode;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use super::report;

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
        low_level::exit(code_of(signal).into());
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

/// Whether a signal asked for the end.
pub(super) fn is_asked() -> bool {
    FIRST.load(Ordering::Relaxed) != 0
}

/// That of a program that ends because it was asked to.
pub(super) fn exit_code() -> ExitCode {
    ExitCode::from(code_of(FIRST.load(Ordering::Relaxed)))
}

/// What shells make of a process that a signal ended.
fn code_of(signal: i32) -> u8 {
    128 + signal as u8
}
