//! Training a reader: scenes in, two networks out; then what they say is calibrated and judged on other scenes.

mod calibration;
mod config;
mod feed;
mod judging;
mod looks;
mod loss;
mod state;
mod targets;
mod train_loop;
mod validation;

pub use calibration::calibrate_reader;
pub use config::{ReaderConfig, SCENES_AN_EPOCH, STEPS_AN_EPOCH};
pub use judging::fit_judge;
pub use state::{ReaderState, SavedReaderState};

use std::ops::ControlFlow;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use tch::{Kind, Tensor};

use super::optimizer::OptimizerState;
use super::{EpochRecord, chance, schedule};
use crate::chance::Chance;
use crate::model::dropout;
use crate::precision::Precision;
use crate::reader::{Maps, Reader, crop_batch};

use crate::scenes::Scenes;
use crate::tensors::NO_DIGIT;
use config::VALIDATION_SCENES;
use feed::Batch;
use looks::Looks;
use state::Tally;
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
        /// To be saved where the training is to end here, and to go on later.
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
/// With `saved` it goes on where an earlier training was saved. The same material, configuration,
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
    while history.len() < config.epochs {
        let flow = train_epoch(
            reader,
            &mut train_loop,
            training,
            config,
            &history,
            &mut tally,
            on_event,
        )?;
        if flow.is_break() {
            break;
        }
        let found = validation
            .measure(&train_loop.average()?.frozen())
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
            reader: &train_loop.average()?,
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
    ensure!(!history.is_empty(), "no epoch was completed");
    reader.restore(&train_loop.averaged())?;
    reader.set_precision(Precision::F32);
    Ok(history)
}

/// The steps of an epoch that are left; [`ControlFlow::Break`] where `on_event` broke it off.
fn train_epoch(
    reader: &Reader,
    train_loop: &mut TrainLoop,
    scenes: &Scenes,
    config: &ReaderConfig,
    history: &[EpochRecord],
    tally: &mut Tally,
    on_event: &mut OnReaderEvent<'_>,
) -> Result<ControlFlow<()>> {
    let end = (history.len() + 1) * STEPS_AN_EPOCH;
    let first = end - STEPS_AN_EPOCH + tally.steps;
    thread::scope(|scope| {
        let mut start = Instant::now();
        for (step, batch) in (first..end).zip(feed::batches(scenes, config.seed, first..end, scope))
        {
            let learning_rate = schedule::one_cycle(step, train_loop.steps, config.learning_rate);
            dropout::seed(chance::of_step(config.seed, step));
            let shown = learn(
                reader,
                &batch,
                &mut train_loop.optimizer_state,
                learning_rate,
                (config.seed, step),
            )?;
            for average in &mut train_loop.averages {
                average.follow()?;
            }
            tally.steps += 1;
            tally.scenes += batch.scenes.len();
            tally.loss += shown.loss;
            tally.digits += shown.digits;
            tally.right += shown.right;
            tally.seconds += start.elapsed().as_secs_f64();
            start = Instant::now();
            let event = ReaderEvent::Step {
                epoch: history.len() + 1,
                scenes: tally.scenes,
                loss: shown.loss,
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
    })
}

/// What one step showed.
struct Shown {
    loss: f64,
    digits: usize,
    right: usize,
}

/// One step: the detector looks at the scenes, the second network at what the detector found in them.
fn learn(
    reader: &Reader,
    batch: &Batch,
    optimizer_state: &mut OptimizerState,
    learning_rate: f64,
    (seed, step): (u64, usize),
) -> Result<Shown> {
    let device = reader.detector.weights().device();
    let maps = reader
        .detector
        .forward_t(&batch.pictures()?.to_device(device), true)?;
    let mut loss = loss::detector(&maps, &batch.targets(device))?;

    let (crops, labels) = looks(batch, &Maps::of(&maps)?, seed, step);
    let labels = Tensor::from_slice(&labels).to_device(device);
    let mut shown = Shown {
        loss: 0.0,
        digits: 0,
        right: 0,
    };
    if crops.len() > 1 {
        let logits = reader
            .crop
            .forward_t(&crop_batch(&crops)?.to_device(device), true)?;
        loss += loss::crops(&logits, &labels)?;
        let is_digit = labels.lt(NO_DIGIT);
        let right = logits
            .argmax(1, false)
            .eq_tensor(&labels)
            .logical_and(&is_digit);
        shown.digits = is_digit.sum(Kind::Int64).int64_value(&[]) as usize;
        shown.right = right.sum(Kind::Int64).int64_value(&[]) as usize;
    }
    optimizer_state.step(&loss, learning_rate)?;
    shown.loss = loss.detach().double_value(&[]);
    ensure!(
        shown.loss.is_finite(),
        "the loss became NaN or infinite at step {} with a learning rate of {learning_rate:.1e}; try a \
         smaller --lr",
        step + 1
    );
    Ok(shown)
}

/// Crops of all scenes of a batch, with what they show.
fn looks(batch: &Batch, maps: &[Maps], seed: u64, step: usize) -> Looks {
    let mut looks = (vec![], vec![]);
    let mut chance = Chance::new(seed, step as u64);
    for (scene, maps) in batch.scenes.iter().zip(maps) {
        looks::choose(scene, maps, &mut chance, &mut looks);
    }
    looks
}
