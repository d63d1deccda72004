//! The networks that can be trained.

pub mod interface;
mod nets;
pub mod reader;

use std::collections::HashMap;
use std::fmt;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

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

/// Which network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "name")]
pub enum Architecture {
    /// Conv-Pool-Dropout-Dense, made for accuracy per second on a CPU.
    Cnn,
    /// The same with more channels and a convolution more, made for people's own pictures: the
    /// built-in model.
    Wide,
    /// The same with fewer channels and no hidden dense layer: for 99 % in seconds.
    Small,
    /// The default, for the best accuracy: three blocks of two 3×3 convolutions (after Simonyan and
    /// Zisserman's VGG, 2015) with batch normalisation, and the mean over the image.
    Vgg,
    /// Three times Conv2D 64 of 3×3, ReLU and MaxPool, then Dense 64, 32 and 10: the network of
    /// many a Keras tutorial.
    Keras,
    /// The network of tch-rs' MNIST example, to compare with: two 5×5 convolutions without an
    /// activation, and a dense layer of 1,024.
    Tch,
    /// The network of PyTorch's MNIST example, to compare with: two 3×3 convolutions at almost full
    /// size, one pooling, and a dense layer of 128.
    Pytorch,
    /// The network of train_mnist_fast, to compare with: a 5×5 and a 3×3 convolution, each pooled,
    /// and a dense layer of 256.
    Fast,
    /// Finds the digits of a picture of any size; half of the reader.
    Detector,
    /// Looks again at each digit that was found; the other half.
    Crop,
    /// Dense layers only.
    Mlp {
        /// Width of each hidden layer.
        hidden: Vec<i64>,
    },
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cnn => f.write_str("cnn"),
            Self::Wide => f.write_str("wide"),
            Self::Small => f.write_str("small"),
            Self::Vgg => f.write_str("vgg"),
            Self::Keras => f.write_str("keras"),
            Self::Tch => f.write_str("tch"),
            Self::Pytorch => f.write_str("pytorch"),
            Self::Fast => f.write_str("fast"),
            Self::Detector => f.write_str("detector"),
            Self::Crop => f.write_str("crop"),
            Self::Mlp { hidden } => {
                let widths: Vec<String> = hidden.iter().map(i64::to_string).collect();
                write!(f, "mlp-{}", widths.join("-"))
            }
        }
    }
}

impl Architecture {
    /// What to call so many networks of it that answer together: `vgg`, or `3 × vgg`.
    pub fn name_of(&self, members: usize) -> String {
        match members {
            1 => self.to_string(),
            members => format!("{members} × {self}"),
        }
    }

    /// All that classify an image and have no widths to choose.
    pub const CONVOLUTIONAL: [Self; 8] = [
        Self::Cnn,
        Self::Wide,
        Self::Small,
        Self::Vgg,
        Self::Keras,
        Self::Tch,
        Self::Pytorch,
        Self::Fast,
    ];

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
