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

/// What keeps [`Layer::Standardize`] from enlarging the noise of an empty picture.
pub const STANDARDIZE_EPSILON: f64 = 0.02;

/// [`Layer::StandardizeLocally`] takes the statistics of squares of so many pixels,
pub const LOCAL_SQUARE: i64 = 8;

/// and of so many such squares across and down together.
pub const LOCAL_SQUARES: i64 = 5;

/// One operation, from a batch to a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// The picture less its mean, divided by its deviation and a little more: `[B, C, H, W]`.
    Standardize,
    /// Each pixel less the mean of the 40×40 pixels around it, divided by their deviation and a little
    /// more (after the contrast normalisation of Jarrett and others, 2009), so that faint ink shows beside
    /// strong contrasts: `[B, C, H, W]`, both multiples of [`LOCAL_SQUARE`].
    StandardizeLocally,
    /// Convolution with a square kernel: `[B, inputs, H, W]` to `[B, outputs, …]`.
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
        /// Pixels from one place of the kernel to the next.
        stride: i64,
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
    /// Keeps the values under a name, and passes them on.
    Save {
        /// What [`Layer::Add`] and [`Layer::Load`] call them.
        slot: &'static str,
    },
    /// Goes on with values that were kept instead of those that come in.
    Load {
        /// Their name.
        slot: &'static str,
    },
    /// Adds values that were kept (He and others, 2016).
    Add {
        /// Their name.
        slot: &'static str,
    },
    /// Values that were kept as further channels: `[B, C, H, W]` to `[B, 2·C, H, W]`.
    Concat {
        /// Their name.
        slot: &'static str,
    },
    /// Each value four times, as a 2×2 square: `[B, C, H, W]` to `[B, C, 2·H, 2·W]`.
    Upsample,
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
    /// Makes the layer's parameters and buffers under its name in `vs`; where they are to be drawn they are still 0.
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
                    ws_init: Init::Const(0.0),
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
                let config = nn::LinearConfig {
                    ws_init: Init::Const(0.0),
                    bs_init: Some(Init::Const(0.0)),
                    bias: true,
                };
                nn::linear(vs / name, inputs, outputs, config);
            }
            Self::Standardize
            | Self::StandardizeLocally
            | Self::MaxPool2d { .. }
            | Self::GlobalAvgPool
            | Self::Relu
            | Self::Save { .. }
            | Self::Load { .. }
            | Self::Add { .. }
            | Self::Concat { .. }
            | Self::Upsample
            | Self::Flatten
            | Self::Dropout { .. } => {}
        }
    }

    /// The shape of one image's values after this layer, from their shape before it; what was kept is
    /// taken to have the shape that comes in.
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
                    stride,
                    padding,
                    ..
                },
                &[channels, height, width],
            ) if channels == *inputs && height.min(width) + 2 * padding >= *kernel => {
                let side = |before: i64| (before + 2 * padding - kernel) / stride + 1;
                Ok(vec![*outputs, side(height), side(width)])
            }
            (Self::BatchNorm2d { channels, .. }, &[before, ..]) if before == *channels => {
                Ok(input.to_vec())
            }
            (Self::MaxPool2d { size }, &[channels, height, width]) => {
                Ok(vec![channels, height / size, width / size])
            }
            (Self::GlobalAvgPool, &[channels, _, _]) => Ok(vec![channels, 1, 1]),
            (Self::Concat { .. }, &[channels, height, width]) => {
                Ok(vec![2 * channels, height, width])
            }
            (Self::Upsample, &[channels, height, width]) => {
                Ok(vec![channels, 2 * height, 2 * width])
            }
            (
                Self::Standardize
                | Self::StandardizeLocally
                | Self::Relu
                | Self::Dropout { .. }
                | Self::Save { .. }
                | Self::Load { .. }
                | Self::Add { .. },
                _,
            ) => Ok(input.to_vec()),
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
            Self::Standardize
            | Self::StandardizeLocally
            | Self::MaxPool2d { .. }
            | Self::GlobalAvgPool
            | Self::Relu
            | Self::Save { .. }
            | Self::Load { .. }
            | Self::Add { .. }
            | Self::Concat { .. }
            | Self::Upsample
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
            Self::Standardize => "Standardize".to_owned(),
            Self::StandardizeLocally => "Standardize locally".to_owned(),
            Self::Conv2d {
                name,
                kernel,
                stride,
                ..
            } => match stride {
                1 => format!("{name}: Conv2d {kernel}×{kernel}"),
                _ => format!("{name}: Conv2d {kernel}×{kernel} /{stride}"),
            },
            Self::BatchNorm2d { name, .. } => format!("{name}: BatchNorm2d"),
            Self::MaxPool2d { size } => format!("MaxPool2d {size}×{size}"),
            Self::GlobalAvgPool => "GlobalAvgPool".to_owned(),
            Self::Relu => "ReLU".to_owned(),
            Self::Save { slot } => format!("Save {slot}"),
            Self::Load { slot } => format!("Load {slot}"),
            Self::Add { slot } => format!("Add {slot}"),
            Self::Concat { slot } => format!("Concat {slot}"),
            Self::Upsample => "Upsample".to_owned(),
            Self::Flatten => "Flatten".to_owned(),
            Self::Dropout { p } => format!("Dropout {p}"),
            Self::Linear { name, .. } => format!("{name}: Linear"),
        }
    }
}
