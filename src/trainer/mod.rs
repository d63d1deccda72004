//! Training: batches in, best weights out.

mod average;
pub mod calibrate;
mod config;
pub mod evaluate;
mod feed;
mod optimizer;
pub mod schedule;

pub use calibrate::calibrate;
pub use config::TrainConfig;
pub use evaluate::{Evaluation, evaluate};
pub use optimizer::Optimizer;

use std::ops::ControlFlow;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tch::{Device, Kind, Reduction, Tensor};

use crate::dataset::Examples;
use crate::model::Net;
use crate::precision::Precision;
use crate::run::EpochRecord;
use crate::tensors::{CLASSES, NO_DIGIT, to_batch};
use average::Average;
use feed::Source;
use optimizer::Descent;

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
        /// Whether the network holds the weights to keep so far.
        best: bool,
        /// The network with the averaged weights, which is what was measured.
        net: &'a Net,
    },
}

/// What hears of each [`Event`], and may end the training.
pub type OnEvent<'a> = dyn FnMut(Event<'_>) -> Result<ControlFlow<()>> + 'a;

/// Trains `net` in place and leaves it with the weights of the epoch to keep, whose record it
/// returns; it computes in `f32` from then on.
///
/// The same network, examples, configuration, device and thread count give the same weights.
/// `training` stays in the CPU's memory, `validation` lies where the network does. `on_event` may
/// end the training early by [`ControlFlow::Break`]; an epoch that it breaks off does not count.
///
/// # Errors
/// When the configuration makes no sense, a split is empty, the loss is no longer a number, memory
/// does not suffice, or `on_event` fails.
pub fn train(
    net: &mut Net,
    training: &Examples,
    validation: &Examples,
    config: &TrainConfig,
    on_event: &mut OnEvent<'_>,
) -> Result<EpochRecord> {
    config.check()?;
    ensure!(!training.is_empty(), "there are no images to train on");
    net.set_precision(config.precision);
    let mut pace = Pace::new(net, training, config)?;
    let mut kept: Option<Kept> = None;
    for epoch in 1..=config.epochs {
        let start = Instant::now();
        let Some(pass) = train_epoch(net, &mut pace, config, epoch, on_event)? else {
            break;
        };
        let train_seconds = start.elapsed().as_secs_f64();
        let frozen = pace.average.net().frozen();
        let found = evaluate(validation, &|images| Ok(frozen.logits(images)))
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
        ensure!(
            record.validation_loss.is_finite(),
            "the loss on the validation split is no longer a number in epoch {epoch}; try a smaller --lr"
        );
        let keep = kept
            .as_ref()
            .is_none_or(|kept| kept.gives_way_to(&record, found.count));
        let net = pace.average.net();
        let flow = on_event(Event::Epoch {
            record: &record,
            best: keep,
            net,
        })?;
        kept = Kept::update(kept, keep, &record, net);
        let stale = kept.as_ref().map_or(0, |kept| epoch - kept.peak.epoch);
        if flow.is_break() || config.patience.is_some_and(|patience| stale >= patience) {
            break;
        }
    }
    let kept = kept.context("no epoch was completed")?;
    net.restore(&kept.weights)?;
    net.set_precision(Precision::F32);
    Ok(kept.record)
}

/// What goes on from step to step and from epoch to epoch.
struct Pace<'a> {
    source: Source<'a>,
    descent: Descent,
    average: Average,
    /// Of all the training.
    steps: usize,
    /// Training images that show a digit.
    digits: f64,
    targets: Tensor,
}

