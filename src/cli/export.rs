//! `mnist-tch export`: a trained network as a file for others.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use tch::Device;

use super::model::TrainedArgs;
use super::one_of;
use super::report;
use crate::export::{Format, export};

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    model: TrainedArgs,

    /// torchscript: a program for torch.jit.load; safetensors: the weights alone.
    #[arg(long, value_parser = one_of::<Format>(), default_value_t = Format::TorchScript)]
    format: Format,

    /// File to write [default: model.pt or model.safetensors]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &ExportArgs) -> Result<()> {
    refuse_other_endings(args)?;
    let (mut net, description) = args.model.load(Device::Cpu)?;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from("model").with_extension(args.format.ending()));
    export(&mut net, &description, args.format, &out)?;
    report::text(&format!(
        "{}: {} as {}, loaded again and found to give the same logits\n",
        out.display(),
        description.name(),
        args.format
    ))
}

/// A file that is called what it is not would be lost on whoever reads it.
fn refuse_other_endings(args: &ExportArgs) -> Result<()> {
    let Some(out) = &args.out else { return Ok(()) };
    let (own, other) = match args.format {
        Format::TorchScript => (Format::TorchScript, Format::Safetensors),
        Format::Safetensors => (Format::Safetensors, Format::TorchScript),
    };
    ensure!(
        out.extension()
            .is_none_or(|ending| ending != other.ending()),
        "writing {}: a {own} file is not called .{}; choose the ending .{} or --format {other}",
        out.display(),
        other.ending(),
        own.ending()
    );
    Ok(())
}
