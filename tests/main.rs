//! Whole-program tests: one binary, since each links libtorch.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod bad_input;
mod bench;
mod browser;
mod cli;
mod cycles;
mod download;
mod export;
mod extend;
mod faults;
mod formats;
mod forms;
mod import;
mod inputs;
mod kill;
mod layers;
mod pictures;
mod properties;
mod python;
mod reader;
mod reader_training;
mod real_data;
mod rendered;
mod rendering;
mod resume;
mod resume_at_any_step;
mod serve;
mod side_by_side;
mod sweep;
mod tables;
mod testenv;
mod training;
mod wild;
mod zoo;
