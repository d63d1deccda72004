//! `mnist-tch export`: a trained network, or a reader, as a file for other programs.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Args;
use tch::Device;

use super::arguments::{misuse, one_of};
use super::report;
use super::trained::{Model, TrainedArgs, load_reader};
use crate::export::{Format, Output, export, export_reader, onnx, verify, verify_reader};

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    model: TrainedArgs,

    /// Write a reader of pictures instead: builtin, which comes with the program, or a run folder of
    /// `train --preset reader`, or a reader.safetensors.
    #[arg(long, value_name = "builtin|RUN|FILE", conflicts_with = "model")]
    reader: Option<PathBuf>,

    /// torchscript: a program for torch.jit.load; safetensors: the weights alone; onnx: a graph for
    /// ONNX Runtime, browsers and phones [default: by the file's extension, else torchscript]
    #[arg(long, value_parser = one_of::<Format>())]
    format: Option<Format>,

    /// File to write [default: model.pt, model.safetensors or model.onnx; of a reader: reader.pt and so on].
    /// A reader has two graphs: with reader.onnx, reader-detector.onnx and reader-crop.onnx are written.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Include the softmax in an ONNX file, which then outputs probabilities instead of logits.
    #[arg(long)]
    softmax: bool,

    /// Write nothing; compare an existing file with --model. A .pt file is a program, which is run.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "softmax"])]
    verify: Option<PathBuf>,
}

impl ExportArgs {
    fn load(&self) -> Result<Model> {
        match &self.reader {
            Some(name) => {
                let (reader, description) = load_reader(name, Device::Cpu)?;
                Ok(Model::Reader(reader, description))
            }
            None => self.model.load_any(Device::Cpu),
        }
    }
}

pub(super) fn run(args: &ExportArgs) -> Result<()> {
    let file = args.verify.as_deref().or(args.out.as_deref());
    let format = args.format.or(file.and_then(Format::of));
    if let Some(path) = &args.verify {
        return run_verify(args, format, path);
    }
    // Only a name without an extension gets the default format.
    let with_extension = args.out.as_deref().filter(|out| out.extension().is_some());
    if let (None, Some(out)) = (format, with_extension) {
        return Err(unknown_extension(out));
    }
    let format = format.unwrap_or(Format::TorchScript);
    if args.softmax && format != Format::Onnx {
        return Err(misuse("--softmax is for --format onnx"));
    }
    if let Some(out) = &args.out {
        refuse_other_extension(format, out)?;
    }
    let answer = match args.softmax {
        true => Output::Probabilities,
        false => Output::Logits,
    };
    let out = |name: &str| {
        let named = || PathBuf::from(name).with_extension(format.extension());
        args.out.clone().unwrap_or_else(named)
    };
    let (mut net, description) = match args.load()? {
        Model::Net(net, description) => (net, description),
        Model::Reader(..) if args.softmax => {
            return Err(misuse(
                "--softmax is for a network that classifies digits, not for a reader",
            ));
        }
        Model::Reader(mut reader, description) => {
            let files = export_reader(&mut reader, &description, format, &out("reader"))?;
            return files.iter().try_for_each(|(path, apart)| {
                report::text(&format!(
                    "{}: reader as {}, loaded again and found to give the same answers ({})\n",
                    path.display(),
                    title(format),
                    difference(*apart)
                ))
            });
        }
    };
    let out = out("model");
    let apart = export(&mut net, &description, format, answer, &out)?;
    report::text(&format!(
        "{}: {} as {}, loaded again and found to give the same {answer} ({})\n",
        out.display(),
        description.name(),
        title(format),
        difference(apart)
    ))
}

fn run_verify(args: &ExportArgs, format: Option<Format>, path: &Path) -> Result<()> {
    let Some(format) = format else {
        return Err(unknown_extension(path));
    };
    let (mut net, description) = match args.load()? {
        Model::Net(net, description) => (net, description),
        Model::Reader(mut reader, _) => {
            let files = verify_reader(&mut reader, format, path)?;
            return files.iter().try_for_each(|(path, apart)| {
                report::text(&format!(
                    "{}: {}, gives the same answers as the reader ({})\n",
                    path.display(),
                    title(format),
                    difference(*apart)
                ))
            });
        }
    };
    let apart = verify(&mut net, format, path)?;
    report::text(&format!(
        "{}: {}, gives the same answers as {} ({})\n",
        path.display(),
        title(format),
        description.name(),
        difference(apart)
    ))
}

fn unknown_extension(path: &Path) -> anyhow::Error {
    misuse(&format!(
        "{}: unknown format: use the extension .pt, .safetensors or .onnx, or give --format",
        path.display()
    ))
}

fn title(format: Format) -> String {
    match format {
        Format::Onnx => format!("{format} (opset {})", onnx::OPSET),
        _ => format.to_string(),
    }
}

fn difference(apart: f64) -> String {
    match apart {
        0.0 => "bit for bit".to_owned(),
        _ => format!("greatest difference {apart:.0e}"),
    }
}

/// Refuses an extension that belongs to another format.
fn refuse_other_extension(format: Format, out: &Path) -> Result<()> {
    let named = Format::of(out).unwrap_or(format);
    ensure!(
        named == format,
        "writing {}: .{} is not the extension of {format}; use the extension .{} or --format {named}",
        out.display(),
        named.extension(),
        format.extension()
    );
    Ok(())
}
