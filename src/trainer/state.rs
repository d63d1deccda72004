//! All that resumes a training, as one `.safetensors` file: weights, what the optimizer
//! remembers, averages, the epoch to keep, and how far it has come. The schedule and all chance are
//! functions of that (see `chance` and `schedule`).

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::average::Average;
use super::kept::Kept;
use super::optimizer::OptimizerState;
use super::progress::Progress;
use super::tally::{SavedMetrics, Tally};
use super::train_loop::{self, TrainLoop};
use super::{EpochRecord, TrainConfig};
use crate::model::layer::Weight;
use crate::model::{Net, state_dict, weights_of};
use crate::storage::write_atomic;
use crate::version::VERSION;

/// Under this key the file's metadata holds a [`Header`] as JSON.
const KEY: &str = "mnist-tch-training";

/// The largest network that can be trained five times over, and more.
const MAX_BYTES: u64 = 4 << 30;

// What stands before the names of the weights in the file.
const NET: &str = "net";
const AVERAGE: &str = "average";
const KEPT: &str = "kept";
const LOSSES: &str = "losses";
const RIGHT: &str = "right";

/// What the file says beside its tensors.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    /// Version of the program that wrote the file.
    version: String,
    config: TrainConfig,
    /// The epochs that are complete.
    history: Vec<EpochRecord>,
    /// The epoch to keep of them, from 1.
    kept: Option<usize>,
    /// The epoch that read most of the validation split rightly, from 1.
    peak: Option<usize>,
    /// What the steps of the next epoch took.
    seconds: f64,
}

/// A training as it stands between two steps.
pub struct State<'a> {
    pub(super) net: &'a Net,
    pub(super) optimizer_state: &'a OptimizerState,
    pub(super) average: &'a Average,
    pub(super) progress: &'a Progress,
    pub(super) config: &'a TrainConfig,
}

impl State<'_> {
    /// The epoch to keep so far.
    pub fn kept(&self) -> Option<&EpochRecord> {
        self.progress.kept.as_ref().map(|kept| &kept.record)
    }

    /// The epochs that are complete.
    pub fn history(&self) -> &[EpochRecord] {
        &self.progress.history
    }

    /// Saves it, for [`resume`](super::resume).
    ///
    /// # Errors
    /// When the file cannot be written; one that was there before stays as it was.
    pub fn save(&self, path: &Path) -> Result<()> {
        let Progress {
            history,
            kept,
            tally,
        } = self.progress;
        let metrics = tally.metrics();
        let header = Header {
            version: VERSION.to_owned(),
            config: self.config.clone(),
            history: history.clone(),
            kept: kept.as_ref().map(|kept| kept.record.epoch),
            peak: kept.as_ref().map(|kept| kept.peak.epoch),
            seconds: metrics.seconds,
        };
        let mut tensors = named(NET, self.net.snapshot());
        tensors.extend(named(AVERAGE, self.average.net().snapshot()));
        for (name, memory) in self.optimizer_state.state_tensors() {
            tensors.extend(named(name, memory));
        }
        if let Some(kept) = kept {
            let weights = kept.weights.iter();
            let weights = weights.map(|(name, tensor)| (name.clone(), tensor.shallow_clone()));
            tensors.extend(named(KEPT, weights.collect()));
        }
        tensors.push((LOSSES.to_owned(), metrics.losses));
        tensors.push((RIGHT.to_owned(), metrics.right));
        let file = state_dict::serialize(&tensors, KEY, &serde_json::to_string(&header)?)
            .with_context(|| format!("laying out {}", path.display()))?;
        write_atomic(path, &file)
    }
}

/// Saves the state from which [`resume`](super::resume) extends a finished training: `net` has the
/// weights of the epoch that was kept, and `config` more epochs than the history, with a restart at
/// its end.
///
/// # Errors
/// When the history has no such epoch, or the file cannot be written.
pub fn extend(
    net: &Net,
    history: &[EpochRecord],
    kept: usize,
    config: &TrainConfig,
    path: &Path,
) -> Result<()> {
    let record = history.iter().find(|record| record.epoch == kept);
    let record = record.with_context(|| format!("its history has no epoch {kept}"))?;
    let accuracy = |record: &&EpochRecord| record.validation_accuracy;
    let peak = history
        .iter()
        .max_by(|one, other| accuracy(one).total_cmp(&accuracy(other)));
    let progress = Progress {
        history: history.to_vec(),
        kept: Some(Kept {
            record: record.clone(),
            weights: net.snapshot(),
            peak: peak.unwrap_or(record).clone(),
        }),
        tally: Tally::new(),
    };
    let state = State {
        net,
        optimizer_state: &train_loop::optimizer_state(net, config),
        average: &Average::new(net, config.averaging)?,
        progress: &progress,
        config,
    };
    state.save(path)
}

/// The same tensors with a prefix before their names.
pub(super) fn named(prefix: &str, tensors: Vec<(String, Tensor)>) -> Vec<(String, Tensor)> {
    let tensors = tensors.into_iter();
    tensors
        .map(|(name, tensor)| (format!("{prefix}.{name}"), tensor))
        .collect()
}

