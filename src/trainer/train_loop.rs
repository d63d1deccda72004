//! What a training takes from step to step.

use anyhow::Result;
use tch::{Device, Kind, Tensor};

use super::average::Average;
use super::feed::Source;
use super::optimizer::{Optimizer, OptimizerState};
use super::{TrainConfig, schedule};
use crate::dataset::Examples;
use crate::model::Net;
use crate::tensors::{CLASSES, NO_DIGIT};

/// What is carried from step to step and from epoch to epoch.
pub(super) struct TrainLoop {
    pub(super) source: Source,
    pub(super) optimizer_state: OptimizerState,
    pub(super) average: Average,
    pub(super) steps_an_epoch: usize,
    /// Images of the training split.
    pub(super) images: usize,
    /// Training images that show a digit.
    pub(super) digits: f64,
    pub(super) targets: Tensor,
}

impl TrainLoop {
    pub(super) fn new(net: &Net, training: &Examples, config: &TrainConfig) -> Result<Self> {
        let device = net.weights().device();
        Ok(Self {
            source: Source::new(
                training,
                config.augmentation,
                config.batch_size,
                config.seed,
                device,
            )?,
            optimizer_state: optimizer_state(net, config),
            average: Average::new(net, config.averaging)?,
            steps_an_epoch: training.len().div_ceil(config.batch_size),
            images: training.len(),
            digits: training
                .labels
                .lt(NO_DIGIT)
                .sum(Kind::Int64)
                .double_value(&[]),
            targets: targets(config.label_smoothing).to_device(device),
        })
    }

    /// The learning rate of a step, counted from 0.
    pub(super) fn learning_rate(&self, step: usize, config: &TrainConfig) -> f64 {
        let cycle = config.cycle(step / self.steps_an_epoch);
        let first = cycle.start * self.steps_an_epoch;
        schedule::one_cycle(
            step - first,
            cycle.len() * self.steps_an_epoch,
            config.learning_rate,
        )
    }
}

/// That of a network's weights before any step.
pub(super) fn optimizer_state(net: &Net, config: &TrainConfig) -> OptimizerState {
    let weights = net.named().into_iter();
    let weights = weights.filter(|(_, weight)| weight.requires_grad());
    // Adam knows no decay: AdamW is what does it well.
    let decay = match config.optimizer {
        Optimizer::Adam => 0.0,
        Optimizer::AdamW | Optimizer::Sgd => config.weight_decay,
    };
    OptimizerState::new(config.optimizer, decay, weights.collect())
}

/// What the network is to answer to each label, `[11, 10]`: a digit, less what smoothing spreads, and
/// to what is no digit all ten alike (outlier exposure: Hendrycks and others, 2019).
fn targets(smoothing: f64) -> Tensor {
    let classes = CLASSES as i64;
    let kind = (Kind::Float, Device::Cpu);
    let unsure = Tensor::full([1, classes], 1.0 / CLASSES as f64, kind);
    let digits = Tensor::eye(classes, kind) * (1.0 - smoothing) + &unsure * smoothing;
    Tensor::cat(&[digits, unsure], 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_spreads_a_share_and_no_digit_asks_for_all_ten_alike() {
        let targets = targets(0.2);
        let at = |label: i64, class: i64| targets.double_value(&[label, class]);
        assert_eq!(targets.size(), [11, 10]);
        for label in 0..10 {
            for class in 0..10 {
                let expected = if label == class { 0.82 } else { 0.02 };
                assert!(
                    (at(label, class) - expected).abs() < 1e-6,
                    "{label} {class}"
                );
            }
            assert!((at(NO_DIGIT, label) - 0.1).abs() < 1e-6);
        }
    }
}
