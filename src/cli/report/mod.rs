//! All that is printed: results to stdout, progress and warnings to stderr.

mod bench;
mod data;
mod evaluation;
mod format;
mod output;
mod pictures;
mod readings;
mod scenes;
mod sheets;
mod sweep;
mod tables;
mod training;
mod wild;

pub(super) use bench::{BenchReporter, bench, bench_json};
pub(super) use data::DataReporter;
pub(super) use evaluation::{evaluation, evaluation_json};
pub use format::one_line;
pub(super) use format::{Format, csv_row};
pub(super) use output::{note, set_quiet, text, warning};
pub(super) use pictures::{PictureReporter, unreadable};
pub(super) use readings::{reading, readings_header, unread, unreadable_record};
pub(super) use scenes::scene_scores;
pub(super) use sheets::sheet_scores;
pub(super) use sweep::{SweepReporter, sweep_ends, sweep_interrupted};
pub(super) use tables::{no_table, sheet, unread_cells};
pub(super) use training::{
    TrainReporter, extended, how_to_resume, interrupted, member_begins, member_ends, nothing_left,
    reader_interrupted, reader_judged, reader_training_ends, reader_training_starts, training_ends,
    training_starts,
};
pub(super) use wild::{wild, wild_json};
