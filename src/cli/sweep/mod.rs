//! `mnist-tch sweep`: a grid of trainings, and what its networks gain by their size.

mod folder;
mod grid;
mod series;
mod table;

pub(super) use self::folder::SweepDir;
pub(super) use self::grid::{Grid, Member};
pub(super) use self::table::{Row, Spread};

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use self::grid::Widths;
use super::compute::ComputeArgs;
use super::data::DataArgs;
use super::interrupt::{self, Interrupted};
use super::model::ModelName;
use super::report::{self, SweepReporter};
use super::train::positive;
use super::training::{Training, saved};
use crate::dataset::Dataset;
use crate::plots;
use crate::run::RunResults;
use crate::storage::write_atomic;
use crate::trainer::{Settings, TrainConfig};

#[derive(Debug, Args)]
pub(super) struct SweepArgs {
    /// Networks to train [default: mlp with --hidden, else cnn]
    #[arg(long, value_enum, value_name = "MODEL,…", value_delimiter = ',')]
    model: Option<Vec<ModelName>>,

    /// Hidden layers of mlps: each item is one network, so that 10,30 are two of one layer, and
    /// 128x64 is one of two layers [default: 128]
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    hidden: Option<Vec<Widths>>,

    /// Peak learning rates of the one-cycle schedule [default: as in train]
    #[arg(long, value_name = "RATE,…", value_delimiter = ',', value_parser = positive)]
    lr: Option<Vec<f64>>,

    /// Batch sizes: images per step [default: as in train]
    #[arg(long, value_name = "N,…", value_delimiter = ',',
          value_parser = clap::value_parser!(u32).range(2..))]
    batch_size: Option<Vec<u32>>,

    /// Train each with the seeds 0 to N - 1 [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    seeds: Option<u32>,

    /// Passes over the training split [default: as in train]
    #[arg(long, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=TrainConfig::MOST_EPOCHS as i64))]
    epochs: Option<u32>,

    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    compute: ComputeArgs,

    /// Folder for the table, the picture and a run folder for each training. What is finished
    /// there is taken over, so that the same command goes on where it was interrupted.
    #[arg(long, short, value_name = "DIR", default_value = "runs/sweep")]
    out: PathBuf,
}

pub(super) fn run(args: &SweepArgs) -> Result<ExitCode> {
    let (device, precision) = args.compute.prepare()?;
    let grid = args.grid(precision)?;
    let dataset = args.data.load()?;
    let folder = SweepDir::open(&args.out)?;
    let members = grid.members();
    let trainings = members.iter().map(|member| {
        let architecture = &grid.settings[member.row].architecture;
        Training {
            settings: Settings {
                limit: args.data.limit(),
                ..Settings::new(architecture, &member.config, &dataset, device)
            },
            dataset: &dataset,
            device,
            tensorboard: false,
        }
    });
    let trainings: Vec<_> = members.iter().zip(trainings).collect();
    // What does not fit is told before hours of training, not after.
    let finished = trainings
        .iter()
        .map(|(member, training)| folder.finished(&member.name, training))
        .collect::<Result<Vec<_>>>()?;
    let mut rows = Row::of(&grid)?;

    interrupt::listen()?;
    report::sweep_starts(&grid, &dataset, device);
    let missing = members
        .iter()
        .zip(&finished)
        .filter(|(_, found)| found.is_none());
    let epochs = missing.map(|(member, _)| member.config.epochs).sum();
    let mut reporter = SweepReporter::new(&members, epochs, dataset.train.len());
    for ((member, training), before) in trainings.iter().zip(finished) {
        let is_new = before.is_none();
        let results = match before {
            Some(results) => Ok(results),
            None => train(&folder, member, training, &mut reporter),
        };
        match results {
            Ok(results) => {
                reporter.trained(member, &results, is_new);
                rows[member.row].results.push(results);
            }
            Err(failure) if failure.is::<Interrupted>() => {
                drop(reporter);
                report::sweep_interrupted(&folder);
                let code = failure
                    .downcast_ref::<Interrupted>()
                    .map(Interrupted::exit_code);
                return Ok(code.map_or(ExitCode::FAILURE, ExitCode::from));
            }
            // The others may well succeed: one rate too high is no reason to stop a night's work.
            Err(failure) => reporter.failed(member, &failure),
        }
    }
    drop(reporter);

    write_atomic(&folder.table(), &table::csv(&rows)?)?;
    draw(&folder, &grid, &rows, &dataset)?;
    report::sweep_ends(&grid, &rows, &folder)?;
    Ok(match rows.iter().all(|row| row.is_complete(&grid)) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Writes the picture, unless every training failed and there is nothing to draw.
fn draw(folder: &SweepDir, grid: &Grid, rows: &[Row<'_>], dataset: &Dataset) -> Result<()> {
    let series = series::of(rows);
    if series.is_empty() {
        return Ok(());
    }
    let data = dataset.origin.title();
    let title = format!("Accuracy against size on the validation split of {data}");
    let picture = plots::sizes(&series, &title, &report::sweep_note(grid))?;
    report::picture(&picture, &folder.picture())
}

fn train(
    folder: &SweepDir,
    member: &Member,
    training: &Training,
    reporter: &mut SweepReporter,
) -> Result<RunResults> {
    reporter.starts(member);
    let train = || {
        let run = folder.begin(&member.name)?;
        training.run(&run, saved(&run)?.as_ref(), &mut |event| {
            reporter.on(event);
            Ok(())
        })
    };
    train().with_context(|| format!("training {}", member.name))
}
