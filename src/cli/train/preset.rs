//! The recipes of `mnist-tch train --preset`.

use clap::ValueEnum;

use crate::dataset::mixture::Mixture;
use crate::model::Architecture;
use crate::trainer::TrainConfig;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    /// 99 % on MNIST within seconds.
    Fast,
    /// The best accuracy in a few minutes.
    Default,
    /// Four times as long for a little more accuracy; with --ensemble even more.
    Best,
    /// People's own pictures: also learns from digits and non-digits that the program draws,
    /// distorted and inked in many ways. The built-in model was trained with it.
    Pictures,
    /// The two networks that find and read the digits of whole pictures, trained on rendered scenes for
    /// hours. The built-in reader was trained with it.
    Reader,
}

impl Preset {
    /// The default network.
    pub(super) fn model(self) -> Architecture {
        match self {
            Self::Fast => Architecture::Small,
            Self::Default | Self::Best | Self::Reader => Architecture::Vgg,
            Self::Pictures => Architecture::Wide,
        }
    }

    /// What is mixed into the training data.
    pub(super) fn mixture(self) -> Option<Mixture> {
        (self == Self::Pictures).then_some(Mixture::PICTURES)
    }

    /// How it is trained.
    pub(super) fn config(self, architecture: &Architecture) -> TrainConfig {
        match self {
            Self::Fast => TrainConfig::fast(),
            Self::Default | Self::Reader => TrainConfig::default_for(architecture),
            Self::Best => TrainConfig::best(),
            Self::Pictures => TrainConfig::for_pictures(),
        }
    }
}
