//! The networks that can be trained.

pub mod interface;
mod nets;
pub mod reader;

use std::collections::HashMap;
use std::fmt;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumMessage, IntoEnumIterator, IntoStaticStr};

use super::layer::Layer;
use crate::tensors::{CLASSES, PIXELS, SIDE};

/// The shape of one image as a network takes it.
pub const INPUT_SHAPE: [i64; 3] = [1, SIDE as i64, SIDE as i64];

/// The widest hidden layer that an `mlp` may have.
pub const WIDEST: i64 = 65_536;

/// The most hidden layers that an `mlp` may have.
const DEEPEST: usize = 100;

/// The most values that a network may learn: more fits few machines, and no need of MNIST's.
const MOST_PARAMETERS: i64 = 100_000_000;

/// Which network. Its variants, in lower case, are the only list of the networks' names: files,
/// messages, `--model` and its help (the doc comments) take them from here.
#[derive(
    Clone, Debug, PartialEq, Eq, Serialize, Deserialize, EnumIter, EnumMessage, IntoStaticStr,
)]
#[serde(rename_all = "lowercase", tag = "name")]
#[strum(serialize_all = "lowercase")]
pub enum Architecture {
    /// Conv-Pool-Dropout-Dense, made for accuracy per second on a CPU.
    Cnn,
    /// The same with more channels and one more convolution: the built-in model.
    Wide,
    /// The same with fewer channels and no hidden dense layer, for 99 % in seconds.
    Small,
    /// Three blocks of two 3×3 convolutions (after Simonyan and Zisserman's VGG, 2015) with batch
    /// normalisation and global average pooling, for the best accuracy.
    Vgg,
    /// Three times Conv2D 64 of 3×3, ReLU and MaxPool, then Dense 64, 32 and 10, as in many a Keras
    /// tutorial.
    Keras,
    /// tch-rs' MNIST example, to compare with: two 5×5 convolutions without an activation, and a
    /// dense layer of 1,024.
    Tch,
    /// PyTorch's MNIST example, to compare with: two 3×3 convolutions at almost full size, one
    /// pooling, and a dense layer of 128.
    Pytorch,
    /// The network of train_mnist_fast, to compare with: a 5×5 and a 3×3 convolution, each pooled,
    /// and a dense layer of 256.
    Fast,
    /// Dense layers only, as wide as --hidden says.
    Mlp {
        /// Width of each hidden layer.
        hidden: Vec<i64>,
    },
    /// Half of a reader: finds the digits in a picture of any size.
    Detector,
    /// The other half of a reader: looks again at each digit found.
    Crop,
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match self {
            Self::Mlp { hidden } => hidden.iter().try_for_each(|width| write!(f, "-{width}")),
            _ => Ok(()),
        }
    }
}

