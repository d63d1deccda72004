//! Training: batches in, best weights out.

mod average;
pub mod calibrate;
mod chance;
mod config;
pub mod evaluate;
mod feed;
mod kept;
mod memory;
mod optimizer;
mod progress;
pub mod reader;
mod record;
mod reliability;
pub mod schedule;
mod state;
mod tally;
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

use crate::shim::in_brief;
use crate::tensors::to_batch;
use progress::Progress;
use train_loop::TrainLoop;

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
        /// To be saved where the training is to stop here and be resumed later.
        state: &'a State<'a>,
    },
    /// An epoch is complete.
    Epoch {
        /// What was measured.
        record: &'a EpochRecord,
        /// Whether the network holds the weights to keep so far.
        best: bool,
        /// The network with the averaged weights, which is what was measured.
        net: &'a Net,
        /// What was measured on the validation split.
        found: &'a Evaluation,
        /// To be saved, so that all up to here is never computed again.
        state: &'a State<'a>,
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
/// When the configuration makes no sense, a split is empty, the loss becomes NaN or infinite, memory
/// does not suffice, or `on_event` fails.
pub fn train(
    net: &mut Net,
    training: &Examples,
    validation: &Examples,
    config: &TrainConfig,
    on_event: &mut OnEvent<'_>,
) -> Result<EpochRecord> {
    run(net, (training, validation), config, None, on_event)
}

/// Goes on with a training where it was saved, by [`State::save`] at an [`Event`]. What comes of it is
/// what would have come of it without the break, bit for bit, on the same device with as many threads.
///
/// `net` may hold any weights; all else is as it was given to [`train`].
///
/// # Errors
/// As [`train`], or when the state is damaged, or that of another training.
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
    while !progress.is_over(config) {
        if train_epoch(net, &mut train_loop, &mut progress, config, on_event)?.is_break() {
            break;
        }
        let pass = progress.tally.pass(train_loop.digits)?;
        let train_seconds = progress.tally.seconds();
        let frozen = train_loop.average.net().frozen();
        let found = evaluate(validation, &|images| frozen.logits(images))
            .context("measuring on the validation split")?;
        let record = EpochRecord {
            epoch: progress.epoch(),
            learning_rate: pass.learning_rate,
            train_loss: pass.loss,
            train_accuracy: pass.accuracy,
            validation_loss: found.loss,
            validation_accuracy: found.accuracy,
            seconds: progress.tally.seconds(),
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
    // The -100 and 0 are libtorch's own defaults, for targets of another kind.
    logits.f_cross_entropy_loss::<Tensor>(&targets, None, Reduction::Mean, -100, 0.0)
}

/// The pass over the training split that is at work; [`ControlFlow::Break`] where `on_event` asked for it.
fn train_epoch(
    net: &Net,
    train_loop: &mut TrainLoop,
    progress: &mut Progress,
    config: &TrainConfig,
    on_event: &mut OnEvent<'_>,
) -> Result<ControlFlow<()>> {
    let epoch = progress.epoch();
    let done = progress.tally.steps();
    let first = train_loop.steps_an_epoch * (epoch - 1) + done;
    let rates: Vec<f64> = (first..first + train_loop.steps_an_epoch - done)
        .map(|step| train_loop.learning_rate(step, config))
        .collect();
    let TrainLoop {
        source,
        optimizer_state,
        average,
        targets,
        ..
    } = train_loop;
    thread::scope(|scope| {
        let batches = source.epoch(epoch, done, scope)?;
        for ((step, learning_rate), batch) in (first..).zip(rates).zip(batches) {
            let batch = batch?;
            dropout::seed(chance::of_step(config.seed, step));
            let logits = net.forward_t(&to_batch(&batch.images), true)?;
            let loss = loss(&logits, targets, &batch.labels).map_err(in_brief)?;
            optimizer_state.step(&loss, learning_rate)?;
            average.follow()?;

            let loss = loss.detach();
            let tally = &mut progress.tally;
            tally.add(step, learning_rate, &loss, &logits, &batch)?;
            let event = Event::Step {
                epoch,
                images: tally.images,
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
