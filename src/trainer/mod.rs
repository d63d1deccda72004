//! Training: batches in, best weights out.

pub mod calibrate;
pub mod evaluate;
pub mod schedule;

pub use calibrate::calibrate;
pub use evaluate::{Evaluation, evaluate};

use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use strum::{Display, EnumString, VariantNames};
use tch::nn::{self, OptimizerConfig};
use tch::{Device, Kind, Reduction, Tensor};

use crate::dataset::Examples;
use crate::dataset::augment::Augmentation;
use crate::model::{Architecture, Net};
use crate::run::EpochRecord;
use crate::tensors::{CLASSES, NO_DIGIT, to_batch};

/// How to go down the slope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Display, EnumString, VariantNames)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Optimizer {
    /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
    AdamW,
    /// Adam (Kingma and Ba, 2015).
    Adam,
    /// Stochastic gradient descent with Nesterov's momentum.
    Sgd,
}

impl Optimizer {
    /// The peak learning rate where the user names none; chosen on the validation split.
    pub fn default_learning_rate(self) -> f64 {
        match self {
            Self::AdamW | Self::Adam => 0.004,
            Self::Sgd => 0.1,
        }
    }

    fn build(self, weights: &nn::VarStore, config: &TrainConfig) -> Result<nn::Optimizer> {
        let (rate, decay) = (config.learning_rate, config.weight_decay);
        Ok(match self {
            Self::AdamW => nn::adamw(0.9, 0.99, decay).build(weights, rate)?,
            Self::Adam => nn::adam(0.9, 0.99, 0.0).build(weights, rate)?,
            Self::Sgd => nn::sgd(0.9, 0.0, decay, true).build(weights, rate)?,
        })
    }
}

/// All that decides a training, beside network, data, device and thread count.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrainConfig {
    /// Passes over the training split, at least 1.
    pub epochs: usize,
    /// Images a step, at least 2.
    pub batch_size: usize,
    /// Peak of the one-cycle schedule.
    pub learning_rate: f64,
    /// How to go down the slope.
    pub optimizer: Optimizer,
    /// Share of itself that each weight loses a step, times the learning rate; Adam knows none.
    pub weight_decay: f64,
    /// How far training images are distorted; `None` leaves them as they are.
    pub augmentation: Option<Augmentation>,
    /// Seed of weights, order, distortion and dropout.
    pub seed: u64,
    /// Stop after so many epochs without a better one on the validation split.
    pub patience: Option<usize>,
}

impl TrainConfig {
    /// Passes over the training split where the user says nothing.
    pub const EPOCHS: usize = 10;

    /// Images a step where the user says nothing.
    pub const BATCH_SIZE: usize = 128;

    /// What trains a network where the user says nothing; chosen on the validation split.
    pub fn default_for(architecture: &Architecture) -> Self {
        Self {
            epochs: Self::EPOCHS,
            batch_size: Self::BATCH_SIZE,
            learning_rate: Optimizer::AdamW.default_learning_rate(),
            optimizer: Optimizer::AdamW,
            weight_decay: 1e-4,
            // The others are there to compare with, and take the images as they are.
            augmentation: matches!(architecture, Architecture::Cnn | Architecture::Wide)
                .then_some(Augmentation::LIGHT),
            seed: 0,
            patience: None,
        }
    }

    /// What trains a network to read people's own pictures, together with
    /// [`Mixture::PICTURES`](crate::dataset::mixture::Mixture::PICTURES); chosen on the validation
    /// split.
    pub fn for_pictures() -> Self {
        Self {
            epochs: 24,
            weight_decay: 0.02,
            augmentation: Some(Augmentation::WIDE),
            ..Self::default_for(&Architecture::Wide)
        }
    }

    fn check(&self) -> Result<()> {
        ensure!(self.epochs >= 1, "a training has at least 1 epoch");
        ensure!(self.batch_size >= 1, "a batch has at least 1 image");
        ensure!(
            self.learning_rate > 0.0 && self.learning_rate.is_finite(),
            "a learning rate is a positive number, not {}",
            self.learning_rate
        );
        Ok(())
    }
}

/// What a training tells while it runs.
pub enum Event<'a> {
    /// A step was taken.
    Step {
        /// Counted from 1.
        epoch: usize,
        /// Images seen in this epoch.
        images: usize,
        /// Mean loss of the step's batch. Reading it waits for the device: do so now and then only.
        loss: &'a Tensor,
    },
    /// An epoch is complete.
    Epoch {
        /// What was measured.
        record: &'a EpochRecord,
        /// Whether it is the best so far, so that the network holds the weights to keep.
        best: bool,
        /// The network as it stands.
        net: &'a Net,
    },
}

/// What hears of each [`Event`], and may end the training.
pub type OnEvent<'a> = dyn FnMut(Event<'_>) -> Result<ControlFlow<()>> + 'a;