impl Architecture {
    /// Its name without the widths of hidden layers: `vgg`, `mlp`.
    pub fn kind(&self) -> &'static str {
        self.into()
    }

    /// One sentence about it, for help texts.
    pub fn description(&self) -> String {
        let lines = self.get_documentation().unwrap_or_default().lines();
        lines.map(str::trim).collect::<Vec<_>>().join(" ")
    }

    /// The name of an ensemble of this many members: `vgg`, or `3 × vgg`.
    pub fn name_of(&self, members: usize) -> String {
        match members {
            1 => self.to_string(),
            members => format!("{members} × {self}"),
        }
    }

    /// One of each kind, an `mlp` without hidden layers among them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// All that classify images of 28×28 and have no widths to choose.
    pub fn convolutional() -> impl Iterator<Item = Self> {
        Self::all().filter(|network| network.is_classifier() && !network.is_mlp())
    }

    /// Whether it consists of dense layers whose widths one chooses.
    pub fn is_mlp(&self) -> bool {
        matches!(self, Self::Mlp { .. })
    }

    /// The shape of one image as the network takes it; the detector takes other heights and widths too,
    /// in multiples of [`reader::DETECTOR_STEP`].
    pub fn input_shape(&self) -> [i64; 3] {
        match self {
            Self::Detector => [1, 128, 128],
            Self::Crop => [1, reader::CROP_SIDE, reader::CROP_SIDE],
            _ => INPUT_SHAPE,
        }
    }

    /// Whether it takes MNIST's images and answers with the logits of the ten digits.
    pub fn is_classifier(&self) -> bool {
        !matches!(self, Self::Detector | Self::Crop)
    }

    /// Whether it takes each picture's own mean and deviation out first, rather than MNIST's.
    pub fn is_standardized(&self) -> bool {
        self.layers().contains(&Layer::Standardize)
    }

    /// The network's layers: for a classifier from normalised images `[B, 1, 28, 28]` to logits `[B, 10]`.
    pub fn layers(&self) -> Vec<Layer> {
        match self {
            Self::Cnn => nets::cnn(),
            Self::Wide => nets::wide(),
            Self::Small => nets::small(),
            Self::Vgg => nets::vgg(),
            Self::Keras => nets::keras(),
            Self::Tch => nets::tch(),
            Self::Pytorch => nets::pytorch(),
            Self::Fast => nets::fast(),
            Self::Detector => reader::detector(),
            Self::Crop => reader::crop(),
            Self::Mlp { hidden } => nets::mlp(hidden),
        }
    }

    /// Checks that such a network can be made.
    ///
    /// # Errors
    /// When a hidden layer is empty, or the network is beyond reason.
    pub fn check(&self) -> Result<()> {
        let Self::Mlp { hidden } = self else {
            return Ok(());
        };
        ensure!(
            hidden.len() <= DEEPEST,
            "an mlp has at most {DEEPEST} hidden layers, not {}",
            hidden.len()
        );
        let mut parameters = 0;
        for pair in [&[PIXELS as i64], &hidden[..], &[CLASSES as i64]]
            .concat()
            .windows(2)
        {
            let widths = 1..=WIDEST;
            ensure!(
                pair.iter().all(|width| widths.contains(width)),
                "a hidden layer has 1 to {WIDEST} values, not {}",
                pair[1]
            );
            parameters += pair[0] * pair[1];
            ensure!(
                parameters <= MOST_PARAMETERS,
                "{self} has more than {MOST_PARAMETERS} parameters: choose fewer or narrower layers"
            );
        }
        Ok(())
    }

    /// Each layer with the shape that it puts out for one image.
    ///
    /// # Errors
    /// When the layers do not fit one another.
    pub fn shapes(&self) -> Result<Vec<(Layer, Vec<i64>)>> {
        let mut shape = self.input_shape().to_vec();
        let mut kept: HashMap<&str, Vec<i64>> = HashMap::new();
        let step = |layer: Layer| {
            let laying = || format!("laying out {self}");
            match layer {
                Layer::Save { slot } => drop(kept.insert(slot, shape.clone())),
                Layer::Load { slot } => shape.clone_from(kept.get(slot).with_context(laying)?),
                Layer::Add { slot } => {
                    ensure!(kept.get(slot) == Some(&shape), "{} does not fit", laying());
                }
                _ => shape = layer.output_shape(&shape).with_context(laying)?,
            }
            Ok((layer, shape.clone()))
        };
        self.layers().into_iter().map(step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_descriptions_are_those_of_the_help() {
        let names: Vec<_> = Architecture::all().map(|network| network.kind()).collect();
        let expected = "cnn wide small vgg keras tch pytorch fast mlp detector crop";
        assert_eq!(names.join(" "), expected);
        let convolutional: Vec<_> = Architecture::convolutional()
            .map(|network| network.to_string())
            .collect();
        assert_eq!(
            convolutional.join(" "),
            "cnn wide small vgg keras tch pytorch fast"
        );
        let mlp = Architecture::Mlp {
            hidden: vec![128, 64],
        };
        assert_eq!(mlp.to_string(), "mlp-128-64");
        assert_eq!(mlp.name_of(1), "mlp-128-64");
        assert_eq!(Architecture::Vgg.name_of(3), "3 × vgg");
        for network in Architecture::all() {
            let description = network.description();
            let is_sentence = description.ends_with('.') && !description.contains('\n');
            assert!(description.len() > 20 && is_sentence, "{description}");
        }
        let standardized = Architecture::all().filter(Architecture::is_standardized);
        let standardized: Vec<_> = standardized.map(|network| network.kind()).collect();
        assert_eq!(standardized, ["detector", "crop"]);
    }

    #[test]
    fn an_mlp_is_as_large_as_memory_allows() {
        let check = |hidden: &[i64]| {
            let network = Architecture::Mlp {
                hidden: hidden.to_vec(),
            };
            network.check().is_ok()
        };
        assert!(check(&[1]) && check(&[WIDEST]) && check(&[1; DEEPEST]));
        assert!(!check(&[0]) && !check(&[WIDEST + 1]) && !check(&[1; DEEPEST + 1]));
        // 784 · 9,000 + 9,000 · 10,000 + 10,000 · 10 is below 100 million, with 11,000 above.
        assert!(check(&[9_000, 10_000]) && !check(&[9_000, 11_000]));
        assert!(check(&[]) && !check(&[5, -1]));
    }

    #[test]
    fn keras_is_the_network_it_is_named_after() {
        let shapes: Vec<_> = Architecture::Keras.shapes().unwrap();
        let weights: i64 = shapes
            .iter()
            .flat_map(|(layer, _)| layer.weights())
            .map(|weight| weight.shape.iter().product::<i64>())
            .sum();
        // 640 + 36,928 + 36,928 + 4,160 + 2,080 + 330, as Keras' own summary counts.
        assert_eq!(weights, 81_066);
        assert_eq!(shapes[8].1, [64, 1, 1]);
    }

    #[test]
    fn an_mlp_has_the_hidden_layers_asked_for() {
        let names = |hidden: &[i64]| -> Vec<_> {
            let layers = Architecture::Mlp {
                hidden: hidden.to_vec(),
            }
            .layers();
            layers
                .iter()
                .flat_map(Layer::weights)
                .map(|weight| weight.shape)
                .collect()
        };
        assert_eq!(
            names(&[30]),
            [vec![30, 784], vec![30], vec![10, 30], vec![10]]
        );
        assert_eq!(names(&[]), [vec![10, 784], vec![10]]);
        assert_eq!(names(&[128, 64])[2], [64, 128]);
    }

    #[test]
    fn networks_beyond_reason_are_refused() {
        let deep = vec![1; DEEPEST + 1];
        for hidden in [vec![0], vec![-1], vec![1 << 40], vec![20_000, 20_000], deep] {
            assert!(Architecture::Mlp { hidden }.check().is_err());
        }
    }
}