/// A training's state as it was saved.
#[derive(Debug)]
pub struct SavedState {
    file: Vec<u8>,
    header: Header,
}

impl SavedState {
    /// Reads what [`State::save`] wrote, of 4 GiB at most.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or contradicts itself; the message names it.
    pub fn load(path: &Path) -> Result<Self> {
        let load = || Self::parse(state_dict::read(path, MAX_BYTES)?);
        load().with_context(|| format!("reading the state of the training {}", path.display()))
    }

    /// The same from the file's bytes.
    ///
    /// # Errors
    /// When they are damaged, or contradict themselves.
    pub fn parse(file: Vec<u8>) -> Result<Self> {
        let text = state_dict::metadata(&file, KEY)?.context("it holds no training")?;
        let header: Header = serde_json::from_str(&text)
            .context("its description is of another version or damaged")?;
        header.check()?;
        Ok(Self { file, header })
    }

    /// The epochs that are complete.
    pub fn history(&self) -> &[EpochRecord] {
        &self.header.history
    }

    /// Brings a training that has not begun to where this one was.
    ///
    /// # Errors
    /// When this is the state of another training, or its tensors are damaged.
    pub(super) fn restore(
        &self,
        net: &mut Net,
        train_loop: &mut TrainLoop,
        config: &TrainConfig,
    ) -> Result<Progress> {
        let mut restore = || {
            let header = &self.header;
            ensure!(
                header.config == *config,
                "it is that of a training with other settings"
            );
            let weights = weights_of(net.architecture(), net.members());
            net.restore(&self.tensors(NET, &weights)?)?;
            let metrics = self.metrics()?;
            let steps_an_epoch = train_loop.steps_an_epoch;
            let epochs = header.history.len();
            let before = epochs * steps_an_epoch;
            let steps = metrics.losses.numel();
            ensure!(
                steps <= steps_an_epoch,
                "it is that of a training on more images"
            );
            // Average and optimizer begin anew with each cycle of the schedule.
            let in_cycle = (epochs - config.cycle(epochs).start) * steps_an_epoch + steps;
            train_loop
                .average
                .restore(&self.tensors(AVERAGE, &weights)?, in_cycle)?;
            let learned = weights.iter().filter(|weight| weight.learned);
            let learned: Vec<Weight> = learned.cloned().collect();
            let kinds = train_loop.optimizer_state.kinds().iter();
            let state_tensors = kinds.map(|&kind| Ok((kind, self.tensors(kind, &learned)?)));
            let state_tensors = state_tensors.collect::<Result<Vec<_>>>()?;
            train_loop
                .optimizer_state
                .restore(&state_tensors, in_cycle)?;
            let rates =
                (before..before + steps).map(|step| (step, train_loop.learning_rate(step, config)));
            let images = (steps * config.batch_size).min(train_loop.images);
            Ok(Progress {
                history: header.history.clone(),
                kept: self.kept(&weights)?,
                tally: Tally::resumed(&metrics, net.weights().device(), images, rates.collect()),
            })
        };
        restore().context("going on from the saved state")
    }

    fn tensors(&self, prefix: &str, expected: &[Weight]) -> Result<Vec<(String, Tensor)>> {
        state_dict::with_prefix(&self.file, prefix, expected)
    }

    fn kept(&self, weights: &[Weight]) -> Result<Option<Kept>> {
        let header = &self.header;
        let (Some(record), Some(peak)) = (header.record(header.kept), header.record(header.peak))
        else {
            return Ok(None);
        };
        Ok(Some(Kept {
            record: record.clone(),
            weights: self.tensors(KEPT, weights)?,
            peak: peak.clone(),
        }))
    }

    fn metrics(&self) -> Result<SavedMetrics> {
        let list = |name| state_dict::list(&self.file, name);
        let (losses, right) = (list(LOSSES)?, list(RIGHT)?);
        ensure!(
            losses.numel() == right.numel(),
            "it has {} losses and {} counts",
            losses.numel(),
            right.numel()
        );
        Ok(SavedMetrics {
            losses,
            right,
            seconds: self.header.seconds,
        })
    }
}

impl Header {
    /// The epoch of this number.
    fn record(&self, epoch: Option<usize>) -> Option<&EpochRecord> {
        self.history.get(epoch?.checked_sub(1)?)
    }

    fn check(&self) -> Result<()> {
        self.config.check()?;
        let mut counted = (1..).zip(&self.history);
        ensure!(
            counted.all(|(epoch, record)| record.epoch == epoch),
            "its epochs are out of order"
        );
        ensure!(
            self.history.len() <= self.config.epochs,
            "it has more epochs than its training"
        );
        let known = self.record(self.kept).is_some() && self.record(self.peak).is_some();
        ensure!(
            known != self.history.is_empty(),
            "it does not tell which epoch to keep"
        );
        ensure!(self.seconds >= 0.0, "it took less than no time");
        Ok(())
    }
}
