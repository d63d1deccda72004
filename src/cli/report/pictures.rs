//! The reading of many pictures as it goes: results to stdout, failures and a bar to stderr.

use std::cell::Cell;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Error, Result};
use indicatif::{HumanCount, ProgressBar, ProgressFinish, ProgressState};

use super::output::{self, error, note, style, text, warning};
use crate::picture::ImageError;

/// So few pictures are read before anyone looks for a bar.
const FEW: usize = 20;

/// Tells what came of each picture, past a progress bar where there are many.
pub(in crate::cli) struct PictureReporter {
    bar: ProgressBar,
    failed: Cell<bool>,
}

impl PictureReporter {
    /// For `count` pictures, where it is known.
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

    /// Moves on by one picture when called, from any thread.
    pub(in crate::cli) fn step(&self) -> impl Fn() + Sync + use<> {
        let bar = self.bar.clone();
        move || bar.inc(1)
    }

    /// Prints what was seen.
    pub(in crate::cli) fn result(&self, row: &str) -> Result<()> {
        self.bar.suspend(|| text(&row))
    }

    /// Says what is to be known beside that.
    pub(in crate::cli) fn note(&self, message: &str) {
        self.bar.suspend(|| note(message));
    }

    /// The same of what should be known.
    pub(in crate::cli) fn warning(&self, message: &str) {
        self.bar.suspend(|| warning(message));
    }

    /// Says what could not be read.
    pub(in crate::cli) fn failure(&self, failure: &Error) {
        self.failed.set(true);
        self.bar.suspend(|| error(failure));
    }

    /// Whether all went well.
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
