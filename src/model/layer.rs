//! The layers that networks here are made of.
//!
//! A network is a list of these. The list is the one description of it: the trained network, its
//! layer table and its TorchScript program are all made from it.

use anyhow::{Result, bail};
use tch::nn::{self, Init};

/// Share of a batch's statistics in the running ones of batch normalisation, as in PyTorch.
pub const BATCH_NORM_MOMENTUM: f64 = 0.1;

/// What keeps batch normalisation from dividing by nothing, as in PyTorch.
pub const BATCH_NORM_EPSILON: f64 = 1e-5;

/// One operation, from a batch to a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// Convolution with a square kernel and stride 1: `[B, inputs, H, W]` to `[B, outputs, …]`.
    Conv2d {
        /// Name of its parameters: `<name>.weight` of `[outputs, inputs, kernel, kernel]` and, with
        /// a bias, `<name>.bias` of `[outputs]`.
        name: &'static str,
        /// Channels that come in.
        inputs: i64,
        /// Channels that go out.
        outputs: i64,
        /// Height and width of the kernel in pixels.
        kernel: i64,
        /// Pixels of zero around the image.
        padding: i64,
        /// Whether a bias is learned; a normalisation that follows has its own.
        bias: bool,
    },
    /// Batch normalisation (Ioffe and Szegedy, 2015) of each channel: `[B, channels, H, W]`.
    BatchNorm2d {
        /// Name of its `weight`, `bias`, `running_mean` and `running_var`, each `[channels]`.
        name: &'static str,
        /// Number of channels.
        channels: i64,
    },
    /// The greatest of each `size`×`size` square: `[B, C, H, W]` to `[B, C, H/size, W/size]`.
    MaxPool2d {
        /// Height and width of the square, and its step.
        size: i64,
    },
    /// The mean of each channel: `[B, C, H, W]` to `[B, C, 1, 1]`.
    GlobalAvgPool,
    /// The positive part.
    Relu,
    /// All of an image's values in one row: `[B, C, H, W]` to `[B, C·H·W]`.
    Flatten,
    /// Each value is left out with probability `p` while training (Srivastava et al., 2014).
    Dropout {
        /// Probability in 0..1.
        p: f64,
    },
    /// Fully connected, also called dense: `[B, inputs]` to `[B, outputs]`.
    Linear {
        /// Name of its `weight` `[outputs, inputs]` and `bias` `[outputs]`.
        name: String,
        /// Values that come in.
        inputs: i64,
        /// Values that go out.
        outputs: i64,
    },
}

/// What one parameter or buffer of a network looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Full name, as in PyTorch's `state_dict()`: `conv1.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<i64>,
    /// Whether it is learned (a parameter) or kept beside (a buffer).
    pub learned: bool,
}

impl Layer {
    /// Makes the layer's parameters and buffers, fresh, under its name in `vs`.
    pub(super) fn create(&self, vs: &nn::Path<'_>) {
        match *self {
            Self::Conv2d {
                name,
                inputs,
                outputs,
                kernel,
                bias,
                ..
            } => {
                let config = nn::ConvConfig {
                    bias,
                    ..Default::default()
                };
                nn::conv2d(vs / name, inputs, outputs, kernel, config);
            }
            Self::BatchNorm2d { name, channels } => {
                // PyTorch starts at one; tch's own default is a random scale.
                let config = nn::BatchNormConfig {
                    ws_init: Init::Const(1.0),
                    ..Default::default()
                };
                nn::batch_norm2d(vs / name, channels, config);
            }
            Self::Linear {
                ref name,
                inputs,
                outputs,
            } => {
                nn::linear(vs / name, inputs, outputs, Default::default());
            }
            Self::MaxPool2d { .. }
            | Self::GlobalAvgPool
            | Self::Relu
            | Self::Flatten
            | Self::Dropout { .. } => {}
        }
    }

