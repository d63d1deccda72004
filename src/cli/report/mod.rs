//! All that is printed: results to stdout, progress and warnings to stderr.

mod bench;
mod data;
mod evaluation;
mod format;
mod pictures;
mod readings;
mod scenes;
mod sweep;
mod training;
mod wild;

pub(super) use bench::{BenchReporter, bench, bench_json};
pub(super) use data::DataReporter;
pub(super) use evaluation::{evaluation, evaluation_json};
pub(super) use format::{Format, percent};
pub(super) use pictures::{PictureReporter, unreadable};
pub(super) use readings::{in_one_line, reading, readings_header, unread, unreadable_record};
pub(super) use scenes::scene_scores;
pub(super) use sweep::{SweepReporter, sweep_ends, sweep_interrupted, sweep_note, sweep_starts};
pub(super) use training::{
    TrainReporter, broken_off, interrupted, member_begins, member_ends, nothing_left,
    reader_interrupted, reader_training_ends, reader_training_starts, training_ends,
    training_starts,
};
pub(super) use wild::{wild, wild_json};

use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::sync::Once;

use anyhow::{Context, Result};
use image::{ImageBuffer, PixelWithColorType};
use indicatif::ProgressStyle;

use crate::plots;
use crate::storage::write_atomic;

/// Prints a result.
pub(super) fn text(content: &dyn std::fmt::Display) -> Result<()> {
    // Not println!, which panics when whoever reads has gone.
    write!(stdout(), "{content}").context("writing to stdout")
}

/// Prints how far long work is. It goes on where nobody can read that any more: what it makes is worth
/// more.
fn progress(content: &dyn std::fmt::Display) {
    static TOLD: Once = Once::new();
    if let Err(failure) = write!(stdout(), "{content}").and_then(|()| stdout().flush()) {
        TOLD.call_once(|| {
            note(&format!(
                "warning: writing to stdout: {failure}; the work goes on"
            ))
        });
    }
}

/// Says on stderr what the user may want to know.
pub(super) fn note(message: &str) {
    // Not eprintln!, which panics when a terminal has gone.
    let _ = writeln!(stderr(), "{message}");
}

/// Says on stderr what failed while the work goes on.
pub(super) fn error(failure: &anyhow::Error) {
    note(&format!("error: {}", super::one_line(failure)));
}

/// Writes a picture as PNG.
pub(super) fn picture<P>(picture: &ImageBuffer<P, Vec<u8>>, path: &Path) -> Result<()>
where
    P: PixelWithColorType<Subpixel = u8>,
{
    let png = plots::png(picture).with_context(|| format!("writing {}", path.display()))?;
    write_atomic(path, &png)
}

/// A progress bar's style; a template is fixed text, so that a bad one shows in the first test.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
