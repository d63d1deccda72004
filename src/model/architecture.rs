//! The networks that can be trained, each as its list of layers.

use std::fmt;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::layer::Layer;
use crate::tensors::{CLASSES, PIXELS, SIDE};

/// The shape of one image as a network takes it.
pub const INPUT_SHAPE: [i64; 3] = [1, SIDE as i64, SIDE as i64];

/// The widest hidden layer that an `mlp` may have.
pub const WIDEST: i64 = 65_536;

/// The most values that a network may learn: more fits few machines, and no need of MNIST's.
const MOST_PARAMETERS: i64 = 100_000_000;

/// Which network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "name")]
pub enum Architecture {
    /// The default: Conv-Pool-Dropout-Dense, made for accuracy per second on a CPU.
    Cnn,
    /// The same with more channels and a convolution more, made for people's own pictures: the
    /// built-in model.
    Wide,
    /// Three times Conv2D 64 of 3×3, ReLU and MaxPool, then Dense 64, 32 and 10: the network of
    /// many a Keras tutorial.
    Keras,
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
            Self::Keras => f.write_str("keras"),
            Self::Mlp { hidden } => {
                let widths: Vec<String> = hidden.iter().map(i64::to_string).collect();
                write!(f, "mlp-{}", widths.join("-"))
            }
        }
    }
}

impl Architecture {
    /// The network's layers, from normalised images `[B, 1, 28, 28]` to logits `[B, 10]`.
    pub fn layers(&self) -> Vec<Layer> {
        match self {
            Self::Cnn => cnn(),
            Self::Wide => wide(),
            Self::Keras => keras(),
            Self::Mlp { hidden } => mlp(hidden),
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
        let mut shape = INPUT_SHAPE.to_vec();
        let step = |layer: Layer| {
            shape = layer
                .output_shape(&shape)
                .with_context(|| format!("laying out {self}"))?;
            Ok((layer, shape.clone()))
        };
        self.layers().into_iter().map(step).collect()
    }
}

/// Pooling comes right after each convolution, so that normalisation and ReLU, which are bound by
/// memory, see a quarter of the values; ReLU and the greatest of a square can change places.
fn cnn() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 24, 5, 0, false), // [B, 24, 24, 24]
        Layer::MaxPool2d { size: 2 },      // [B, 24, 12, 12]
        norm("norm1", 24),
        Layer::Relu,
        conv("conv2", 24, 64, 3, 0, false), // [B, 64, 10, 10]
        Layer::MaxPool2d { size: 2 },       // [B, 64, 5, 5]
        norm("norm2", 64),
        Layer::Relu,
        conv("conv3", 64, 96, 3, 0, false), // [B, 96, 3, 3]
        norm("norm3", 96),
        Layer::Relu,
        Layer::Flatten, // [B, 864]
        Layer::Dropout { p: 0.3 },
        linear("fc1", 864, 128), // [B, 128]
        Layer::Relu,
        linear("fc2", 128, CLASSES as i64), // [B, 10]
    ]
}

fn wide() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 32, 5, 0, false), // [B, 32, 24, 24]
        Layer::MaxPool2d { size: 2 },      // [B, 32, 12, 12]
        norm("norm1", 32),
        Layer::Relu,
        conv("conv2", 32, 96, 3, 0, false), // [B, 96, 10, 10]
        Layer::MaxPool2d { size: 2 },       // [B, 96, 5, 5]
        norm("norm2", 96),
        Layer::Relu,
        conv("conv3", 96, 96, 3, 1, false), // [B, 96, 5, 5]
        norm("norm3", 96),
        Layer::Relu,
        conv("conv4", 96, 128, 3, 0, false), // [B, 128, 3, 3]
        norm("norm4", 128),
        Layer::Relu,
        Layer::Flatten, // [B, 1152]
        Layer::Dropout { p: 0.3 },
        linear("fc1", 1152, 128), // [B, 128]
        Layer::Relu,
        linear("fc2", 128, CLASSES as i64), // [B, 10]
    ]
}

fn keras() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 64, 3, 0, true), // [B, 64, 26, 26]
        Layer::Relu,
        Layer::MaxPool2d { size: 2 },      // [B, 64, 13, 13]
        conv("conv2", 64, 64, 3, 0, true), // [B, 64, 11, 11]
        Layer::Relu,
        Layer::MaxPool2d { size: 2 },      // [B, 64, 5, 5]
        conv("conv3", 64, 64, 3, 0, true), // [B, 64, 3, 3]
        Layer::Relu,
        Layer::MaxPool2d { size: 2 }, // [B, 64, 1, 1]
        Layer::Flatten,               // [B, 64]
        linear("fc1", 64, 64),
        Layer::Relu,
        linear("fc2", 64, 32),
        Layer::Relu,
        linear("fc3", 32, CLASSES as i64),
    ]
}

fn mlp(hidden: &[i64]) -> Vec<Layer> {
    let mut layers = vec![Layer::Flatten]; // [B, 784]
    let mut inputs = PIXELS as i64;
    for (index, &width) in hidden.iter().enumerate() {
        layers.push(linear(&format!("fc{}", index + 1), inputs, width));
        layers.push(Layer::Relu);
        inputs = width;
    }
    layers.push(linear(
        &format!("fc{}", hidden.len() + 1),
        inputs,
        CLASSES as i64,
    ));
    layers
}

fn conv(
    name: &'static str,
    inputs: i64,
    outputs: i64,
    kernel: i64,
    padding: i64,
    bias: bool,
) -> Layer {
    Layer::Conv2d {
        name,
        inputs,
        outputs,
        kernel,
        padding,
        bias,
    }
}

fn norm(name: &'static str, channels: i64) -> Layer {
    Layer::BatchNorm2d { name, channels }
}

fn linear(name: &str, inputs: i64, outputs: i64) -> Layer {
    Layer::Linear {
        name: name.to_owned(),
        inputs,
        outputs,
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
        for hidden in [vec![0], vec![-1], vec![1 << 40], vec![20_000, 20_000]] {
            assert!(Architecture::Mlp { hidden }.check().is_err());
        }
    }
}
