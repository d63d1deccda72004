//! The state to resume a training run from, as one `.safetensors` file: weights, optimizer state,
//! averages, the kept epoch and the progress. The schedule and all random numbers are functions of
//! that (see `seeds` and `schedule`).

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::average::Average;
use super::epoch_metrics::{EpochMetrics, SavedMetrics};
use super::kept_epoch::KeptEpoch;
use super::optimizer::OptimizerState;
use super::progress::Progress;
use super::train_loop::{self, TrainLoop};
use super::{EpochRecord, TrainConfig};
use crate::model::layer::Weight;
use crate::model::{Net, state_dict, weights_of};
use crate::storage::write_atomic;
use crate::version::VERSION;

/// The metadata key of the [`Header`], as JSON.
const KEY: &str = "mnist-tch-training";

/// More than five times the largest trainable network.
const MAX_BYTES: u64 = 4 << 30;

// Name prefixes of the tensors in the file.
const NET: &str = "net";
const AVERAGE: &str = "average";
const KEPT: &str = "kept";
const LOSSES: &str = "losses";
const CORRECT: &str = "right";

/// The file's metadata.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    /// Version of the program that wrote the file.
    version: String,
    config: TrainConfig,
    /// The completed epochs.
    history: Vec<EpochRecord>,
    /// The one of them whose weights are kept, from 1.
    kept: Option<usize>,
    /// The one with the highest validation accuracy, from 1.
    peak: Option<usize>,
    /// Seconds that the current epoch has taken so far.
    seconds: f64,
}

/// The state of a training run between two steps.
pub struct State<'a> {
    pub(super) net: &'a Net,
    pub(super) optimizer_state: &'a OptimizerState,
    pub(super) average: &'a Average,
    pub(super) progress: &'a Progress,
    pub(super) config: &'a TrainConfig,
}

impl State<'_> {
    /// The epoch whose weights are kept so far.
    pub fn kept(&self) -> Option<&EpochRecord> {
        self.progress.kept.as_ref().map(|kept| &kept.record)
    }

    /// The completed epochs.
    pub fn history(&self) -> &[EpochRecord] {
        &self.progress.history
    }

    /// Saves it, for [`resume`](super::resume).
    ///
    /// # Errors
    /// When the file cannot be written; an existing file then stays as it was.
    pub fn save(&self, path: &Path) -> Result<()> {
        let Progress {
            history,
            kept,
            epoch_metrics,
        } = self.progress;
        let metrics = epoch_metrics.to_saved();
        let header = Header {
            version: VERSION.to_owned(),
            config: self.config.clone(),
            history: history.clone(),
            kept: kept.as_ref().map(|kept| kept.record.epoch),
            peak: kept.as_ref().map(|kept| kept.peak.epoch),
            seconds: metrics.seconds,
        };
        let mut tensors = prefixed(NET, self.net.snapshot());
        tensors.extend(prefixed(AVERAGE, self.average.net().snapshot()));
        for (kind, state_tensors) in self.optimizer_state.state_tensors() {
            tensors.extend(prefixed(kind, state_tensors));
        }
        if let Some(kept) = kept {
            let weights = kept.weights.iter();
            let weights = weights.map(|(name, tensor)| (name.clone(), tensor.shallow_clone()));
            tensors.extend(prefixed(KEPT, weights.collect()));
        }
        tensors.push((LOSSES.to_owned(), metrics.losses));
        tensors.push((CORRECT.to_owned(), metrics.correct));
        let file = state_dict::serialize(&tensors, KEY, &serde_json::to_string(&header)?)
            .with_context(|| format!("serializing {}", path.display()))?;
        write_atomic(path, &file)
    }
}

/// Saves the state from which [`resume`](super::resume) extends a finished run: `net` has the
/// weights of the kept epoch, and `config` has more epochs than the history, with a restart at its
/// end.
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
        kept: Some(KeptEpoch {
            record: record.clone(),
            weights: net.snapshot(),
            peak: peak.unwrap_or(record).clone(),
        }),
        epoch_metrics: EpochMetrics::new(),
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

