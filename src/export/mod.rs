//! A network, or a reader, as a file for others, checked before it takes its place.

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

/// The function of a TorchScript program that a call of it runs.
const FORWARD: &str = "forward";

/// Writes a network to `path`, which is complete or stays as it was.
///
/// What was written is loaded again and must give the network's own answers before it is renamed
/// into place. The network computes on the CPU from here on. Returns the greatest difference.
///
/// # Errors
/// When the file cannot be written, or answers otherwise.
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
    let mut apart = 0.0;
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
        apart = open(net, format, staged)
            .and_then(|answers| compare(net, &answers))
            .with_context(|| format!("checking the {format} file just written"))?;
        Ok(())
    })?;
    Ok(apart)
}

/// Compares a file that exists with a network, which computes on the CPU from here on. Returns the
/// greatest difference of their answers.
///
/// A TorchScript program is code, which is run by this: only trust your own.
///
/// # Errors
/// When the file cannot be read, is of another network, or answers otherwise.
pub fn verify(net: &mut Net, format: Format, path: &Path) -> Result<f64> {
    net.to_device(Device::Cpu);
    open(net, format, path)
        .and_then(|answers| compare(net, &answers))
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
    fn a_change_of_the_first_weights_is_seen_at_the_end() {
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
