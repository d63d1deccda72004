//! The arguments that name a network to be made.

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::arguments::misuse;
use crate::model::Architecture;
use crate::model::architecture::WIDEST;

/// Hidden layers of an `mlp` where the user names none.
pub(super) const DEFAULT_HIDDEN: [i64; 1] = [128];

/// Which network to make.
#[derive(Debug, Args)]
pub(super) struct ArchitectureArgs {
    /// The network [default: vgg; small for train --preset fast, wide for --preset pictures]
    #[arg(long, value_enum, value_name = "MODEL")]
    model: Option<ModelName>,

    /// Widths of an mlp's hidden layers, such as 30 or 128,64; without --model it means an mlp
    /// [default: 128]
    #[arg(long, value_name = "N,…", value_delimiter = ',',
          value_parser = clap::value_parser!(i64).range(1..=WIDEST))]
    hidden: Option<Vec<i64>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ModelName {
    /// Conv-Pool-Dropout-Dense, made for accuracy per second.
    Cnn,
    /// The same with more channels and a convolution more: the built-in model.
    Wide,
    /// The same with fewer channels, for 99 % in seconds.
    Small,
    /// Three blocks of two 3×3 convolutions, for the best accuracy.
    Vgg,
    /// Three times Conv2D 64, ReLU and MaxPool, then Dense 64, 32, 10.
    Keras,
    /// The network of tch-rs' MNIST example.
    Tch,
    /// The network of PyTorch's MNIST example.
    Pytorch,
    /// The network of train_mnist_fast.
    Fast,
    /// Dense layers only, as wide as --hidden says.
    Mlp,
    /// Half of a reader: finds the digits of a picture.
    #[value(hide = true)]
    Detector,
    /// The other half: looks at each again.
    #[value(hide = true)]
    Crop,
}

impl ArchitectureArgs {
    /// Whether any network was asked for.
    pub(super) fn is_given(&self) -> bool {
        self.model.is_some() || self.hidden.is_some()
    }

    /// The network asked for, or else this one, which classifies 28×28 images.
    pub(super) fn architecture_or(&self, default: ModelName) -> Result<Architecture> {
        self.model.map_or(Ok(()), ModelName::refuse_half)?;
        self.any_architecture_or(default)
    }

    /// The same where a reader's networks will do too.
    pub(super) fn any_architecture_or(&self, default: ModelName) -> Result<Architecture> {
        let model = match (self.model, &self.hidden) {
            (Some(model), _) => model,
            (None, Some(_)) => ModelName::Mlp,
            (None, None) => default,
        };
        if self.hidden.is_some() && model != ModelName::Mlp {
            return Err(misuse("--hidden is for --model mlp"));
        }
        let hidden = self.hidden.as_deref().unwrap_or(&DEFAULT_HIDDEN);
        let architecture = model.architecture(hidden);
        architecture.check()?;
        Ok(architecture)
    }
}

impl ModelName {
    /// Refuses the networks that are half of a reader.
    pub(super) fn refuse_half(self) -> Result<()> {
        let network = self.architecture(&[]);
        if network.is_classifier() {
            return Ok(());
        }
        Err(misuse(&format!(
            "the {network} is half of a reader, and no network for 28×28 images: \
             `mnist-tch train --preset reader` trains both halves"
        )))
    }

    /// The network of that name, with these hidden layers where it is an mlp.
    pub(super) fn architecture(self, hidden: &[i64]) -> Architecture {
        match self {
            Self::Cnn => Architecture::Cnn,
            Self::Wide => Architecture::Wide,
            Self::Small => Architecture::Small,
            Self::Vgg => Architecture::Vgg,
            Self::Keras => Architecture::Keras,
            Self::Tch => Architecture::Tch,
            Self::Pytorch => Architecture::Pytorch,
            Self::Fast => Architecture::Fast,
            Self::Detector => Architecture::Detector,
            Self::Crop => Architecture::Crop,
            Self::Mlp => Architecture::Mlp {
                hidden: hidden.to_vec(),
            },
        }
    }
}
