//! `mnist-tch export`: a trained network as a file for others.

use std::path::PathBuf;

use anyhow::Result;
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
    let (mut net, description) = args.model.load(Device::Cpu)?;
    let out = args.out.clone().unwrap_or_else(|| match args.format {
        Format::TorchScript => PathBuf::from("model.pt"),
        Format::Safetensors => PathBuf::from("model.safetensors"),
    });
    export(&mut net, &description, args.format, &out)?;
    report::text(&format!(
        "{}: {} as {}, loaded again and found to give the same logits\n",
        out.display(),
        description.architecture,
        args.format
    ))
}
