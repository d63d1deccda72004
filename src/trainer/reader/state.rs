//! The state to resume the training of a reader from, as one `.safetensors` file. Scenes, schedule
//! and all random numbers are functions of the seed and the step.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::config::{ReaderConfig, STEPS_PER_EPOCH};
use super::train_loop::TrainLoop;
use crate::model::layer::Weight;
use crate::model::{state_dict, weights_of};
use crate::reader::Reader;
use crate::version::VERSION;

use crate::storage::write_atomic;
use crate::trainer::EpochRecord;
use crate::trainer::state::prefixed;

/// The metadata key of the [`Header`], as JSON.
const KEY: &str = "mnist-tch-reader-training";

/// Far more than two networks and their optimizer state take.
const MAX_BYTES: u64 = 1 << 30;

// Name prefixes of the tensors in the file.
const NET: &str = "net";
const AVERAGE: &str = "average";

/// The file's metadata.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    version: String,
    config: ReaderConfig,
    history: Vec<EpochRecord>,
    #[serde(rename = "tally")]
    epoch_metrics: EpochMetrics,
}

/// Metrics of the steps of an epoch so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct EpochMetrics {
    pub(super) steps: usize,
    pub(super) scenes: usize,
    pub(super) loss: f64,
    /// Crops of digits, and how many of them were classified correctly.
    pub(super) digits: usize,
    #[serde(rename = "right")]
    pub(super) correct: usize,
    pub(super) seconds: f64,
}

/// The state of a training run between two steps.
pub struct ReaderState<'a> {
    pub(super) reader: &'a Reader,
    pub(super) train_loop: &'a TrainLoop,
    pub(super) history: &'a [EpochRecord],
    pub(super) epoch_metrics: EpochMetrics,
    pub(super) config: &'a ReaderConfig,
}

impl ReaderState<'_> {
    /// The completed epochs.
    pub fn history(&self) -> &[EpochRecord] {
        self.history
    }

    /// Steps so far, over the whole run.
    pub fn steps(&self) -> usize {
        self.history.len() * STEPS_PER_EPOCH + self.epoch_metrics.steps
    }

    /// Saves it, for [`train_reader`](super::train_reader).
    ///
    /// # Errors
    /// When the file cannot be written; an existing file then stays as it was.
    pub fn save(&self, path: &Path) -> Result<()> {
        let header = Header {
            version: VERSION.to_owned(),
            config: self.config.clone(),
            history: self.history.to_vec(),
            epoch_metrics: self.epoch_metrics,
        };
        let mut tensors = prefixed(NET, self.reader.snapshot());
        tensors.extend(prefixed(AVERAGE, self.train_loop.averaged()));
        for (kind, state_tensors) in self.train_loop.optimizer_state.state_tensors() {
            tensors.extend(prefixed(kind, state_tensors));
        }
        let file = state_dict::serialize(&tensors, KEY, &serde_json::to_string(&header)?)
            .with_context(|| format!("serializing {}", path.display()))?;
        write_atomic(path, &file)
    }
}

/// A saved training state.
#[derive(Debug)]
pub struct SavedReaderState {
    file: Vec<u8>,
    header: Header,
}

impl SavedReaderState {
    /// Reads a file written by [`ReaderState::save`].
    ///
    /// # Errors
    /// When the file cannot be read, is damaged or inconsistent; the message names it.
    pub fn load(path: &Path) -> Result<Self> {
        let load = || Self::parse(state_dict::read(path, MAX_BYTES)?);
        load().with_context(|| format!("reading the training state {}", path.display()))
    }

    fn parse(file: Vec<u8>) -> Result<Self> {
        let text =
            state_dict::metadata(&file, KEY)?.context("it holds no training state of a reader")?;
        let header: Header =
            serde_json::from_str(&text).context("its metadata is damaged or of another version")?;
        header.config.check()?;
        ensure!(
            header.history.len() <= header.config.epochs
                && header.epoch_metrics.steps < STEPS_PER_EPOCH,
            "it has more epochs than its configuration"
        );
        Ok(Self { file, header })
    }

    /// The completed epochs.
    pub fn history(&self) -> &[EpochRecord] {
        &self.header.history
    }

    /// Restores this state into a training run that has not started.
    pub(super) fn restore(
        &self,
        reader: &mut Reader,
        train_loop: &mut TrainLoop,
        config: &ReaderConfig,
    ) -> Result<(Vec<EpochRecord>, EpochMetrics)> {
        let mut restore = || {
            let Header {
                history,
                epoch_metrics,
                ..
            } = &self.header;
            ensure!(
                self.header.config == *config,
                "it belongs to a training run with other settings"
            );
            let weights: Vec<Weight> = all_weights(reader);
            let steps = history.len() * STEPS_PER_EPOCH + epoch_metrics.steps;
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
            Ok((history.clone(), *epoch_metrics))
        };
        restore().context("resuming from the saved state")
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

#[cfg(test)]
mod tests {
    use tch::{Device, Tensor};

    use super::*;

    fn set(bias: &Tensor, value: f64) {
        let _ = bias.detach().fill_(value);
    }

    fn sorted(mut tensors: Vec<(String, Tensor)>) -> Vec<(String, Tensor)> {
        tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
        tensors
    }

    #[test]
    fn a_saved_state_restores_weights_averages_and_progress() {
        let config = ReaderConfig {
            epochs: 3,
            ..ReaderConfig::default()
        };
        let reader = Reader::new(1, Device::Cpu).unwrap();
        let train_loop = TrainLoop::new(&reader, &config).unwrap();
        // The trained weights are ahead of the averaged ones.
        set(&reader.crop.weights().variables()["fc1.bias"], 1.0);
        let average = train_loop.averages[1].net().weights().variables();
        set(&average["fc1.bias"], 0.0);
        let history = [1, 2].map(|epoch| EpochRecord::sample(epoch, 0.5));
        let epoch_metrics = EpochMetrics {
            steps: 3,
            scenes: 77,
            loss: 9.5,
            digits: 50,
            correct: 40,
            seconds: 12.5,
        };
        let state = ReaderState {
            reader: &reader,
            train_loop: &train_loop,
            history: &history,
            epoch_metrics,
            config: &config,
        };
        assert_eq!(state.steps(), 403);
        assert_eq!(state.history(), history);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.safetensors");
        state.save(&path).unwrap();

        let saved = SavedReaderState::load(&path).unwrap();
        assert_eq!(saved.history(), history);
        let mut other = Reader::new(2, Device::Cpu).unwrap();
        let mut other_loop = TrainLoop::new(&other, &config).unwrap();
        let other_config = ReaderConfig {
            seed: 1,
            ..config.clone()
        };
        let refused = saved.restore(&mut other, &mut other_loop, &other_config);
        assert!(format!("{:#}", refused.unwrap_err()).contains("other settings"));
        let found = saved.restore(&mut other, &mut other_loop, &config).unwrap();
        assert_eq!(found, (history.to_vec(), epoch_metrics));
        assert!(sorted(other.snapshot()) == sorted(reader.snapshot()));
        assert!(sorted(other_loop.averaged()) == sorted(train_loop.averaged()));
        // The next step is the 404th; the average still grows to its full length.
        other_loop.averages[1].update().unwrap();
        let average = other_loop.averages[1].net().weights().variables();
        let average = average["fc1.bias"].double_value(&[0]);
        assert!((average - 10.0 / 414.0).abs() < 1e-6, "{average}");
    }
}
