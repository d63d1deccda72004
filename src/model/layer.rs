//! Layers.
//!
//! A network is a list of layers. The list is its only definition: the trained network, its layer
//! table and its exports are all built from it.

use anyhow::{Result, bail};
use tch::nn::{self, Init};

/// Momentum of batch normalisation's running statistics, as in PyTorch.
pub const BATCH_NORM_MOMENTUM: f64 = 0.1;

/// Keeps batch normalisation from dividing by zero, as in PyTorch.
pub const BATCH_NORM_EPSILON: f64 = 1e-5;

/// Keeps [`Layer::Standardize`] from amplifying the noise of an empty picture.
pub const STANDARDIZE_EPSILON: f64 = 0.02;

/// Side in pixels of the squares over which [`Layer::StandardizeLocally`] averages first.
pub const LOCAL_SQUARE: i64 = 8;

/// Side, in such squares, of the window over which it averages then.
pub const LOCAL_SQUARES: i64 = 5;

/// One operation, from a batch to a batch.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// Subtracts the picture's mean and divides by its standard deviation plus
    /// [`STANDARDIZE_EPSILON`]: `[B, C, H, W]`.
    Standardize,
    /// The same with the mean and standard deviation of the 40×40 pixels around each pixel (after
    /// the contrast normalisation of Jarrett and others, 2009), so that faint ink shows beside
    /// strong contrasts: `[B, C, H, W]`, H and W multiples of [`LOCAL_SQUARE`].
    StandardizeLocally,
    /// Convolution with a square kernel: `[B, inputs, H, W]` to `[B, outputs, …]`.
    Conv2d {
        /// Name of its parameters: `<name>.weight` of `[outputs, inputs, kernel, kernel]` and, with
        /// a bias, `<name>.bias` of `[outputs]`.
        name: &'static str,
        /// Input channels.
        inputs: i64,
        /// Output channels.
        outputs: i64,
        /// Height and width of the kernel in pixels.
        kernel: i64,
        /// Stride.
        stride: i64,
        /// Zero padding.
        padding: i64,
        /// Whether it has a bias; a batch normalisation after it has its own.
        bias: bool,
    },
    /// Batch normalisation (Ioffe and Szegedy, 2015) of each channel: `[B, channels, H, W]`.
    BatchNorm2d {
        /// Name of its `weight`, `bias`, `running_mean` and `running_var`, each `[channels]`.
        name: &'static str,
        /// Number of channels.
        channels: i64,
    },
    /// Max-pooling: `[B, C, H, W]` to `[B, C, H/size, W/size]`.
    MaxPool2d {
        /// Height, width and stride of the window.
        size: i64,
    },
    /// The mean of each channel: `[B, C, H, W]` to `[B, C, 1, 1]`.
    GlobalAvgPool,
    /// ReLU.
    Relu,
    /// Saves the values under a name, and passes them on.
    Save {
        /// The name, as [`Layer::Add`], [`Layer::Load`] and [`Layer::Concat`] use it.
        slot: &'static str,
    },
    /// Replaces the values by saved ones.
    Load {
        /// Their name.
        slot: &'static str,
    },
    /// Adds saved values (a residual connection: He and others, 2016).
    Add {
        /// Their name.
        slot: &'static str,
    },
    /// Appends saved values as further channels: `[B, C, H, W]` to `[B, 2·C, H, W]`.
    Concat {
        /// Their name.
        slot: &'static str,
    },
    /// Nearest-neighbour upsampling by 2: `[B, C, H, W]` to `[B, C, 2·H, 2·W]`.
    Upsample,
    /// `[B, C, H, W]` to `[B, C·H·W]`.
    Flatten,
    /// Zeroes each value with probability `p` in training (Srivastava and others, 2014).
    Dropout {
        /// Probability in 0..1.
        p: f64,
    },
    /// Fully connected, also called dense: `[B, inputs]` to `[B, outputs]`.
    Linear {
        /// Name of its `weight` `[outputs, inputs]` and `bias` `[outputs]`.
        name: String,
        /// Input values.
        inputs: i64,
        /// Output values.
        outputs: i64,
    },
}

/// Name and shape of a parameter or buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Full name, as in PyTorch's `state_dict()`: `conv1.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<i64>,
    /// Whether it is a trainable parameter; otherwise a buffer.
    pub learned: bool,
}

impl Layer {
    /// Creates the layer's parameters and buffers under its name in `vs`; randomly initialised ones
    /// are still 0.
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

    /// The output shape for one image, given the input shape; saved values are assumed to have the
    /// input shape.
    ///
    /// # Errors
    /// When the layer does not accept that shape.
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
            _ => bail!("{self:?} does not accept values of shape {input:?}"),
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

    /// Multiply-adds for one image, given the output shape; only convolutions and dense layers
    /// count, as is usual.
    pub fn multiply_adds(&self, output: &[i64]) -> i64 {
        let values: i64 = output.iter().product();
        match self {
            Self::Conv2d { inputs, kernel, .. } => values * inputs * kernel * kernel,
            Self::Linear { inputs, .. } => values * inputs,
            _ => 0,
        }
    }

    /// The layer's entry in the layer table.
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