/// Trains `net` in place and leaves it with the weights of its best validation epoch, whose record
/// it returns.
///
/// The same network, examples, configuration, device and thread count give the same weights.
/// `on_event` may end the training early by [`ControlFlow::Break`]; an epoch that it breaks off
/// does not count.
///
/// # Errors
/// When the configuration makes no sense, a split is empty, the loss is no longer a number, or
/// `on_event` fails.
pub fn train(
    net: &mut Net,
    training: &Examples,
    validation: &Examples,
    config: &TrainConfig,
    on_event: &mut OnEvent<'_>,
) -> Result<EpochRecord> {
    config.check()?;
    ensure!(!training.is_empty(), "there are no images to train on");
    let mut pace = Pace {
        optimizer: config.optimizer.build(net.weights(), config)?,
        rng: ChaCha8Rng::seed_from_u64(config.seed),
        step: 0,
        steps: config.epochs * training.len().div_ceil(config.batch_size),
        targets: targets().to_device(net.weights().device()),
    };
    let mut best: Option<Best> = None;
    for epoch in 1..=config.epochs {
        let start = Instant::now();
        let Some(pass) = train_epoch(net, training, config, &mut pace, epoch, on_event)? else {
            break;
        };
        let train_seconds = start.elapsed().as_secs_f64();
        let found = evaluate(validation, &|images| Ok(net.logits(images)))
            .context("measuring on the validation split")?;
        let record = EpochRecord {
            epoch,
            learning_rate: pass.learning_rate,
            train_loss: pass.loss,
            train_accuracy: pass.accuracy,
            validation_loss: found.loss,
            validation_accuracy: found.accuracy,
            seconds: start.elapsed().as_secs_f64(),
            images_per_second: training.len() as f64 / train_seconds,
        };
        if !(record.train_loss.is_finite() && record.validation_loss.is_finite()) {
            bail!("the loss is no longer a number in epoch {epoch}; try a smaller --lr");
        }
        let better = best.as_ref().is_none_or(|best| best.is_beaten_by(&record));
        let flow = on_event(Event::Epoch {
            record: &record,
            best: better,
            net,
        })?;
        if better {
            best = Some(Best {
                record,
                weights: net.snapshot(),
            });
        }
        let stale = best.as_ref().map_or(0, |best| epoch - best.record.epoch);
        if flow.is_break() || config.patience.is_some_and(|patience| stale >= patience) {
            break;
        }
    }
    let best = best.context("no epoch was completed")?;
    net.restore(&best.weights)?;
    Ok(best.record)
}

/// What the network is to answer to each label, `[11, 10]`: a digit for sure, and to what is no
/// digit all ten alike (outlier exposure: Hendrycks and others, 2019).
fn targets() -> Tensor {
    let classes = CLASSES as i64;
    let kind = (Kind::Float, Device::Cpu);
    let unsure = Tensor::full([1, classes], 1.0 / CLASSES as f64, kind);
    Tensor::cat(&[Tensor::eye(classes, kind), unsure], 0)
}

/// What goes on from step to step and from epoch to epoch.
struct Pace {
    optimizer: nn::Optimizer,
    rng: ChaCha8Rng,
    step: usize,
    steps: usize,
    targets: Tensor,
}

/// What one pass over the training split showed.
struct Pass {
    loss: f64,
    accuracy: f64,
    learning_rate: f64,
}

/// One pass over the training split; `None` where `on_event` broke it off.
fn train_epoch(
    net: &Net,
    training: &Examples,
    config: &TrainConfig,
    pace: &mut Pace,
    epoch: usize,
    on_event: &mut OnEvent<'_>,
) -> Result<Option<Pass>> {
    // Gathered on the device and read once, at the end of the epoch.
    let (mut losses, mut right, mut digits) = (vec![], vec![], vec![]);
    let (mut images, mut learning_rate) = (0, 0.0);
    for batch in training.shuffled_batches(config.batch_size, &mut pace.rng) {
        learning_rate = schedule::one_cycle(pace.step, pace.steps, config.learning_rate);
        pace.optimizer.set_lr(learning_rate);
        let mut inputs = to_batch(&batch.images);
        if let Some(augmentation) = config.augmentation {
            inputs = augmentation.apply(&inputs, &mut pace.rng);
        }
        let logits = net.forward_t(&inputs, true);
        let targets = pace.targets.index_select(0, &batch.labels);
        let loss = logits.cross_entropy_loss::<Tensor>(&targets, None, Reduction::Mean, -100, 0.0);
        pace.optimizer.backward_step(&loss);

        pace.step += 1;
        images += batch.len();
        let loss = loss.detach();
        if on_event(Event::Step {
            epoch,
            images,
            loss: &loss,
        })?
        .is_break()
        {
            return Ok(None);
        }
        let hits = logits.argmax(1, false).eq_tensor(&batch.labels);
        right.push(hits.sum(Kind::Int64));
        digits.push(batch.labels.lt(NO_DIGIT).sum(Kind::Int64));
        losses.push(loss * batch.len() as f64);
    }
    let sum = |values: &[Tensor]| Tensor::stack(values, 0).sum(Kind::Double).double_value(&[]);
    Ok(Some(Pass {
        loss: sum(&losses) / images as f64,
        accuracy: sum(&right) / sum(&digits),
        learning_rate,
    }))
}

/// The epoch to keep.
struct Best {
    record: EpochRecord,
    weights: Vec<(String, Tensor)>,
}

impl Best {
    /// More images read rightly win; among equals the smaller loss does.
    fn is_beaten_by(&self, other: &EpochRecord) -> bool {
        let order = other
            .validation_accuracy
            .total_cmp(&self.record.validation_accuracy);
        order
            .then(
                self.record
                    .validation_loss
                    .total_cmp(&other.validation_loss),
            )
            .is_gt()
    }
}