/// The tensors with a prefix added to their names.
pub(super) fn prefixed(prefix: &str, tensors: Vec<(String, Tensor)>) -> Vec<(String, Tensor)> {
    let tensors = tensors.into_iter();
    tensors
        .map(|(name, tensor)| (format!("{prefix}.{name}"), tensor))
        .collect()
}

/// A saved training state.
#[derive(Debug)]
pub struct SavedState {
    file: Vec<u8>,
    header: Header,
}

impl SavedState {
    /// Reads a file written by [`State::save`], of at most 4 GiB.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged or inconsistent; the message names it.
    pub fn load(path: &Path) -> Result<Self> {
        let load = || Self::parse(state_dict::read(path, MAX_BYTES)?);
        load().with_context(|| format!("reading the training state {}", path.display()))
    }

    /// The same from the file's bytes.
    ///
    /// # Errors
    /// When they are damaged or inconsistent.
    pub fn parse(file: Vec<u8>) -> Result<Self> {
        let text = state_dict::metadata(&file, KEY)?.context("it holds no training state")?;
        let header: Header =
            serde_json::from_str(&text).context("its metadata is damaged or of another version")?;
        header.check()?;
        Ok(Self { file, header })
    }

    /// The completed epochs.
    pub fn history(&self) -> &[EpochRecord] {
        &self.header.history
    }

    /// Restores this state into a training run that has not started.
    ///
    /// # Errors
    /// When the state belongs to another run, or its tensors are damaged.
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
                "it belongs to a training run with other settings"
            );
            let weights = weights_of(net.architecture(), net.members());
            net.restore(&self.tensors(NET, &weights)?)?;
            let metrics = self.metrics()?;
            let steps_per_epoch = train_loop.steps_per_epoch;
            let epochs = header.history.len();
            let before = epochs * steps_per_epoch;
            let steps = metrics.losses.numel();
            ensure!(
                steps <= steps_per_epoch,
                "it belongs to a training run on more images"
            );
            // Average and optimizer restart with each cycle of the schedule.
            let in_cycle = (epochs - config.cycle(epochs).start) * steps_per_epoch + steps;
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
                epoch_metrics: EpochMetrics::resumed(
                    &metrics,
                    net.weights().device(),
                    images,
                    rates.collect(),
                ),
            })
        };
        restore().context("resuming from the saved state")
    }

    fn tensors(&self, prefix: &str, expected: &[Weight]) -> Result<Vec<(String, Tensor)>> {
        state_dict::with_prefix(&self.file, prefix, expected)
    }

    fn kept(&self, weights: &[Weight]) -> Result<Option<KeptEpoch>> {
        let header = &self.header;
        let (Some(record), Some(peak)) = (header.record(header.kept), header.record(header.peak))
        else {
            return Ok(None);
        };
        Ok(Some(KeptEpoch {
            record: record.clone(),
            weights: self.tensors(KEPT, weights)?,
            peak: peak.clone(),
        }))
    }

    fn metrics(&self) -> Result<SavedMetrics> {
        let list = |name| state_dict::list(&self.file, name);
        let (losses, correct) = (list(LOSSES)?, list(CORRECT)?);
        ensure!(
            losses.numel() == correct.numel(),
            "it has {} losses and {} counts",
            losses.numel(),
            correct.numel()
        );
        Ok(SavedMetrics {
            losses,
            correct,
            seconds: self.header.seconds,
        })
    }
}

impl Header {
    /// The record of an epoch, counted from 1.
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
            "it has more epochs than its configuration"
        );
        let known = self.record(self.kept).is_some() && self.record(self.peak).is_some();
        ensure!(
            known != self.history.is_empty(),
            "it does not say which epoch to keep"
        );
        ensure!(self.seconds >= 0.0, "its duration is negative");
        Ok(())
    }
}

#[cfg(test)]
mod tests;
