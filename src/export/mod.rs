//! A network as a file for others, checked before it takes its place.

mod torchscript;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use strum::{Display, EnumString, VariantNames};
use tch::{Device, Kind, Tensor};

use crate::model::Net;
use crate::model::architecture::INPUT_SHAPE;
use crate::model::checkpoint::{self, Description};
use crate::run::replace_atomic;

/// How a network is written for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum Format {
    /// A program with named parameters for `torch.jit.load`.
    TorchScript,
    /// Weights with PyTorch's names and layouts.
    Safetensors,
}

impl Format {
    /// The ending that tells a reader what such a file is.
    pub fn ending(self) -> &'static str {
        match self {
            Self::TorchScript => "pt",
            Self::Safetensors => "safetensors",
        }
    }
}

/// Batch sizes on which the written file is compared: two, to prove that the size is free.
const BATCHES: [i64; 2] = [1, 7];

/// How far a logit of the written file may be from the network's own, for logits of up to 1; for
/// greater ones in proportion, since what differs are the last digits.
const TOLERANCE: f64 = 1e-5;

/// Writes a network to `path`, which is complete or stays as it was.
///
/// What was written is loaded again and must give the network's own logits before it is renamed
/// into place. The network computes on the CPU from here on.
///
/// # Errors
/// When the file cannot be written, or gives other logits.
pub fn export(net: &mut Net, description: &Description, format: Format, path: &Path) -> Result<()> {
    net.to_device(Device::Cpu);
    replace_atomic(path, |staged| {
        match format {
            Format::TorchScript => {
                torchscript::save(net, &serde_json::to_string_pretty(description)?, staged)?;
            }
            Format::Safetensors => checkpoint::save(net, description, staged)?,
        }
        let reread = |images: &Tensor| match format {
            Format::TorchScript => torchscript::logits(staged, images),
            Format::Safetensors => Ok(checkpoint::load(staged, Device::Cpu)?.0.logits(images)),
        };
        compare(net, &reread).with_context(|| format!("checking the {format} file just written"))
    })
}

fn compare(net: &Net, reread: &dyn Fn(&Tensor) -> Result<Tensor>) -> Result<()> {
    for size in BATCHES {
        // A ramp through all greys: no random numbers, which would move the user's generator.
        let [channels, height, width] = INPUT_SHAPE;
        let values = size * channels * height * width;
        let images = Tensor::arange(values, (Kind::Float, Device::Cpu));
        let images = images.view([size, channels, height, width]);
        let images = images / values as f64;
        let (own, other) = (net.logits(&images), reread(&images)?);
        ensure!(
            own.size() == other.size(),
            "it gives logits of shape {:?}",
            other.size()
        );
        let greatest = own.abs().max().double_value(&[]).max(1.0);
        let apart = (own - other).abs().max().double_value(&[]);
        ensure!(
            apart <= TOLERANCE * greatest,
            "its logits are {apart:.1e} off for a batch of {size}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Architecture;

    #[test]
    fn a_file_that_answers_otherwise_is_refused() {
        let architecture = Architecture::Mlp { hidden: vec![] };
        let net = Net::new(&architecture, Device::Cpu).unwrap();
        compare(&net, &|images| Ok(net.logits(images))).unwrap();
        let off = compare(&net, &|images| Ok(net.logits(images) + 0.001)).unwrap_err();
        assert!(off.to_string().contains("off for a batch of 1"));
        assert!(compare(&net, &|images| Ok(net.logits(images).narrow(0, 0, 1))).is_err());
    }
}
