//! `mnist-tch summary`: a network's layer table.

use anyhow::Result;
use clap::Args;

use super::model::{ArchitectureArgs, ModelName};
use super::report;
use crate::model::summary::Summary;

#[derive(Debug, Args)]
pub(super) struct SummaryArgs {
    #[command(flatten)]
    architecture: ArchitectureArgs,
}

pub(super) fn run(args: &SummaryArgs) -> Result<()> {
    report::text(&Summary::new(
        &args.architecture.architecture_or(ModelName::Vgg)?,
    )?)
}
