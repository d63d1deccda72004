//! All that resumes the training of a reader, as one `.safetensors` file. Scenes, schedule and all
//! chance are functions of the seed and the step.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::config::{ReaderConfig, STEPS_AN_EPOCH};
use super::train_loop::TrainLoop;
use crate::model::layer::Weight;
use crate::model::{state_dict, weights_of};
use crate::reader::Reader;
use crate::version::VERSION;

use crate::storage::write_atomic;
use crate::trainer::EpochRecord;
use crate::trainer::state::named;

/// Under this key the file's metadata holds a [`Header`] as JSON.
const KEY: &str = "mnist-tch-reader-training";

/// Far more than two networks with all that is remembered of them take.
const MAX_BYTES: u64 = 1 << 30;

// What stands before the names of the weights in the file.
const NET: &str = "net";
const AVERAGE: &str = "average";

/// What the file says beside its tensors.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    version: String,
    config: ReaderConfig,
    history: Vec<EpochRecord>,
    tally: Tally,
}

/// What the steps of an epoch have measured so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) steps: usize,
    pub(super) scenes: usize,
    pub(super) loss: f64,
    /// Crops of digits, and those of them that were read rightly.
    pub(super) digits: usize,
    pub(super) right: usize,
    pub(super) seconds: f64,
}

/// A training as it stands between two steps.
pub struct ReaderState<'a> {
    pub(super) reader: &'a Reader,
    pub(super) train_loop: &'a TrainLoop,
    pub(super) history: &'a [EpochRecord],
    pub(super) tally: Tally,
    pub(super) config: &'a ReaderConfig,
}

impl ReaderState<'_> {
    /// The epochs that are complete.
    pub fn history(&self) -> &[EpochRecord] {
        self.history
    }

    /// Steps so far, of the whole training.
    pub fn steps(&self) -> usize {
        self.history.len() * STEPS_AN_EPOCH + self.tally.steps
    }

    /// Saves it, for [`train_reader`](super::train_reader).
    ///
    /// # Errors
    /// When the file cannot be written; one that was there before stays as it was.
    pub fn save(&self, path: &Path) -> Result<()> {
        let header = Header {
            version: VERSION.to_owned(),
            config: self.config.clone(),
            history: self.history.to_vec(),
            tally: self.tally,
        };
        let mut tensors = named(NET, self.reader.snapshot());
        tensors.extend(named(AVERAGE, self.train_loop.averaged()));
        for (kind, memory) in self.train_loop.optimizer_state.state_tensors() {
            tensors.extend(named(kind, memory));
        }
        let file = state_dict::serialize(&tensors, KEY, &serde_json::to_string(&header)?)
            .with_context(|| format!("laying out {}", path.display()))?;
        write_atomic(path, &file)
    }
}

/// A training's state as it was saved.
#[derive(Debug)]
pub struct SavedReaderState {
    file: Vec<u8>,
    header: Header,
}

impl SavedReaderState {
    /// Reads what [`ReaderState::save`] wrote.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, or contradicts itself; the message names it.
    pub fn load(path: &Path) -> Result<Self> {
        let load = || Self::parse(state_dict::read(path, MAX_BYTES)?);
        load().with_context(|| format!("reading the state of the training {}", path.display()))
    }

    fn parse(file: Vec<u8>) -> Result<Self> {
        let text = state_dict::metadata(&file, KEY)?.context("it holds no training of a reader")?;
        let header: Header = serde_json::from_str(&text)
            .context("its description is of another version or damaged")?;
        header.config.check()?;
        ensure!(
            header.history.len() <= header.config.epochs && header.tally.steps < STEPS_AN_EPOCH,
            "it has more epochs than its training"
        );
        Ok(Self { file, header })
    }

    /// The epochs that are complete.
    pub fn history(&self) -> &[EpochRecord] {
        &self.header.history
    }

    /// Brings a training that has not begun to where this one was.
    pub(super) fn restore(
        &self,
        reader: &mut Reader,
        train_loop: &mut TrainLoop,
        config: &ReaderConfig,
    ) -> Result<(Vec<EpochRecord>, Tally)> {
        let mut restore = || {
            let Header { history, tally, .. } = &self.header;
            ensure!(
                self.header.config == *config,
                "it is that of a training with other settings"
            );
            let weights: Vec<Weight> = all_weights(reader);
            let steps = history.len() * STEPS_AN_EPOCH + tally.steps;
            reader.restore(&state_dict::with_prefix(&self.file, NET, &weights)?)?;
            let average = state_dict::with_prefix(&self.file, AVERAGE, &weights)?;
            train_loop.restore_average(&average, steps)?;
            let learned: Vec<Weight> = weights
                .into_iter()
                .filter(|weight| weight.learned)
                .collect();
            let kinds = train_loop.optimizer_state.kinds().iter();
            let state_tensors = kinds
                .map(|&kind| Ok((kind, state_dict::with_prefix(&self.file, kind, &learned)?)))
                .collect::<Result<Vec<_>>>()?;
            train_loop.optimizer_state.restore(&state_tensors, steps)?;
            Ok((history.clone(), *tally))
        };
        restore().context("going on from the saved state")
    }
}

/// All parameters and buffers of a reader.
fn all_weights(reader: &Reader) -> Vec<Weight> {
    let nets = reader.nets().into_iter();
    let weights = nets.flat_map(|(name, net)| {
        let weights = weights_of(net.architecture(), 1).into_iter();
        weights.map(move |weight| Weight {
            name: format!("{name}.{}", weight.name),
            ..weight
        })
    });
    weights.collect()
}
