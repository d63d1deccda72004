//! The executable form of a network: its operations, with weights in the layout and precision to
//! compute in.
//!
//! Images and convolution weights are channels last. In training it is built again for each step,
//! so that gradients reach the weights through it; for inference it is built once.

use std::collections::HashMap;

use tch::{Kind, TchError, Tensor};

use super::convolution::Convolution;
use super::layer::{BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, Layer};
use super::standardize::{standardized, standardized_locally};
use super::{dropout, fused};
use crate::tensors::{MEAN, STD};

/// One operation with its weights.
#[derive(Debug)]
enum Step {
    Standardize,
    StandardizeLocally,
    Conv2d(Convolution),
    BatchNorm2d {
        weight: Tensor,
        bias: Tensor,
        mean: Tensor,
        variance: Tensor,
        /// Whether a ReLU follows.
        relu: bool,
    },
    MaxPool2d {
        size: i64,
        /// Whether a ReLU follows or precedes, which is equivalent.
        relu: bool,
    },
    GlobalAvgPool,
    Relu,
    Save(&'static str),
    Load(&'static str),
    Add(&'static str),
    Concat(&'static str),
    Upsample,
    Flatten,
    Dropout(f64),
    Linear {
        weight: Tensor,
        bias: Tensor,
    },
}

/// A layer bound to its weights in a network.
#[derive(Debug)]
pub(super) struct BoundLayer {
    /// The layer.
    pub(super) layer: Layer,
    /// Its output shape for one image.
    pub(super) output: Vec<i64>,
    /// Its parameters and buffers, in the order of [`Layer::weights`].
    pub(super) weights: Vec<Tensor>,
}

/// A list of operations, ready to run.
#[derive(Debug)]
pub(super) struct Program {
    steps: Vec<Step>,
    /// Steps before this one normalise the images, in `f32` whatever the precision.
    normalized: usize,
    kind: Kind,
}

impl Program {
    /// `kind` is the type to compute in.
    pub(super) fn new(layers: &[BoundLayer], input: [i64; 3], kind: Kind) -> Self {
        let mut steps = Vec::with_capacity(layers.len());
        let mut shape: &[i64] = &input;
        // The shape before the last Flatten, for the dense layer after it.
        let mut flattened = None;
        for bound in layers {
            match bound.layer {
                Layer::Flatten => {
                    flattened = Some(shape);
                    steps.push(bound.step(kind, None));
                }
                Layer::Linear { .. } => steps.push(bound.step(kind, flattened.take())),
                _ => push(&mut steps, bound.step(kind, None)),
            }
            shape = &bound.output;
        }
        let normalizes = |step: &Step| {
            matches!(
                step,
                Step::Standardize
                    | Step::StandardizeLocally
                    | Step::Save(_)
                    | Step::Load(_)
                    | Step::Concat(_)
            )
        };
        let normalized = steps.iter().take_while(|step| normalizes(step)).count();
        Self {
            steps,
            normalized,
            kind,
        }
    }

    /// Folds each batch normalisation into the convolution before it: for inference only, and with
    /// different rounding.
    pub(super) fn folded(self) -> Self {
        let mut steps: Vec<Step> = Vec::with_capacity(self.steps.len());
        for step in self.steps {
            match (steps.last_mut(), step) {
                (
                    Some(Step::Conv2d(convolution)),
                    Step::BatchNorm2d {
                        weight: scale,
                        bias: shift,
                        mean,
                        variance,
                        relu,
                    },
                ) if !convolution.pooled => {
                    let scale = scale / (variance + BATCH_NORM_EPSILON).sqrt();
                    let bias = convolution.bias.take();
                    let before = bias.map_or(-&mean, |bias| bias - &mean);
                    let scaled =
                        convolution.weight.to_kind(Kind::Float) * scale.view([-1, 1, 1, 1]);
                    convolution.weight = scaled.to_kind(self.kind);
                    convolution.bias = Some((before * scale + shift).to_kind(self.kind));
                    if relu {
                        push(&mut steps, Step::Relu);
                    }
                }
                (_, step) => push(&mut steps, step),
            }
        }
        Self { steps, ..self }
    }

    /// Prepares the weights of convolutions: for inference only, with identical results.
    pub(super) fn prepared(mut self) -> Self {
        for step in &mut self.steps {
            if let Step::Conv2d(convolution) = step {
                convolution.prepare();
            }
        }
        self
    }

    /// The last layer's output for a batch: for a classifier, logits.
    ///
    /// # Shapes
    /// `f32 [B, 1, H, W]` in 0..1; for a classifier `[B, 1, 28, 28]` to `f32 [B, 10]`.
    ///
    /// # Errors
    /// When memory runs out.
    pub(super) fn run(&self, images: &Tensor, train: bool) -> Result<Tensor, TchError> {
        // Input normalisation is part of the network, so that no caller can forget or repeat it.
        let is_standardized = self
            .steps
            .iter()
            .any(|step| matches!(step, Step::Standardize));
        let mut values = match is_standardized {
            true => images.shallow_clone(),
            false => images.f_sub_scalar(MEAN)?.f_div_scalar(STD)?,
        };
        let mut kept = HashMap::new();
        for (at, step) in self.steps.iter().enumerate() {
            if at == self.normalized {
                values = channels_last(&values.f_to_kind(self.kind)?)?;
            }
            values = match step {
                Step::Save(slot) => {
                    kept.insert(*slot, values.shallow_clone());
                    values
                }
                Step::Load(slot) => kept[slot].shallow_clone(),
                Step::Add(slot) => values.f_add(&kept[slot])?,
                Step::Concat(slot) => Tensor::f_cat(&[&values, &kept[slot]], 1)?,
                _ => step.run(values, train)?,
            };
        }
        values.f_to_kind(Kind::Float)
    }
}

/// Adds a step, or fuses it with the previous one where possible: a ReLU with pooling (before or
/// after it, which is equivalent) or batch normalisation, pooling with a convolution.
fn push(steps: &mut Vec<Step>, step: Step) {
    match (steps.last_mut(), step) {
        (
            Some(
                Step::MaxPool2d { relu, .. }
                | Step::BatchNorm2d { relu, .. }
                | Step::Conv2d(Convolution {
                    pooled: true, relu, ..
                }),
            ),
            Step::Relu,
        ) => *relu = true,
        (Some(Step::Relu), Step::MaxPool2d { size, .. }) => {
            steps.pop();
            push(steps, Step::MaxPool2d { size, relu: true });
        }
        (Some(Step::Conv2d(convolution)), Step::MaxPool2d { size: 2, relu })
            if !convolution.pooled =>
        {
            convolution.pooled = true;
            convolution.relu = relu;
        }
        (_, step) => steps.push(step),
    }
}

impl BoundLayer {
    /// `flattened` is the shape before the Flatten directly before this layer, if there is one.
    fn step(&self, kind: Kind, flattened: Option<&[i64]>) -> Step {
        let weight = |index: usize| self.weights[index].to_kind(kind);
        match self.layer {
            Layer::Conv2d {
                stride,
                padding,
                bias,
                ..
            } => Step::Conv2d(Convolution::new(
                weight(0)
                    .permute([0, 2, 3, 1])
                    .contiguous()
                    .permute([0, 3, 1, 2]),
                bias.then(|| weight(1)),
                stride,
                padding,
            )),
            Layer::BatchNorm2d { .. } => Step::BatchNorm2d {
                weight: self.weights[0].shallow_clone(),
                bias: self.weights[1].shallow_clone(),
                mean: self.weights[2].shallow_clone(),
                variance: self.weights[3].shallow_clone(),
                relu: false,
            },
            Layer::MaxPool2d { size } => Step::MaxPool2d { size, relu: false },
            Layer::GlobalAvgPool => Step::GlobalAvgPool,
            Layer::Standardize => Step::Standardize,
            Layer::StandardizeLocally => Step::StandardizeLocally,
            Layer::Relu => Step::Relu,
            Layer::Save { slot } => Step::Save(slot),
            Layer::Load { slot } => Step::Load(slot),
            Layer::Add { slot } => Step::Add(slot),
            Layer::Concat { slot } => Step::Concat(slot),
            Layer::Upsample => Step::Upsample,
            Layer::Flatten => Step::Flatten,
            Layer::Dropout { p } => Step::Dropout(p),
            Layer::Linear { outputs, .. } => Step::Linear {
                weight: match flattened {
                    // Flattened values are channels last here, but channels first in the weights.
                    Some(&[channels, height, width]) if channels > 1 => weight(0)
                        .view([outputs, channels, height, width])
                        .permute([0, 2, 3, 1])
                        .reshape([outputs, -1]),
                    _ => weight(0),
                },
                bias: weight(1),
            },
        }
    }
}

impl Step {
    fn run(&self, values: Tensor, train: bool) -> Result<Tensor, TchError> {
        match self {
            Self::Standardize => standardized(&values),
            Self::StandardizeLocally => standardized_locally(&values),
            Self::Conv2d(convolution) if convolution.supports(&values) => convolution.run(&values),
            Self::Conv2d(convolution) => {
                let Convolution {
                    weight,
                    bias,
                    stride,
                    padding,
                    pooled,
                    relu,
                    ..
                } = convolution;
                let values = values.f_conv2d(weight, bias.as_ref(), *stride, *padding, 1, 1)?;
                if *pooled {
                    max_pool(&values, 2, *relu)
                } else {
                    Ok(values)
                }
            }
            Self::BatchNorm2d {
                weight,
                bias,
                mean,
                variance,
                relu,
            } => {
                if train && fused::supports(&values) {
                    return fused::batch_norm(&values, [weight, bias, mean, variance], *relu);
                }
                let normalised = values.f_batch_norm(
                    Some(weight),
                    Some(bias),
                    Some(mean),
                    Some(variance),
                    train,
                    BATCH_NORM_MOMENTUM,
                    BATCH_NORM_EPSILON,
                    true,
                )?;
                rectified(normalised, *relu)
            }
            Self::MaxPool2d { size, relu } => max_pool(&values, *size, *relu),
            Self::GlobalAvgPool => values.f_adaptive_avg_pool2d([1, 1]),
            Self::Relu => rectified(values, true),
            Self::Upsample => {
                let (height, width) = (values.size()[2], values.size()[3]);
                values.f_upsample_nearest2d([2 * height, 2 * width], None, None)
            }
            // The program handles these itself: it holds the saved values.
            Self::Save(_) | Self::Load(_) | Self::Add(_) | Self::Concat(_) => Ok(values),
            Self::Flatten => values.permute([0, 2, 3, 1]).f_flatten(1, -1),
            Self::Dropout(_) if !train => Ok(values),
            Self::Dropout(p) => dropout::apply(&values, *p),
            Self::Linear { weight, bias } => values.f_linear(weight, Some(bias)),
        }
    }
}

/// Max-pooling, optionally with ReLU.
fn max_pool(values: &Tensor, size: i64, relu: bool) -> Result<Tensor, TchError> {
    if size == 2 && fused::supports(values) {
        return fused::max_pool(values, relu);
    }
    let pooled = values.f_max_pool2d([size; 2], [size; 2], [0; 2], [1; 2], false)?;
    rectified(pooled, relu)
}

/// Optional ReLU. In place: no layer's gradient needs the values before it.
fn rectified(mut values: Tensor, relu: bool) -> Result<Tensor, TchError> {
    if relu { values.f_relu_() } else { Ok(values) }
}

/// The same values in channels-last layout.
fn channels_last(values: &Tensor) -> Result<Tensor, TchError> {
    let last = match values.size()[..] {
        // A single channel only needs other strides.
        [_, 1, height, width] => values.f_reshape([-1, height, width, 1])?,
        _ => values.f_permute([0, 2, 3, 1])?.f_contiguous()?,
    };
    last.f_permute([0, 3, 1, 2])
}

#[cfg(test)]
mod tests;
