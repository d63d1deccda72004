//! Where lines go: results to stdout, all else to stderr.

use std::io::{Write, stderr, stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use super::format::one_line;

/// Whether only results, warnings and errors are wanted.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Sets whether only results, warnings and errors are wanted.
pub(in crate::cli) fn set_quiet(is_quiet: bool) {
    QUIET.store(is_quiet, Ordering::Relaxed);
}

fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints a result.
pub(in crate::cli) fn text(content: &dyn std::fmt::Display) -> Result<()> {
    // Not println!, which panics when the pipe is closed.
    write!(stdout(), "{content}").context("writing to stdout")
}

/// Prints progress. Work continues even if that cannot be written: its result is worth more.
pub(super) fn progress(content: &dyn std::fmt::Display) {
    if is_quiet() {
        return;
    }
    static WARNED: Once = Once::new();
    if let Err(failure) = write!(stdout(), "{content}").and_then(|()| stdout().flush()) {
        WARNED.call_once(|| warning(&format!("writing to stdout: {failure}; work continues")));
    }
}

/// Prints on stderr what the user may want to know.
pub(in crate::cli) fn note(message: &str) {
    if !is_quiet() {
        line(message);
    }
}

/// Prints on stderr what the user should know.
pub(in crate::cli) fn warning(message: &str) {
    line(&format!("warning: {message}"));
}

fn line(message: &str) {
    // Not eprintln!, which panics when the terminal is gone.
    let _ = writeln!(stderr(), "{message}");
}

/// Prints on stderr what failed while work continues.
pub(in crate::cli) fn error(failure: &anyhow::Error) {
    line(&format!("error: {}", one_line(failure)));
}

/// A progress bar on the terminal, with this number of steps if it is known.
pub(super) fn bar(steps: Option<u64>) -> ProgressBar {
    match steps {
        _ if is_quiet() => ProgressBar::hidden(),
        Some(steps) => ProgressBar::new(steps),
        None => ProgressBar::no_length(),
    }
}

/// A progress bar's style; templates are constant, so a bad one shows in the first test.
pub(super) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
