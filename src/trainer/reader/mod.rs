//! Training of a reader: its two networks on rendered scenes, then calibration and the judge on
//! others.

mod calibration;
mod config;
mod crops;
mod judge;
mod loader;
mod loss;
#[cfg(test)]
mod samples;
mod sizes;
mod state;
mod step;
mod targets;
#[cfg(test)]
mod tests;
mod train_loop;
mod validation;

pub use calibration::calibrate_reader;
pub use config::{ReaderConfig, STEPS_PER_EPOCH};
pub use judge::fit_judge;
pub use state::{ReaderState, SavedReaderState};

use std::ops::ControlFlow;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::{EpochRecord, schedule, seeds};
use crate::model::dropout;
use crate::precision::Precision;
use crate::reader::Reader;
use crate::scenes::Scenes;
use config::VALIDATION_SCENES;
use loader::Batch;
use sizes::Sizes;
use state::EpochMetrics;
use step::train_step;
use train_loop::TrainLoop;
use validation::{Validation, ValidationMetrics};

/// What the training of a reader reports while it runs.
pub enum ReaderEvent<'a> {
    /// A step was taken.
    Step {
        /// Counted from 1.
        epoch: usize,
        /// Scenes seen in this epoch.
        scenes: usize,
        /// Loss of the step.
        loss: f64,
        /// Save it to stop here and resume later.
        state: &'a ReaderState<'a>,
    },
    /// An epoch is complete.
    Epoch {
        /// The epoch's metrics: training accuracy counts crops, validation accuracy whole scenes.
        record: &'a EpochRecord,
        /// The reader with the averaged weights, which were evaluated.
        reader: &'a Reader,
        /// Save it to resume from here.
        state: &'a ReaderState<'a>,
    },
}

/// Called with each [`ReaderEvent`]; may end the training.
pub type OnReaderEvent<'a> = dyn FnMut(ReaderEvent<'_>) -> Result<ControlFlow<()>> + 'a;

/// Trains a reader in place and leaves it with the averaged weights of the last epoch; it computes
/// in `f32` afterwards. Scenes never repeat, so there is no early stopping: later is better.
///
/// With `saved` it resumes an earlier run. The same material, configuration, device and thread
/// count give the same weights.
///
/// # Errors
/// When the configuration is invalid, the loss becomes NaN or infinite, memory runs out, the saved
/// state belongs to another training run, or `on_event` fails.
pub fn train_reader(
    reader: &mut Reader,
    (training, validation): (&Scenes, &Scenes),
    config: &ReaderConfig,
    saved: Option<&SavedReaderState>,
    on_event: &mut OnReaderEvent<'_>,
) -> Result<Vec<EpochRecord>> {
    config.check()?;
    reader.set_precision(config.precision);
    let mut train_loop = TrainLoop::new(reader, config)?;
    let (mut history, mut epoch_metrics) = match saved {
        Some(saved) => saved.restore(reader, &mut train_loop, config)?,
        None => (vec![], EpochMetrics::default()),
    };
    let validation = Validation::render(validation, VALIDATION_SCENES);
    let sizes = Sizes::new(config.batch_size);
    let steps = history.len() * STEPS_PER_EPOCH + epoch_metrics.steps..train_loop.steps;
    thread::scope(|scope| {
        let mut batches = loader::batches(training, sizes, config.seed, steps, scope)?;
        while history.len() < config.epochs {
            let flow = train_epoch(
                reader,
                &mut train_loop,
                &mut batches,
                config,
                &history,
                &mut epoch_metrics,
                on_event,
            )?;
            if flow.is_break() {
                break;
            }
            let average = train_loop.average()?;
            let found = validation
                .evaluate(&average.frozen())
                .context("measuring on the validation scenes")?;
            ensure!(
                found.loss.is_finite(),
                "the loss on the validation scenes became NaN or infinite; try a smaller --lr"
            );
            let epoch = history.len() + 1;
            let peak = config.learning_rate;
            let record = record(epoch, train_loop.steps, peak, &epoch_metrics, &found);
            history.push(record.clone());
            epoch_metrics = EpochMetrics::default();
            let flow = on_event(ReaderEvent::Epoch {
                record: &record,
                reader: &average,
                state: &ReaderState {
                    reader,
                    train_loop: &train_loop,
                    history: &history,
                    epoch_metrics,
                    config,
                },
            })?;
            if flow.is_break() {
                break;
            }
        }
        anyhow::Ok(())
    })?;
    ensure!(!history.is_empty(), "no epoch was completed");
    reader.restore(&train_loop.averaged())?;
    reader.set_precision(Precision::F32);
    Ok(history)
}

/// The record of an epoch of a training of `steps` steps: with the learning rate of its last one.
fn record(
    epoch: usize,
    steps: usize,
    peak: f64,
    metrics: &EpochMetrics,
    validation: &ValidationMetrics,
) -> EpochRecord {
    EpochRecord {
        epoch,
        learning_rate: schedule::one_cycle(epoch * STEPS_PER_EPOCH - 1, steps, peak),
        train_loss: metrics.loss / metrics.steps as f64,
        train_accuracy: metrics.correct as f64 / metrics.digits.max(1) as f64,
        validation_loss: validation.loss,
        validation_accuracy: validation.accuracy,
        seconds: metrics.seconds,
        images_per_second: metrics.scenes as f64 / metrics.seconds,
    }
}

/// Runs the rest of the current epoch; [`ControlFlow::Break`] where `on_event` asked for it.
fn train_epoch(
    reader: &Reader,
    train_loop: &mut TrainLoop,
    batches: &mut impl Iterator<Item = Batch>,
    config: &ReaderConfig,
    history: &[EpochRecord],
    epoch_metrics: &mut EpochMetrics,
    on_event: &mut OnReaderEvent<'_>,
) -> Result<ControlFlow<()>> {
    let end = (history.len() + 1) * STEPS_PER_EPOCH;
    let first = end - STEPS_PER_EPOCH + epoch_metrics.steps;
    let mut start = Instant::now();
    for step in first..end {
        let batch = batches
            .next()
            .context("the threads that render scenes have ended")?;
        let learning_rate = schedule::one_cycle(step, train_loop.steps, config.learning_rate);
        dropout::seed(seeds::dropout_seed(config.seed, step));
        let metrics = train_step(
            reader,
            &batch,
            &mut train_loop.optimizer_state,
            learning_rate,
            config.seed,
        )
        .with_context(|| format!("taking step {}", step + 1))?;
        for average in &mut train_loop.averages {
            average.update()?;
        }
        epoch_metrics.steps += 1;
        epoch_metrics.scenes += batch.scenes.len();
        epoch_metrics.loss += metrics.loss;
        epoch_metrics.digits += metrics.digits;
        epoch_metrics.correct += metrics.correct;
        epoch_metrics.seconds += start.elapsed().as_secs_f64();
        start = Instant::now();
        let event = ReaderEvent::Step {
            epoch: history.len() + 1,
            scenes: epoch_metrics.scenes,
            loss: metrics.loss,
            state: &ReaderState {
                reader,
                train_loop,
                history,
                epoch_metrics: *epoch_metrics,
                config,
            },
        };
        // A complete epoch is evaluated first.
        if epoch_metrics.steps < STEPS_PER_EPOCH && on_event(event)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
