//! Training of a classifier.

mod average;
pub mod calibrate;
mod config;
mod epoch_metrics;
pub mod evaluate;
mod kept_epoch;
mod loader;
mod memory;
mod optimizer;
mod progress;
pub mod reader;
mod record;
mod reliability;
pub mod schedule;
mod seeds;
mod state;
#[cfg(test)]
mod tests;
mod train_loop;

pub use calibrate::calibrate;
pub use config::TrainConfig;
pub use evaluate::{Evaluation, evaluate};
pub use optimizer::Optimizer;
pub use record::EpochRecord;
pub use reliability::Reliability;
pub use state::{SavedState, State, extend};

use std::ops::ControlFlow;
use std::thread;

use anyhow::{Context, Result, ensure};
use tch::{Reduction, TchError, Tensor};

use crate::dataset::Examples;
use crate::model::{Net, dropout};
use crate::precision::Precision;

use crate::shim::without_backtrace;
use crate::tensors::to_batch;
use progress::Progress;
use train_loop::TrainLoop;

/// What training reports while it runs.
pub enum Event<'a> {
    /// A step was taken.
    Step {
        /// Counted from 1.
        epoch: usize,
        /// Images seen in this epoch.
        images: usize,
        /// Mean loss of the step's batch. Reading it synchronises with the device: do so rarely.
        loss: &'a Tensor,
        /// Save it to stop here and resume later.
        state: &'a State<'a>,
    },
    /// An epoch is complete.
    Epoch {
        /// The epoch's metrics.
        record: &'a EpochRecord,
        /// Whether these are the weights to keep so far.
        best: bool,
        /// The network with the averaged weights, which were evaluated.
        net: &'a Net,
        /// The evaluation on the validation split.
        found: &'a Evaluation,
        /// Save it to resume from here.
        state: &'a State<'a>,
    },
}

/// Called with each [`Event`]; may end the training.
pub type OnEvent<'a> = dyn FnMut(Event<'_>) -> Result<ControlFlow<()>> + 'a;

/// Trains `net` in place, leaves it with the weights of the kept epoch, and returns that epoch's
/// record. The network computes in `f32` afterwards.
///
/// The same network, examples, configuration, device and thread count give the same weights.
/// `training` must be in the CPU's memory, `validation` on the network's device. `on_event` may end
/// the training early with [`ControlFlow::Break`]; an interrupted epoch does not count.
///
/// # Errors
/// When the configuration is invalid, a split is empty, the loss becomes NaN or infinite, memory
/// runs out, or `on_event` fails.
pub fn train(
    net: &mut Net,
    training: &Examples,
    validation: &Examples,
    config: &TrainConfig,
    on_event: &mut OnEvent<'_>,
) -> Result<EpochRecord> {
    run(net, (training, validation), config, None, on_event)
}

/// Resumes a training run from a state saved by [`State::save`] at an [`Event`]. On the same device
/// with the same number of threads, the result is bit-identical to that of an uninterrupted run.
///
/// `net` may hold any weights; all other arguments must be those given to [`train`].
///
/// # Errors
/// As [`train`], or when the state is damaged or belongs to another training run.
pub fn resume(
    net: &mut Net,
    training: &Examples,
    validation: &Examples,
    config: &TrainConfig,
    saved: &SavedState,
    on_event: &mut OnEvent<'_>,
) -> Result<EpochRecord> {
    run(net, (training, validation), config, Some(saved), on_event)
}

