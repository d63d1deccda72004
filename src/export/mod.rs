//! A network as a file for others, checked before it takes its place.

mod metadata;
pub mod onnx;
mod torchscript;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use strum::{Display, EnumIter, EnumString, IntoEnumIterator, VariantNames};
use tch::{Device, Kind, TchError, Tensor};

use crate::dataset::synthetic;
use crate::model::Net;
use crate::model::checkpoint::{self, Description};
use crate::shim::in_brief;
use crate::storage::replace_atomic;
use crate::tensors::{images_from_bytes, to_batch};

/// How a network is written for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, EnumIter, VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum Format {
    /// A program with named parameters for `torch.jit.load`.
    TorchScript,
    /// Weights with PyTorch's names and layouts.
    Safetensors,
    /// A graph for ONNX Runtime, browsers and phones.
    Onnx,
}

impl Format {
    /// The ending that tells a reader what such a file is.
    pub fn ending(self) -> &'static str {
        match self {
            Self::TorchScript => "pt",
            Self::Safetensors => "safetensors",
            Self::Onnx => "onnx",
        }
    }

    /// The format that a file's ending tells.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?;
        Self::iter().find(|format| ending.eq_ignore_ascii_case(format.ending()))
    }
}

/// What a file answers to images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, Serialize)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// What the softmax is taken of; all that TorchScript programs and weights here know.
    Logits,
    /// The softmax, in ONNX only.
    Probabilities,
}

/// Batch sizes on which a file is compared: two, to prove that the size is free.
const BATCHES: [usize; 2] = [1, 7];

/// How far a logit of a file may be from the network's own, for logits of up to 1; for greater ones
/// in proportion, since what differs are the last digits.
const TOLERANCE: f64 = 1e-5;

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
    answer: Answer,
    path: &Path,
) -> Result<f64> {
    ensure!(
        answer == Answer::Logits || format == Format::Onnx,
        "a {format} file has logits; probabilities are for {}",
        Format::Onnx
    );
    net.to_device(Device::Cpu);
    let mut apart = 0.0;
    replace_atomic(path, |staged| {
        match format {
            Format::TorchScript => {
                torchscript::save(net, &metadata::json(description, answer)?, staged)?;
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

/// What a file answers to images.
type Answers = Box<dyn Fn(&Tensor) -> Result<(Tensor, Answer)>>;

fn open(net: &Net, format: Format, path: &Path) -> Result<Answers> {
    Ok(match format {
        Format::TorchScript => {
            let program = torchscript::open(path)?;
            Box::new(move |images| Ok((torchscript::logits(&program, images)?, Answer::Logits)))
        }
        Format::Safetensors => {
            let (net, _) = checkpoint::import(path, net.architecture())?;
            Box::new(move |images| Ok((net.logits(images)?, Answer::Logits)))
        }
        Format::Onnx => {
            let graph = onnx::open(path)?;
            Box::new(move |images| onnx::answers(&graph, images))
        }
    })
}

fn compare(net: &Net, answers: &Answers) -> Result<f64> {
    let mut furthest: f64 = 0.0;
    for size in BATCHES {
        // Digits, since a network may answer the same to all else; from a generator of their own.
        let images = to_batch(&images_from_bytes(&synthetic::digits(size, 0).pixels));
        let (other, answer) = answers(&images)?;
        let own = match answer {
            Answer::Logits => net.logits(&images)?,
            Answer::Probabilities => net.logits(&images)?.softmax(-1, Kind::Float),
        };
        ensure!(
            own.size() == other.size(),
            "it gives {answer} of shape {:?}, {:?} is needed",
            other.size(),
            own.size()
        );
        let greatest = own.abs().max().double_value(&[]).max(1.0);
        let apart = distance(&own, &other).map_err(in_brief)?;
        ensure!(
            apart <= TOLERANCE * greatest,
            "its {answer} are {apart:.1e} off for a batch of {size}: it is not the same network"
        );
        furthest = furthest.max(apart);
    }
    Ok(furthest)
}

/// The greatest difference of two batches, of which a user's file decides what the other is made of.
fn distance(own: &Tensor, other: &Tensor) -> Result<f64, TchError> {
    let other = other.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?;
    own.f_sub(&other)?.f_abs()?.f_max()?.f_double_value(&[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Architecture;

    #[test]
    fn a_file_that_answers_otherwise_is_refused() {
        let architecture = Architecture::Mlp { hidden: vec![] };
        let net = Net::new(&architecture, Device::Cpu).unwrap();
        let with = |change: fn(Tensor) -> Tensor| {
            let mut same = Net::new(&architecture, Device::Cpu).unwrap();
            same.restore(&net.snapshot()).unwrap();
            let answers: Answers =
                Box::new(move |images| Ok((change(same.logits(images)?), Answer::Logits)));
            compare(&net, &answers)
        };
        assert_eq!(with(|logits| logits).unwrap(), 0.0);
        let off = with(|logits| logits + 0.001).unwrap_err();
        assert!(off.to_string().contains("off for a batch of 1"));
        for change in [
            |logits: Tensor| logits.narrow(0, 0, 1).narrow(1, 0, 9),
            |logits: Tensor| logits / 0.0,
            |logits: Tensor| logits.gt(0.0),
        ] {
            assert!(with(change).is_err());
        }
    }

    #[test]
    fn a_change_of_the_first_weights_is_seen_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let (mut net, description) = checkpoint::builtin(Device::Cpu).unwrap();
        for format in Format::iter() {
            let path = folder.path().join("model").with_extension(format.ending());
            let (mut other, _) = checkpoint::builtin(Device::Cpu).unwrap();
            export(&mut other, &description, format, Answer::Logits, &path).unwrap();
            verify(&mut net, format, &path).unwrap();
            let first = (
                "conv1.weight".to_owned(),
                other.weights().variables()["conv1.weight"].copy() * 1.001,
            );
            other.restore(&[first]).unwrap();
            let failure = format!("{:#}", verify(&mut other, format, &path).unwrap_err());
            assert!(failure.contains("not the same network"), "{failure}");
        }
    }
}
