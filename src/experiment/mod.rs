//! Experiments: train, calibrate, test and export in a run folder from which interrupted training
//! resumes.
//!
//! An ensemble of two small networks, trained, tested, exported and loaded again:
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
//! [`sweep`] does the same for a grid of networks, [`reader`] trains the reader, which finds the
//! digits in pictures.

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

/// One network or ensemble to train, and the data to train it on.
pub struct Experiment<'a> {
    /// Everything that determines it; written into the run folder.
    pub settings: Settings,
    /// The data: the training split for training, the validation split for selecting the epoch and
    /// calibration, the test split for the final evaluation.
    pub dataset: &'a Dataset,
    /// The device to compute on.
    pub device: Device,
    /// Whether the metrics of each epoch are also written for TensorBoard.
    pub tensorboard: bool,
}

/// What an experiment reports while it runs.
pub enum Event<'a> {
    /// The training of this member of an ensemble, from 0, starts or resumes.
    Member(usize),
    /// An event of the current training.
    Training(&'a trainer::Event<'a>),
    /// A member of an ensemble is finished, or was already.
    MemberDone(&'a RunResults),
}

/// Called with each [`Event`].
pub type OnEvent<'a> = dyn FnMut(Event<'_>) + 'a;

/// Called after each step; returns whether training is to stop there.
pub type Stop<'a> = dyn Fn() -> bool + 'a;

/// An experiment was stopped before its end. Everything is saved: running it again in the same
/// folder resumes it.
#[derive(Debug, thiserror::Error)]
#[error("stopped in epoch {epoch}")]
pub struct Stopped {
    /// The file with the best weights of the current training.
    pub weights: PathBuf,
    /// The current epoch, from 1.
    pub epoch: usize,
    /// Images seen in that epoch.
    pub images: usize,
    /// The epoch whose weights are kept so far.
    pub kept: Option<EpochRecord>,
}

impl<'a> Experiment<'a> {
    /// One network, trained on the whole data set, without TensorBoard event files.
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

    /// An ensemble of networks with consecutive seeds, which averages their logits.
    pub fn ensemble(mut self, members: usize) -> Self {
        self.settings.members = members;
        self
    }

    /// Trains, calibrates, tests and exports, with all files in the run folder. An interrupted
    /// training with the same settings in that folder is resumed.
    ///
    /// The members of an ensemble are trained as runs in subfolders; this folder gets the ensemble
    /// as one network.
    ///
    /// # Errors
    /// [`Stopped`] where `stop` returned true; else when a setting is invalid, the saved state is
    /// damaged or belongs to other settings, memory or disk space runs out, or the loss becomes NaN
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

/// The saved state of an interrupted training in this folder, if there is one.
///
/// # Errors
/// When it is damaged; the message says what to do.
fn saved(run: &RunDir) -> Result<Option<SavedState>> {
    let path = run.state();
    if !path.exists() {
        return Ok(None);
    }
    let saved = SavedState::load(&path);
    let saved = saved.with_context(|| format!("remove {} to start over", path.display()))?;
    Ok(Some(saved))
}
