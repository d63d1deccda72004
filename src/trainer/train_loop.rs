//! State of the training loop.

use anyhow::Result;
use tch::{Device, Kind, Tensor};

use super::average::Average;
use super::loader::DataLoader;
use super::optimizer::{Optimizer, OptimizerState};
use super::{TrainConfig, schedule};
use crate::dataset::Examples;
use crate::model::Net;
use crate::tensors::{CLASSES, NO_DIGIT};

/// State carried from step to step and from epoch to epoch.
pub(super) struct TrainLoop {
    pub(super) loader: DataLoader,
    pub(super) optimizer_state: OptimizerState,
    pub(super) average: Average,
    pub(super) steps_per_epoch: usize,
    /// Images of the training split.
    pub(super) images: usize,
    /// Number of training images that show a digit.
    pub(super) digits: f64,
    pub(super) targets: Tensor,
}

impl TrainLoop {
    pub(super) fn new(net: &Net, training: &Examples, config: &TrainConfig) -> Result<Self> {
        let device = net.weights().device();
        Ok(Self {
            loader: DataLoader::new(
                training,
                config.augmentation,
                config.batch_size,
                config.seed,
                device,
            )?,
            optimizer_state: optimizer_state(net, config),
            average: Average::new(net, config.averaging)?,
            steps_per_epoch: training.len().div_ceil(config.batch_size),
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
        let cycle = config.cycle(step / self.steps_per_epoch);
        let first = cycle.start * self.steps_per_epoch;
        schedule::one_cycle(
            step - first,
            cycle.len() * self.steps_per_epoch,
            config.learning_rate,
        )
    }
}

/// The initial optimizer state for a network's weights.
pub(super) fn optimizer_state(net: &Net, config: &TrainConfig) -> OptimizerState {
    let weights = net.named_tensors().into_iter();
    let weights = weights.filter(|(_, weight)| weight.requires_grad());
    // Plain Adam has no weight decay; AdamW does it properly.
    let decay = match config.optimizer {
        Optimizer::Adam => 0.0,
        Optimizer::AdamW | Optimizer::Sgd => config.weight_decay,
    };
    OptimizerState::new(config.optimizer, decay, weights.collect())
}

/// The target distribution for each label, `[11, 10]`: one-hot with label smoothing for a digit,
/// uniform for [`NO_DIGIT`] (outlier exposure: Hendrycks and others, 2019).
fn targets(smoothing: f64) -> Tensor {
    let classes = CLASSES as i64;
    let kind = (Kind::Float, Device::Cpu);
    let uniform = Tensor::full([1, classes], 1.0 / CLASSES as f64, kind);
    let digits = Tensor::eye(classes, kind) * (1.0 - smoothing) + &uniform * smoothing;
    Tensor::cat(&[digits, uniform], 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Architecture;

    #[test]
    fn smoothing_is_spread_evenly_and_no_digit_has_a_uniform_target() {
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

    #[test]
    fn the_schedule_restarts_with_each_cycle() {
        let config = TrainConfig {
            epochs: 8,
            batch_size: 2,
            restarts: vec![2],
            ..TrainConfig::fast()
        };
        let net = Net::new(&Architecture::Mlp { hidden: vec![] }, 0, Device::Cpu).unwrap();
        let training = Examples {
            images: Tensor::zeros([9, 28, 28], (Kind::Uint8, Device::Cpu)),
            labels: Tensor::from_slice(&[0i64, 1, 2, 3, 4, NO_DIGIT, 6, 7, NO_DIGIT]),
        };
        let train_loop = TrainLoop::new(&net, &training, &config).unwrap();
        assert_eq!((train_loop.steps_per_epoch, train_loop.images), (5, 9));
        assert_eq!(train_loop.digits, 7.0);
        // Two epochs of five steps, then six.
        for (step, of_cycle, steps) in [
            (0, 0, 10),
            (5, 5, 10),
            (9, 9, 10),
            (10, 0, 30),
            (27, 17, 30),
            (39, 29, 30),
        ] {
            let found = train_loop.learning_rate(step, &config);
            assert_eq!(found, schedule::one_cycle(of_cycle, steps, 0.01), "{step}");
        }
    }
}
