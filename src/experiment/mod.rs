//! Experiments: train, calibrate, test and export, with all of it in a run folder that a stopped
//! training resumes from.
//!
//! An ensemble of two small networks, trained, tested, exported and read back:
//!
//! ```
//! use mnist_tch::dataset::source::{self, Choice, Request};
//! use mnist_tch::experiment::Experiment;
//! use mnist_tch::model::{Architecture, checkpoint};
//! use mnist_tch::run::RunDir;
//! use mnist_tch::trainer::TrainConfig;
//! use tch::{CModule, Device, Tensor};
//!
//! # fn main() -> anyhow::Result<()> {
//! let request = Request { choice: Choice::Synthetic, folder: None, limit: Some(3_000) };
//! let digits = source::open(&request, &mut |_| ())?;
//! let config = TrainConfig { epochs: 2, ..TrainConfig::fast() };
//! # let runs = tempfile::tempdir()?;
//! # let path = runs.path().join("pair");
//! let run = RunDir::create(&path)?;
//! let experiment = Experiment::new(&Architecture::Small, &config, &digits, Device::Cpu).ensemble(2);
//! let results = experiment.run(&run, &mut |_| (), &|| false)?;
//! assert!(results.test_accuracy > 0.7);
//!
//! let (net, description) = checkpoint::load(&run.weights(), Device::Cpu)?;
//! assert_eq!((net.members(), description.test_accuracy), (2, Some(results.test_accuracy)));
//! let program = CModule::load(run.torchscript())?;
//! let image = Tensor::zeros([1, 1, 28, 28], (tch::Kind::Float, Device::Cpu));
//! assert_eq!(program.forward_ts(&[image])?.size(), [1, 10]);
//! # Ok(())
//! # }
//! ```
//!
//! [`sweep`] does the same for every network of a grid, [`reader`] trains what finds the digits in
//! pictures.

mod ensemble;
mod extend;
mod finish;
mod network;
pub mod reader;
pub mod sweep;

pub use extend::extend;

use std::path::PathBuf;

use anyhow::{Context, Result};
use tch::Device;

use crate::dataset::Dataset;
use crate::model::Architecture;
use crate::run::{RunDir, RunResults, Settings};
use crate::trainer::{self, EpochRecord, SavedState, TrainConfig};

/// One network or ensemble to be trained, and on what.
pub struct Experiment<'a> {
    /// All that decides it; written into the run folder.
    pub settings: Settings,
    /// Its training split trains, its validation split chooses the epoch and calibrates, its test split measures.
    pub dataset: &'a Dataset,
    /// The device to compute on.
    pub device: Device,
    /// Whether the figures of each epoch are also written for TensorBoard.
    pub tensorboard: bool,
}

/// What an experiment tells while it runs.
pub enum Event<'a> {
    /// The training of an ensemble's member of this number, from 0, begins or is resumed.
    Member(usize),
    /// The training at work tells something.
    Training(&'a trainer::Event<'a>),
    /// An ensemble's member is finished, now or before.
    MemberDone(&'a RunResults),
}

/// What hears of each [`Event`].
pub type OnEvent<'a> = dyn FnMut(Event<'_>) + 'a;

/// Asked after each step whether the training is to stop there.
pub type Stop<'a> = dyn Fn() -> bool + 'a;

/// An experiment was asked to stop before its end. All of it is saved: it is resumed by running it
/// again in the same folder.
#[derive(Debug, thiserror::Error)]
#[error("stopped in epoch {epoch}")]
pub struct Stopped {
    /// Where the training that was at work keeps its best weights.
    pub weights: PathBuf,
    /// The epoch that was at work, from 1.
    pub epoch: usize,
    /// Images that it had seen.
    pub images: usize,
    /// The epoch to keep so far.
    pub kept: Option<EpochRecord>,
}

impl<'a> Experiment<'a> {
    /// One network, trained on all of the data set, without event files for TensorBoard.
    pub fn new(
        architecture: &Architecture,
        config: &TrainConfig,
        dataset: &'a Dataset,
        device: Device,
    ) -> Self {
        Self {
            settings: Settings::new(architecture, config, dataset, device),
            dataset,
            device,
            tensorboard: false,
        }
    }

    /// The same with so many networks, whose seeds follow one another; their logits are averaged.
    pub fn ensemble(mut self, members: usize) -> Self {
        self.settings.members = members;
        self
    }

    /// Trains, calibrates, tests, exports, and leaves all of it in the run folder. Where an earlier
    /// training of the same settings was stopped there, it is resumed.
    ///
    /// An ensemble's members are trained as runs of their own in folders inside this one, which
    /// itself gets all of them as one network.
    ///
    /// # Errors
    /// [`Stopped`] where `stop` asked for the end; else when a setting makes no sense, the saved
    /// state is damaged or of other settings, memory or disk do not suffice, or the loss becomes NaN
    /// or infinite.
    pub fn run(
        &self,
        run: &RunDir,
        on_event: &mut OnEvent<'_>,
        stop: &Stop<'_>,
    ) -> Result<RunResults> {
        match self.settings.members {
            1 => {
                let mut on_training = |event: &trainer::Event| on_event(Event::Training(event));
                Ok(self.run_network(run, &mut on_training, stop)?.1)
            }
            _ => self.run_ensemble(run, on_event, stop),
        }
    }
}

/// What a training that was stopped in this folder saved, if one was.
///
/// # Errors
/// When it is damaged; the message says what to do.
fn saved(run: &RunDir) -> Result<Option<SavedState>> {
    let path = run.state();
    if !path.exists() {
        return Ok(None);
    }
    let saved = SavedState::load(&path);
    let saved = saved.with_context(|| format!("remove {} to begin anew", path.display()))?;
    Ok(Some(saved))
}
