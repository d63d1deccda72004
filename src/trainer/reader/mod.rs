//! Training a reader: scenes in, two networks out; then what they say is calibrated and judged on other scenes.

mod calibration;
mod config;
mod crops;
mod feed;
mod judging;
mod loss;
mod sizes;
mod state;
mod step;
mod targets;
mod train_loop;
mod validation;

pub use calibration::calibrate_reader;
pub use config::{ReaderConfig, STEPS_AN_EPOCH};
pub use judging::fit_judge;
pub use state::{ReaderState, SavedReaderState};

use std::ops::ControlFlow;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::{EpochRecord, chance, schedule};
use crate::model::dropout;
use crate::precision::Precision;
use crate::reader::Reader;
use crate::scenes::Scenes;
use config::VALIDATION_SCENES;
use feed::Batch;
use sizes::Sizes;
use state::Tally;
use step::train_step;
use train_loop::TrainLoop;
use validation::Validation;

/// What the training of a reader tells while it runs.
pub enum ReaderEvent<'a> {
    /// A step was taken.
    Step {
        /// Counted from 1.
        epoch: usize,
        /// Scenes seen in this epoch.
        scenes: usize,
        /// Loss of the step.
        loss: f64,
        /// To be saved where the training is to stop here and be resumed later.
        state: &'a ReaderState<'a>,
    },
    /// An epoch is complete.
    Epoch {
        /// What was measured: accuracy is the share of crops in training, of whole scenes in validation.
        record: &'a EpochRecord,
        /// The averaged weights, which is what was measured.
        reader: &'a Reader,
        /// To be saved.
        state: &'a ReaderState<'a>,
    },
}

/// What hears of each [`ReaderEvent`], and may end the training.
pub type OnReaderEvent<'a> = dyn FnMut(ReaderEvent<'_>) -> Result<ControlFlow<()>> + 'a;

/// Trains a reader in place and leaves it with the averaged weights of the last epoch; it computes in
/// `f32` from then on. Scenes never come twice, so that there is no early stopping: later is better.
///
/// With `saved` it resumes an earlier training. The same material, configuration,
/// device and thread count give the same weights.
///
/// # Errors
/// When the configuration makes no sense, the loss becomes NaN or infinite, memory does not suffice,
/// the saved state is that of another training, or `on_event` fails.
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
    let (mut history, mut tally) = match saved {
        Some(saved) => saved.restore(reader, &mut train_loop, config)?,
        None => (vec![], Tally::default()),
    };
    let validation = Validation::render(validation, VALIDATION_SCENES);
    let sizes = Sizes::new(config.batch_size);
    let steps = history.len() * STEPS_AN_EPOCH + tally.steps..train_loop.steps;
    thread::scope(|scope| {
        let mut batches = feed::batches(training, sizes, config.seed, steps, scope)?;
        while history.len() < config.epochs {
            let flow = train_epoch(
                reader,
                &mut train_loop,
                &mut batches,
                config,
                &history,
                &mut tally,
                on_event,
            )?;
            if flow.is_break() {
                break;
            }
            let average = train_loop.average()?;
            let found = validation
                .measure(&average.frozen())
                .context("measuring on the validation scenes")?;
            ensure!(
                found.loss.is_finite(),
                "the loss on the validation scenes became NaN or infinite; try a smaller --lr"
            );
            let step = (history.len() + 1) * STEPS_AN_EPOCH - 1;
            let record = EpochRecord {
                epoch: history.len() + 1,
                learning_rate: schedule::one_cycle(step, train_loop.steps, config.learning_rate),
                train_loss: tally.loss / tally.steps as f64,
                train_accuracy: tally.right as f64 / tally.digits.max(1) as f64,
                validation_loss: found.loss,
                validation_accuracy: found.accuracy,
                seconds: tally.seconds,
                images_per_second: tally.scenes as f64 / tally.seconds,
            };
            history.push(record.clone());
            tally = Tally::default();
            let flow = on_event(ReaderEvent::Epoch {
                record: &record,
                reader: &average,
                state: &ReaderState {
                    reader,
                    train_loop: &train_loop,
                    history: &history,
                    tally,
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

/// The steps of an epoch that are left; [`ControlFlow::Break`] where `on_event` asked for it.
fn train_epoch(
    reader: &Reader,
    train_loop: &mut TrainLoop,
    batches: &mut impl Iterator<Item = Batch>,
    config: &ReaderConfig,
    history: &[EpochRecord],
    tally: &mut Tally,
    on_event: &mut OnReaderEvent<'_>,
) -> Result<ControlFlow<()>> {
    let end = (history.len() + 1) * STEPS_AN_EPOCH;
    let first = end - STEPS_AN_EPOCH + tally.steps;
    let mut start = Instant::now();
    for step in first..end {
        let batch = batches
            .next()
            .context("the threads that render scenes have ended")?;
        let learning_rate = schedule::one_cycle(step, train_loop.steps, config.learning_rate);
        dropout::seed(chance::of_step(config.seed, step));
        let metrics = train_step(
            reader,
            &batch,
            &mut train_loop.optimizer_state,
            learning_rate,
            config.seed,
        )
        .with_context(|| format!("taking step {}", step + 1))?;
        for average in &mut train_loop.averages {
            average.follow()?;
        }
        tally.steps += 1;
        tally.scenes += batch.scenes.len();
        tally.loss += metrics.loss;
        tally.digits += metrics.digits;
        tally.right += metrics.right;
        tally.seconds += start.elapsed().as_secs_f64();
        start = Instant::now();
        let event = ReaderEvent::Step {
            epoch: history.len() + 1,
            scenes: tally.scenes,
            loss: metrics.loss,
            state: &ReaderState {
                reader,
                train_loop,
                history,
                tally: *tally,
                config,
            },
        };
        // What is complete is measured first.
        if tally.steps < STEPS_AN_EPOCH && on_event(event)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}
