//! Ctrl-C, SIGTERM and SIGHUP (a terminal that closes): the first makes a training save its state and
//! end; a second one ends the program at once.

use std::process::ExitCode;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use super::report;

/// The first signal received; 0 before.
static FIRST: AtomicI32 = AtomicI32::new(0);

/// From now on the first signal does not end the program.
///
/// # Errors
/// When the system refuses.
pub(super) fn listen() -> Result<()> {
    // Ignored signals stay ignored, as for what nohup or a shell runs in the background.
    let handled = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|&signal| !is_ignored(signal));
    let mut signals = Signals::new(handled).context("listening for signals")?;
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || signals.forever().for_each(handle))
        .context("starting the thread that listens for signals")?;
    Ok(())
}

fn handle(signal: i32) {
    let first = FIRST.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
    if first.is_err() {
        report::note("interrupted again: ending at once; what was saved before is kept");
        // At once: without waiting for threads that compute.
        low_level::exit(code_of(signal).into());
    }
}

/// Whether the parent process made this one ignore the signal.
fn is_ignored(signal: i32) -> bool {
    // SAFETY: without a new action it only reads the current one, and all zeros are a valid one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}

/// Whether a signal has asked the program to end.
pub(super) fn received_signal() -> bool {
    FIRST.load(Ordering::Relaxed) != 0
}

/// The exit code after a signal.
pub(super) fn exit_code() -> ExitCode {
    ExitCode::from(code_of(FIRST.load(Ordering::Relaxed)))
}

/// The exit code that shells give a process ended by a signal.
fn code_of(signal: i32) -> u8 {
    128 + signal as u8
}
