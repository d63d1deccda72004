//! `mnist-tch train`: from data to a finished run.

mod args;
mod job;
mod network;
mod preset;
mod reader;
mod resume;

pub(super) use args::{TrainArgs, positive, refuse_with_resume};

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, ensure};

use self::preset::Preset;
use super::arguments::misuse;
use super::report;
use crate::experiment;
use crate::run::{ReaderSettings, RunDir};

pub(super) fn run(args: &TrainArgs) -> Result<ExitCode> {
    match &args.resume {
        Some(path) => resume(args, path),
        None if args.preset == Preset::Reader => reader::run(reader::begin(args)?),
        None => network::run(&network::begin(args)?, args.tensorboard),
    }
}

/// Resumes a run, or extends it if it is finished and more epochs are requested.
fn resume(args: &TrainArgs, path: &Path) -> Result<ExitCode> {
    let run = RunDir::open(path)?;
    let reader = ReaderSettings::read(&run)?;
    match (args.epochs, run.is_finished()) {
        (None, false) => {}
        (None, true) => {
            // A killed process may have left its state; on a read-only disk it does no harm.
            if let Ok(run) = RunDir::reopen(path) {
                run.remove_state()?;
            }
            report::nothing_left(&run)?;
            return Ok(ExitCode::SUCCESS);
        }
        (Some(_), false) => {
            return Err(misuse(&format!(
                "{} is not finished: resume it without --epochs, then it can be extended",
                path.display()
            )));
        }
        (Some(epochs), true) => {
            ensure!(
                reader.is_none(),
                "a reader's run cannot be extended: train a new one with --preset reader --from {}",
                run.reader().display()
            );
            let run = RunDir::reopen(path)?;
            experiment::extend(&run, epochs as usize)?;
            report::extended(&run, epochs);
        }
    }
    match reader {
        Some(settings) => reader::run(reader::resume(args, RunDir::reopen(path)?, settings)?),
        None => {
            let job = resume::open(path, &args.compute, &args.data)?;
            network::run(&job, args.tensorboard)
        }
    }
}
