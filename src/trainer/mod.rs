//! Training: batches in, best weights out.

mod average;
pub mod calibrate;
mod config;
pub mod evaluate;
mod feed;
mod kept;
mod memory;
mod optimizer;
pub mod schedule;
mod tally;

pub use calibrate::calibrate;
pub use config::TrainConfig;
pub use evaluate::{Evaluation, evaluate};
pub use optimizer::Optimizer;

use std::ops::ControlFlow;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tch::{Device, Kind, Reduction, TchError, Tensor};

use crate::dataset::Examples;
use crate::model::Net;
use crate::precision::Precision;
use crate::run::EpochRecord;
use crate::shim::in_brief;
use crate::tensors::{CLASSES, NO_DIGIT, to_batch};
use average::Average;
use feed::Source;
use kept::Kept;
use optimizer::Descent;
use tally::{Pass, Tally};

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
    memory::check(net, config.batch_size.min(training.len()))?;
    let mut pace = Pace::new(net, training, config)?;
    let mut kept: Option<Kept> = None;
    for epoch in 1..=config.epochs {
        let start = Instant::now();
        let Some(pass) = train_epoch(net, &mut pace, config, epoch, on_event)? else {
            break;
        };
        let train_seconds = start.elapsed().as_secs_f64();
        let frozen = pace.average.net().frozen();
        let found = evaluate(validation, &|images| frozen.logits(images))
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

/// Mean cross-entropy of a batch.
fn loss(logits: &Tensor, targets: &Tensor, labels: &Tensor) -> Result<Tensor, TchError> {
    let targets = targets.f_index_select(0, labels)?;
    // The -100 and 0 are libtorch's own defaults, for targets of another kind.
    logits.f_cross_entropy_loss::<Tensor>(&targets, None, Reduction::Mean, -100, 0.0)
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
        for (step, batch) in source.epoch(epoch, scope)?.enumerate() {
            let (step, batch) = (steps_before + step, batch?);
            let learning_rate = schedule::one_cycle(step, pace.steps, config.learning_rate);
            let logits = net.forward_t(&to_batch(&batch.images), true)?;
            let loss = loss(&logits, &pace.targets, &batch.labels).map_err(in_brief)?;
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
