//! `mnist-tch summary`: a network's layer table, or the same as a PyTorch module.

use anyhow::Result;
use clap::Args;

use super::model::{ArchitectureArgs, ModelName};
use super::report;
use crate::model::summary::Summary;
use crate::model::{MOST_MEMBERS, python};

#[derive(Debug, Args)]
pub(super) struct SummaryArgs {
    #[command(flatten)]
    architecture: ArchitectureArgs,

    /// Print the network as source of a plain PyTorch module, which takes an exported .safetensors.
    #[arg(long)]
    python: bool,

    /// With --python: for N networks that answer together, as class Ensemble.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "python",
          value_parser = clap::value_parser!(u8).range(1..=MOST_MEMBERS as i64))]
    ensemble: u8,
}

pub(super) fn run(args: &SummaryArgs) -> Result<()> {
    let architecture = args.architecture.any_architecture_or(ModelName::Vgg)?;
    match args.python {
        true => report::text(&python::module(&architecture, usize::from(args.ensemble))),
        false => report::text(&Summary::new(&architecture)?),
    }
}
