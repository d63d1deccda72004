//! `mnist-tch bench`: how fast this machine trains and answers.

use std::env;

use anyhow::{Context, Result};
use clap::Args;

use super::arguments::{at_least, one_of, whole};
use super::compute::ComputeArgs;
use super::model::ArchitectureArgs;
use super::report::{self, BenchReporter};
use crate::bench::{BenchConfig, Part, bench};
use crate::model::Architecture;
use crate::trainer::TrainConfig;

#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    #[command(flatten)]
    architecture: ArchitectureArgs,

    #[command(flatten)]
    compute: ComputeArgs,

    /// Random images per training epoch and per inference pass.
    #[arg(long, value_name = "N", default_value_t = 6_400,
          value_parser = whole(1..=10_000_000_u32))]
    images: u32,

    /// Batch size of training.
    #[arg(long, value_name = "N", default_value_t = TrainConfig::BATCH_SIZE as u32,
          value_parser = at_least(2_u32))]
    batch_size: u32,

    /// Batch size of inference.
    #[arg(long, value_name = "N", default_value_t = 500,
          value_parser = at_least(1_u32))]
    inference_batch_size: u32,

    /// Measure only these [default: all]
    #[arg(long, value_name = "PART,…", value_delimiter = ',', value_parser = one_of::<Part>())]
    only: Option<Vec<Part>>,

    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &BenchArgs) -> Result<()> {
    let (device, precision) = args.compute.prepare()?;
    let config = BenchConfig {
        architecture: args.architecture.architecture_or(Architecture::Vgg)?,
        device,
        precision,
        images: args.images as usize,
        batch_size: args.batch_size as usize,
        inference_batch_size: args.inference_batch_size as usize,
        program: env::current_exe().context("locating this program's executable")?,
        parts: args.only.clone().unwrap_or(Part::ALL.to_vec()),
    };
    let reporter = BenchReporter::new();
    let found = bench(&config, &mut |part| reporter.part(part))?;
    reporter.end();
    match args.json {
        true => report::bench_json(&found),
        false => report::bench(&found),
    }
}
