//! `mnist-tch infer`: the digit in each image file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use super::model::TrainedArgs;
use super::report;
use crate::device::DeviceChoice;
use crate::recognizer::{Answer, Recognizer};

#[derive(Debug, Args)]
pub(super) struct InferArgs {
    /// Image files: PNG, JPEG, WebP, BMP, TIFF or GIF, told apart by their content.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,

    #[command(flatten)]
    model: TrainedArgs,

    /// Print the N most probable digits.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u8).range(1..=10))]
    top_k: u8,

    /// Print one JSON object a line: file, digit (null where none is seen), confidence,
    /// probabilities, reason.
    #[arg(long)]
    json: bool,

    /// Device to compute on: auto, cpu, cuda, cuda:N or mps.
    #[arg(long, default_value_t = DeviceChoice::Cpu)]
    device: DeviceChoice,
}

pub(super) fn run(args: &InferArgs) -> Result<ExitCode> {
    let (net, _) = args.model.load(args.device.resolve()?)?;
    let recognizer = Recognizer::new(net);
    let mut code = ExitCode::SUCCESS;
    for path in &args.images {
        match read(&recognizer, path) {
            Ok(answer) if args.json => report::answer_json(path, &answer, args.top_k.into())?,
            Ok(answer) => report::answer_line(path, &answer, args.top_k.into())?,
            Err(failure) => {
                report::error(&failure);
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn read(recognizer: &Recognizer, path: &Path) -> Result<Answer> {
    let bytes = if path.is_dir() {
        Err(anyhow::anyhow!("it is a folder: name the images in it"))
    } else {
        fs::read(path).map_err(Into::into)
    };
    bytes
        .and_then(|bytes| recognizer.read(&bytes))
        .with_context(|| format!("reading the image {}", path.display()))
}
