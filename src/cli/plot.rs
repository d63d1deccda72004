//! `mnist-tch plot-samples` and `mnist-tch plot-curves`: pictures of data and runs.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::arguments::{at_least, one_of, png_file, whole};
use super::data::DataArgs;
use super::report;
use super::trained::newest_run;
use crate::dataset::Split;
use crate::plots;
use crate::run::RunDir;

#[derive(Debug, Args)]
pub(super) struct SamplesArgs {
    #[command(flatten)]
    data: DataArgs,

    /// Split to take the digits from.
    #[arg(long, value_parser = one_of::<Split>(), default_value = Split::Train.name())]
    split: Split,

    /// Number of digits.
    #[arg(long, value_name = "N", default_value_t = 40,
          value_parser = whole(1..=1000_u16))]
    count: u16,

    /// Seed of the random selection.
    #[arg(long, default_value_t = 0, value_parser = at_least(0_u64))]
    seed: u64,

    /// PNG file to write.
    #[arg(long, short, value_name = "FILE", default_value = "samples.png", value_parser = png_file)]
    out: PathBuf,
}

pub(super) fn run_samples(args: &SamplesArgs) -> Result<()> {
    let dataset = args.data.load()?;
    let all = dataset.examples(args.split).len();
    let count = (args.count.into(), all);
    let (picture, title) = plots::samples_of(&dataset, args.split, count, args.seed)?;
    plots::save(&picture, &args.out)?;
    report::text(&format!("{}: {title}\n", args.out.display()))
}

#[derive(Debug, Args)]
pub(super) struct CurvesArgs {
    /// Run folders [default: the run in runs/ that finished last]
    #[arg(value_name = "RUN")]
    runs: Vec<PathBuf>,

    /// PNG file to write.
    #[arg(long, short, value_name = "FILE", default_value = "curves.png", value_parser = png_file)]
    out: PathBuf,
}

pub(super) fn run_curves(args: &CurvesArgs) -> Result<()> {
    let runs: Vec<RunDir> = match &args.runs[..] {
        [] => vec![newest_run("name its folder")?],
        named => named
            .iter()
            .map(|path| RunDir::open(path))
            .collect::<Result<_>>()?,
    };
    let runs: Vec<RunDir> = runs.into_iter().flat_map(RunDir::with_histories).collect();
    let histories = runs
        .iter()
        .map(RunDir::history)
        .collect::<Result<Vec<_>>>()?;
    let curves: Vec<_> = runs
        .iter()
        .zip(&histories)
        .map(|(run, history)| plots::Run {
            name: run.name(),
            history,
        })
        .collect();
    let picture = plots::curves(&curves)
        .with_context(|| format!("drawing the curves {}", args.out.display()))?;
    plots::save(&picture, &args.out)?;
    let names: Vec<&str> = curves.iter().map(|run| run.name).collect();
    report::text(&format!(
        "{}: curves of {}\n",
        args.out.display(),
        names.join(", ")
    ))
}