fn run(
    net: &mut Net,
    (training, validation): (&Examples, &Examples),
    config: &TrainConfig,
    saved: Option<&SavedState>,
    on_event: &mut OnEvent<'_>,
) -> Result<EpochRecord> {
    config.check()?;
    ensure!(!training.is_empty(), "there are no images to train on");
    net.set_precision(config.precision);
    memory::check(net, config.batch_size.min(training.len()))?;
    let mut train_loop = TrainLoop::new(net, training, config)?;
    let mut progress = match saved {
        None => Progress::new(),
        Some(saved) => saved.restore(net, &mut train_loop, config)?,
    };
    while !progress.is_finished(config) {
        if train_epoch(net, &mut train_loop, &mut progress, config, on_event)?.is_break() {
            break;
        }
        let summary = progress.epoch_metrics.summary(train_loop.digits)?;
        let train_seconds = progress.epoch_metrics.seconds();
        let frozen = train_loop.average.net().frozen();
        let found = evaluate(validation, &|images| frozen.logits(images))
            .context("measuring on the validation split")?;
        let record = EpochRecord {
            epoch: progress.epoch(),
            learning_rate: summary.learning_rate,
            train_loss: summary.loss,
            train_accuracy: summary.accuracy,
            validation_loss: found.loss,
            validation_accuracy: found.accuracy,
            seconds: progress.epoch_metrics.seconds(),
            images_per_second: training.len() as f64 / train_seconds,
        };
        ensure!(
            record.validation_loss.is_finite(),
            "the loss on the validation split became NaN or infinite in epoch {}; try a smaller --lr",
            record.epoch
        );
        let best = progress.complete(record.clone(), found.count, train_loop.average.net());
        let flow = on_event(Event::Epoch {
            record: &record,
            best,
            net: train_loop.average.net(),
            found: &found,
            state: &State {
                net,
                optimizer_state: &train_loop.optimizer_state,
                average: &train_loop.average,
                progress: &progress,
                config,
            },
        })?;
        if flow.is_break() {
            break;
        }
    }
    let kept = progress.kept.context("no epoch was completed")?;
    net.restore(&kept.weights)?;
    net.set_precision(Precision::F32);
    Ok(kept.record)
}

/// Mean cross-entropy of a batch.
fn loss(logits: &Tensor, targets: &Tensor, labels: &Tensor) -> Result<Tensor, TchError> {
    let targets = targets.f_index_select(0, labels)?;
    // -100 (ignore_index) and 0.0 (label_smoothing) are libtorch's defaults.
    logits.f_cross_entropy_loss::<Tensor>(&targets, None, Reduction::Mean, -100, 0.0)
}

/// Runs the rest of the current epoch; [`ControlFlow::Break`] where `on_event` asked for it.
fn train_epoch(
    net: &Net,
    train_loop: &mut TrainLoop,
    progress: &mut Progress,
    config: &TrainConfig,
    on_event: &mut OnEvent<'_>,
) -> Result<ControlFlow<()>> {
    let epoch = progress.epoch();
    let done = progress.epoch_metrics.steps();
    let first = train_loop.steps_per_epoch * (epoch - 1) + done;
    let rates: Vec<f64> = (first..train_loop.steps_per_epoch * epoch)
        .map(|step| train_loop.learning_rate(step, config))
        .collect();
    let TrainLoop {
        loader,
        optimizer_state,
        average,
        targets,
        ..
    } = train_loop;
    thread::scope(|scope| {
        let batches = loader.epoch(epoch, done, scope)?;
        for ((step, learning_rate), batch) in (first..).zip(rates).zip(batches) {
            let batch = batch?;
            dropout::seed(seeds::dropout_seed(config.seed, step));
            let logits = net.forward_t(&to_batch(&batch.images), true)?;
            let loss = loss(&logits, targets, &batch.labels).map_err(without_backtrace)?;
            optimizer_state.step(&loss, learning_rate)?;
            average.update()?;

            let loss = loss.detach();
            let epoch_metrics = &mut progress.epoch_metrics;
            epoch_metrics.add(step, learning_rate, &loss, &logits, &batch)?;
            let event = Event::Step {
                epoch,
                images: epoch_metrics.images,
                loss: &loss,
                state: &State {
                    net,
                    optimizer_state,
                    average,
                    progress,
                    config,
                },
            };
            if on_event(event)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}
