//! The reading of many pictures in progress: results to stdout, failures and a bar to stderr.

use std::cell::Cell;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Error, Result};
use indicatif::{HumanCount, ProgressBar, ProgressFinish, ProgressState};

use super::output::{self, error, note, style, text, warning};
use crate::picture::ImageError;

/// Up to this number, pictures are read too fast for a bar to be useful.
const FEW: usize = 20;

/// Reports the result of each picture, with a progress bar if there are many.
pub(in crate::cli) struct PictureReporter {
    bar: ProgressBar,
    failed: Cell<bool>,
}

impl PictureReporter {
    /// For `count` pictures, if that is known.
    pub(in crate::cli) fn new(count: Option<usize>) -> Self {
        let bar = match count {
            Some(count) if count <= FEW => ProgressBar::hidden(),
            count => output::bar(count.map(|count| count as u64)),
        };
        let rate = |state: &ProgressState, out: &mut dyn Write| {
            let _ = write!(out, "{} images/s", HumanCount(state.per_sec() as u64));
        };
        let template = match count {
            Some(_) => "{human_pos}/{human_len}  {bar:30}  {rate}, {eta} left",
            None => "{human_pos} images, {rate}",
        };
        bar.set_style(style(template).with_key("rate", rate));
        Self {
            bar: bar.with_finish(ProgressFinish::AndClear),
            failed: Cell::new(false),
        }
    }

    /// Advances the bar by one picture when called, from any thread.
    pub(in crate::cli) fn step(&self) -> impl Fn() + Sync + use<> {
        let bar = self.bar.clone();
        move || bar.inc(1)
    }

    /// Prints a result.
    pub(in crate::cli) fn result(&self, row: &str) -> Result<()> {
        self.bar.suspend(|| text(&row))
    }

    /// Prints what the user may want to know.
    pub(in crate::cli) fn note(&self, message: &str) {
        self.bar.suspend(|| note(message));
    }

    /// Prints what the user should know.
    pub(in crate::cli) fn warning(&self, message: &str) {
        self.bar.suspend(|| warning(message));
    }

    /// Prints what could not be read.
    pub(in crate::cli) fn failure(&self, failure: &Error) {
        self.failed.set(true);
        self.bar.suspend(|| error(failure));
    }

    /// The exit code: success unless something could not be read.
    pub(in crate::cli) fn code(&self) -> ExitCode {
        match self.failed.get() {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        }
    }
}

/// Which file could not be read, and why not.
pub(in crate::cli) fn unreadable(path: &Path, failure: ImageError) -> Error {
    Error::new(failure).context(format!("reading the image {}", path.display()))
}
