//! A training and its run folder.

use tch::Device;

use crate::dataset::Dataset;
use crate::experiment::Experiment;
use crate::run::{RunDir, Settings};

/// A training, new or resumed.
pub(super) struct Job {
    pub(super) run: RunDir,
    pub(super) settings: Settings,
    pub(super) dataset: Dataset,
    pub(super) device: Device,
}

impl Job {
    /// The same in the library's type.
    pub(super) fn experiment(&self, tensorboard: bool) -> Experiment<'_> {
        Experiment {
            settings: self.settings.clone(),
            dataset: &self.dataset,
            device: self.device,
            tensorboard,
        }
    }
}