impl<'a> Pace<'a> {
    fn new(net: &Net, training: &'a Examples, config: &TrainConfig) -> Result<Self> {
        let device = net.weights().device();
        let weights = net.weights().trainable_variables();
        // Adam knows no decay: AdamW is what does it well.
        let decay = match config.optimizer {
            Optimizer::Adam => 0.0,
            Optimizer::AdamW | Optimizer::Sgd => config.weight_decay,
        };
        Ok(Self {
            source: Source::new(
                training,
                config.augmentation,
                config.batch_size,
                config.seed,
                device,
            )?,
            descent: Descent::new(config.optimizer, decay, weights),
            average: Average::new(net, config.averaging)?,
            steps: config.epochs * training.len().div_ceil(config.batch_size),
            digits: training
                .labels
                .lt(NO_DIGIT)
                .sum(Kind::Int64)
                .double_value(&[]),
            targets: targets(config.label_smoothing).to_device(device),
        })
    }
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

/// What one pass over the training split showed.
struct Pass {
    loss: f64,
    accuracy: f64,
    learning_rate: f64,
}

/// One pass over the training split; `None` where `on_event` broke it off.
fn train_epoch(
    net: &Net,
    pace: &mut Pace<'_>,
    config: &TrainConfig,
    epoch: usize,
    on_event: &mut OnEvent<'_>,
) -> Result<Option<Pass>> {
    let Pace {
        source,
        descent,
        average,
        ..
    } = pace;
    let mut tally = Tally::default();
    let steps_before = pace.steps / config.epochs * (epoch - 1);
    let ended = thread::scope(|scope| {
        for (step, batch) in source.epoch(epoch, scope).iter().enumerate() {
            let step = steps_before + step;
            let learning_rate = schedule::one_cycle(step, pace.steps, config.learning_rate);
            let logits = net.forward_t(&to_batch(&batch.images), true);
            let targets = pace.targets.index_select(0, &batch.labels);
            let loss =
                logits.cross_entropy_loss::<Tensor>(&targets, None, Reduction::Mean, -100, 0.0);
            descent.step(&loss, learning_rate)?;
            average.follow()?;

            let loss = loss.detach();
            tally.add(step, learning_rate, &loss, &logits, &batch)?;
            let event = Event::Step {
                epoch,
                images: tally.images,
                loss: &loss,
            };
            if on_event(event)?.is_break() {
                return Ok(true);
            }
        }
        anyhow::Ok(false)
    })?;
    if ended {
        return Ok(None);
    }
    tally.pass(pace.digits).map(Some)
}

/// What the steps of an epoch showed: gathered on the device and read once, at its end.
#[derive(Default)]
struct Tally {
    losses: Vec<Tensor>,
    right: Vec<Tensor>,
    images: usize,
    /// Step and learning rate of each loss.
    rates: Vec<(usize, f64)>,
}

impl Tally {
    fn add(
        &mut self,
        step: usize,
        learning_rate: f64,
        loss: &Tensor,
        logits: &Tensor,
        batch: &Examples,
    ) -> Result<()> {
        self.rates.push((step, learning_rate));
        // Costs nothing on the CPU; elsewhere it would wait for the device.
        if loss.device() == Device::Cpu {
            check_loss(loss.double_value(&[]), (step, learning_rate))?;
        }
        let hits = logits.argmax(1, false).eq_tensor(&batch.labels);
        self.right.push(hits.sum(Kind::Int64));
        self.losses.push(loss * batch.len() as f64);
        self.images += batch.len();
        Ok(())
    }

    fn pass(&self, digits: f64) -> Result<Pass> {
        let losses = Vec::<f64>::try_from(Tensor::stack(&self.losses, 0).to_kind(Kind::Double))?;
        for (&loss, &rate) in losses.iter().zip(&self.rates) {
            check_loss(loss, rate)?;
        }
        let right = Tensor::stack(&self.right, 0).sum(Kind::Double);
        Ok(Pass {
            loss: losses.iter().sum::<f64>() / self.images as f64,
            accuracy: right.double_value(&[]) / digits,
            learning_rate: self.rates.last().map_or(0.0, |(_, rate)| *rate),
        })
    }
}

fn check_loss(loss: f64, (step, learning_rate): (usize, f64)) -> Result<()> {
    ensure!(
        loss.is_finite(),
        "the loss is no longer a number at step {} with a learning rate of {learning_rate:.3}; try a \
         smaller --lr",
        step + 1
    );
    Ok(())
}

/// The epoch to keep.
struct Kept {
    record: EpochRecord,
    weights: Vec<(String, Tensor)>,
    /// The epoch that read most of the validation split rightly.
    peak: EpochRecord,
}

impl Kept {
    /// A later epoch is kept unless it reads fewer images rightly than the best did by more than
    /// chance explains: one standard error (Breiman and others, 1984). As the learning rate falls
    /// later epochs are better, and a peak before the end is luck more often than not.
    fn gives_way_to(&self, record: &EpochRecord, images: usize) -> bool {
        let best = self.peak.validation_accuracy;
        let error = (best * (1.0 - best) / images as f64).sqrt();
        record.validation_accuracy >= best - error
    }

    fn update(before: Option<Self>, keep: bool, record: &EpochRecord, net: &Net) -> Option<Self> {
        let peak = match &before {
            Some(kept) if kept.peak.validation_accuracy >= record.validation_accuracy => {
                kept.peak.clone()
            }
            _ => record.clone(),
        };
        if keep {
            return Some(Self {
                record: record.clone(),
                weights: net.snapshot(),
                peak,
            });
        }
        before.map(|kept| Self { peak, ..kept })
    }
}
