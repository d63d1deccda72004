//! Training a reader: scenes in, two networks out; then what they say is calibrated and judged on other scenes.

mod calibration;
mod config;
mod feed;
mod judging;
mod looks;
mod loss;
mod sizes;
mod state;
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

use anyhow::{Context, Result, anyhow, ensure};
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use super::optimizer::{self, OptimizerState};
use super::{EpochRecord, chance, schedule};
use crate::chance::Chance;
use crate::model::dropout;
use crate::precision::Precision;
use crate::reader::{Maps, Reader, crop_batch};

use crate::scenes::{Scene, Scenes};
use crate::tensors::NO_DIGIT;
use config::VALIDATION_SCENES;
use feed::Batch;
use looks::Looks;
use sizes::Sizes;
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

/// The steps of an epoch that are left; [`ControlFlow::Break`] where `on_event` broke it off.
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
        let shown = learn(
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
    seed: u64,
) -> Result<Shown> {
    let device = reader.detector.weights().device();
    let maps = reader.detector.forward_t(&batch.pictures(device)?, true)?;
    let mut loss = loss::detector(&maps, &batch.targets(device))?;
    let seen = Maps::of(&maps)?;
    let (scenes, seen, first) = (&batch.scenes, &seen, batch.first);
    let cut = move || looks(scenes, seen, (seed, first));
    // The networks share no weights: while a GPU computes the gradients of one, crops are cut for the
    // other. The processor's cores are all busy with either.
    let (crops, labels) = if device == Device::Cpu {
        optimizer::backward(&loss)?;
        cut()
    } else {
        thread::scope(|scope| {
            let crops = scope.spawn(cut);
            optimizer::backward(&loss)?;
            crops.join().map_err(|_| anyhow!("cutting crops panicked"))
        })?
    };
    loss = loss.detach();
    let mut shown = Shown {
        loss: 0.0,
        digits: 0,
        right: 0,
    };
    if crops.len() > 1 {
        let labels = Tensor::from_slice(&labels).to_device(device);
        let logits = reader.crop.forward_t(&crop_batch(&crops, device)?, true)?;
        let crop_loss = loss::crops(&logits, &labels)?;
        optimizer::backward(&crop_loss)?;
        loss += crop_loss.detach();
        let is_digit = labels.lt(NO_DIGIT);
        let right = logits
            .argmax(1, false)
            .eq_tensor(&labels)
            .logical_and(&is_digit);
        let counts = Tensor::stack(&[is_digit, right], 0).sum_dim_intlist(1, false, Kind::Int64);
        let counts = Vec::<i64>::try_from(counts)?;
        (shown.digits, shown.right) = (counts[0] as usize, counts[1] as usize);
    }
    optimizer_state.follow(learning_rate)?;
    shown.loss = loss.double_value(&[]);
    ensure!(
        shown.loss.is_finite(),
        "the loss became NaN or infinite with a learning rate of {learning_rate:.1e}; try a smaller --lr"
    );
    Ok(shown)
}

/// Keeps what crops are drawn from apart from what scenes are.
const LOOKS: u64 = 0x100c_5eed;

/// The number of many crops is a multiple of this: for each other size of a batch libraries prepare their
/// convolutions anew, which on a GPU takes longer than to compute them.
const MULTIPLE: usize = 16;

/// Crops of all scenes of a batch, with what they show; `first` is the index of the first scene.
fn looks(scenes: &[Scene], maps: &[Maps], (seed, first): (u64, u64)) -> Looks {
    let scenes = scenes.par_iter().zip(maps).enumerate();
    let chosen: Vec<Looks> = scenes
        .map(|(at, (scene, maps))| {
            let mut chance = Chance::new(seed ^ LOOKS, first + at as u64);
            let mut looks = (vec![], vec![]);
            looks::choose(scene, maps, &mut chance, &mut looks);
            looks
        })
        .collect();
    let (crops, labels): (Vec<_>, Vec<_>) = chosen.into_iter().unzip();
    let (mut crops, mut labels) = (crops.concat(), labels.concat());
    let kept = match crops.len() {
        count if count < 2 * MULTIPLE => count,
        count => count - count % MULTIPLE,
    };
    crops.truncate(kept);
    labels.truncate(kept);
    (crops, labels)
}