    /// The shape of one image's values after this layer, from their shape before it.
    ///
    /// # Errors
    /// When the layer does not fit that shape.
    pub fn output_shape(&self, input: &[i64]) -> Result<Vec<i64>> {
        match (self, input) {
            (
                Self::Conv2d {
                    inputs,
                    outputs,
                    kernel,
                    padding,
                    ..
                },
                &[channels, height, width],
            ) if channels == *inputs && height.min(width) + 2 * padding >= *kernel => {
                let side = |before: i64| before + 2 * padding - kernel + 1;
                Ok(vec![*outputs, side(height), side(width)])
            }
            (Self::BatchNorm2d { channels, .. }, &[before, ..]) if before == *channels => {
                Ok(input.to_vec())
            }
            (Self::MaxPool2d { size }, &[channels, height, width]) => {
                Ok(vec![channels, height / size, width / size])
            }
            (Self::GlobalAvgPool, &[channels, _, _]) => Ok(vec![channels, 1, 1]),
            (Self::Relu | Self::Dropout { .. }, _) => Ok(input.to_vec()),
            (Self::Flatten, _) => Ok(vec![input.iter().product()]),
            (
                Self::Linear {
                    inputs, outputs, ..
                },
                &[before],
            ) if before == *inputs => Ok(vec![*outputs]),
            _ => bail!("{self:?} does not take values of shape {input:?}"),
        }
    }

    /// The layer's parameters and buffers, in PyTorch's order.
    pub fn weights(&self) -> Vec<Weight> {
        let weight = |layer: &str, name: &str, shape: &[i64], learned| Weight {
            name: format!("{layer}.{name}"),
            shape: shape.to_vec(),
            learned,
        };
        match self {
            Self::Conv2d {
                name,
                inputs,
                outputs,
                kernel,
                bias,
                ..
            } => {
                let shape = [*outputs, *inputs, *kernel, *kernel];
                let mut weights = vec![weight(name, "weight", &shape, true)];
                weights.extend(bias.then(|| weight(name, "bias", &[*outputs], true)));
                weights
            }
            Self::BatchNorm2d { name, channels } => vec![
                weight(name, "weight", &[*channels], true),
                weight(name, "bias", &[*channels], true),
                weight(name, "running_mean", &[*channels], false),
                weight(name, "running_var", &[*channels], false),
            ],
            Self::Linear {
                name,
                inputs,
                outputs,
            } => vec![
                weight(name, "weight", &[*outputs, *inputs], true),
                weight(name, "bias", &[*outputs], true),
            ],
            Self::MaxPool2d { .. }
            | Self::GlobalAvgPool
            | Self::Relu
            | Self::Flatten
            | Self::Dropout { .. } => vec![],
        }
    }

    /// Multiplications with addition for one image, given the shape that the layer puts out;
    /// of convolutions and dense layers only, as is usual.
    pub fn multiply_adds(&self, output: &[i64]) -> i64 {
        let values: i64 = output.iter().product();
        match self {
            Self::Conv2d { inputs, kernel, .. } => values * inputs * kernel * kernel,
            Self::Linear { inputs, .. } => values * inputs,
            _ => 0,
        }
    }

    /// Its name in the layer table, with what sets it apart.
    pub fn title(&self) -> String {
        match self {
            Self::Conv2d { name, kernel, .. } => format!("{name}: Conv2d {kernel}×{kernel}"),
            Self::BatchNorm2d { name, .. } => format!("{name}: BatchNorm2d"),
            Self::MaxPool2d { size } => format!("MaxPool2d {size}×{size}"),
            Self::GlobalAvgPool => "GlobalAvgPool".to_owned(),
            Self::Relu => "ReLU".to_owned(),
            Self::Flatten => "Flatten".to_owned(),
            Self::Dropout { p } => format!("Dropout {p}"),
            Self::Linear { name, .. } => format!("{name}: Linear"),
        }
    }
}
