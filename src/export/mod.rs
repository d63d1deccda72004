//! Export of networks and readers for other programs, with verification.

mod compare;
mod format;
mod metadata;
pub mod onnx;
mod reader;
mod torchscript;

pub use format::{Format, Output};
pub use reader::{export_reader, verify_reader};

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tch::Device;

use crate::model::Net;
use crate::model::checkpoint::{self, Description};
use crate::storage::replace_atomic;
use compare::{Runner, compare};

/// The default method of a TorchScript program.
const FORWARD: &str = "forward";

/// Writes a network to `path`, atomically.
///
/// The file is loaded again and must give the network's own outputs before it is renamed into
/// place. The network is moved to the CPU. Returns the largest difference.
///
/// # Errors
/// When the file cannot be written, or gives other outputs.
pub fn export(
    net: &mut Net,
    description: &Description,
    format: Format,
    answer: Output,
    path: &Path,
) -> Result<f64> {
    ensure!(
        net.architecture().is_classifier(),
        "a {} is exported with its reader",
        net.architecture()
    );
    ensure!(
        answer == Output::Logits || (answer, format) == (Output::Probabilities, Format::Onnx),
        "a {format} file has logits; probabilities are for {}",
        Format::Onnx
    );
    net.to_device(Device::Cpu);
    let mut difference = 0.0;
    replace_atomic(path, |staged| {
        match format {
            Format::TorchScript => {
                let methods = [torchscript::Method {
                    name: FORWARD,
                    owner: None,
                    net,
                }];
                torchscript::save(&methods, &metadata::json(description, answer)?, staged)?;
            }
            Format::Safetensors => checkpoint::save(net, description, staged)?,
            Format::Onnx => {
                onnx::save(net, answer, &metadata::json(description, answer)?, staged)?;
            }
        }
        difference = open(net, format, staged)
            .and_then(|run| compare(net, &run))
            .with_context(|| format!("checking the {format} file just written"))?;
        Ok(())
    })?;
    Ok(difference)
}

/// Compares an existing file with a network, which is moved to the CPU. Returns the largest
/// difference of their outputs.
///
/// This executes a TorchScript program, which is code: only verify files that you trust.
///
/// # Errors
/// When the file cannot be read, is of another network, or gives other outputs.
pub fn verify(net: &mut Net, format: Format, path: &Path) -> Result<f64> {
    net.to_device(Device::Cpu);
    open(net, format, path)
        .and_then(|run| compare(net, &run))
        .with_context(|| {
            let network = net.architecture();
            format!(
                "comparing {} as {format} with the {network} that --model names",
                path.display()
            )
        })
}

fn open(net: &Net, format: Format, path: &Path) -> Result<Runner> {
    Ok(match format {
        Format::TorchScript => {
            let program = torchscript::open(path)?;
            Box::new(move |images| {
                let logits = torchscript::run(&program, FORWARD, images)?;
                Ok((logits, Output::Logits))
            })
        }
        Format::Safetensors => {
            let (net, _) = checkpoint::import(path, net.architecture())?;
            Box::new(move |images| Ok((net.logits(images)?, Output::Logits)))
        }
        Format::Onnx => {
            let graph = onnx::open(path)?;
            Box::new(move |images| onnx::run(&graph, images))
        }
    })
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn a_change_of_the_first_weights_is_detected() {
        let folder = tempfile::tempdir().unwrap();
        let (mut net, description) = checkpoint::builtin(Device::Cpu).unwrap();
        for format in Format::iter() {
            let path = folder
                .path()
                .join("model")
                .with_extension(format.extension());
            let (mut other, _) = checkpoint::builtin(Device::Cpu).unwrap();
            export(&mut other, &description, format, Output::Logits, &path).unwrap();
            verify(&mut net, format, &path).unwrap();
            let mut weights = other.snapshot();
            let first = weights.iter_mut().find(|(name, _)| name == "conv1.weight");
            let (_, first) = first.unwrap();
            *first = &*first * 1.001;
            other.restore(&weights).unwrap();
            let failure = format!("{:#}", verify(&mut other, format, &path).unwrap_err());
            assert!(failure.contains("this is a different network"), "{failure}");
        }
    }
}
