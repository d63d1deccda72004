//! `config.json`: all settings that determine a run, so that it can be documented, compared and resumed.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tch::Device;

use super::RunDir;
use crate::dataset::mixture::Mixture;
use crate::dataset::{Dataset, Origin, Split};
use crate::device;
use crate::machine::MAX_THREADS;
use crate::model::{Architecture, MAX_MEMBERS};
use crate::storage::{read_bounded, write_atomic};
use crate::trainer::TrainConfig;
use crate::version::{LIBTORCH_VERSION, VERSION};

/// A run's settings take a few kilobytes.
const MAX_BYTES: u64 = 1 << 20;

/// All settings that determine a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The network.
    pub architecture: Architecture,
    /// Networks in the ensemble, or 1; their seeds are consecutive from that of `training`.
    pub members: usize,
    /// How each is trained.
    pub training: TrainConfig,
    /// What was mixed into the data set.
    pub mixture: Option<Mixture>,
    /// What it was trained on.
    pub data: Origin,
    /// The maximum number of images of each split, if limited.
    #[serde(default)]
    pub limit: Option<usize>,
    /// Images in each split, with what was mixed in.
    pub images: BTreeMap<Split, usize>,
    /// The device, as `--device` takes it.
    pub device: String,
    /// Threads that computed on the CPU.
    pub threads: i32,
    /// Start time: local time with its offset.
    pub started: String,
    /// Version of this program.
    pub mnist_tch: String,
    /// Version of libtorch.
    pub libtorch: String,
}

/// Local time with its offset.
pub(super) fn now() -> String {
    let now = jiff::Zoned::now();
    now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

impl Settings {
    /// The settings of one network whose training starts now, with nothing mixed in and all images.
    pub fn new(
        architecture: &Architecture,
        training: &TrainConfig,
        dataset: &Dataset,
        device: Device,
    ) -> Self {
        Self {
            architecture: architecture.clone(),
            members: 1,
            training: training.clone(),
            mixture: None,
            data: dataset.origin.clone(),
            limit: None,
            images: Split::ALL
                .map(|split| (split, dataset.examples(split).len()))
                .into(),
            device: device::name(device),
            threads: tch::get_num_threads(),
            started: now(),
            mnist_tch: VERSION.to_owned(),
            libtorch: LIBTORCH_VERSION.to_owned(),
        }
    }

    /// The settings of one of an ensemble's members, counted from 0.
    pub fn of_member(&self, number: usize) -> Self {
        let mut settings = self.clone();
        settings.members = 1;
        settings.training.seed = self.training.seed.wrapping_add(number as u64);
        settings
    }

    /// Writes the run's `config.json`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, run: &RunDir) -> Result<()> {
        write_atomic(&run.config(), &serde_json::to_vec_pretty(self)?)
    }

    /// Reads the run's `config.json`, of 1 MiB at most.
    ///
    /// # Errors
    /// When the file cannot be read or is invalid; the message names it.
    pub fn read(run: &RunDir) -> Result<Self> {
        let path = run.config();
        let read = || Self::parse(&read_bounded(&path, MAX_BYTES)?);
        read().with_context(|| format!("reading the settings {}", path.display()))
    }

    /// The same from the file's bytes.
    ///
    /// # Errors
    /// When they are not such a file, or a setting is invalid.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let settings: Self = serde_json::from_slice(bytes)?;
        settings.architecture.check()?;
        ensure!(
            settings.architecture.is_classifier(),
            "a {} is not trained by itself",
            settings.architecture
        );
        settings.training.check()?;
        settings.mixture.as_ref().map_or(Ok(()), Mixture::check)?;
        ensure!(
            ["mnist", "synthetic", "idx"].contains(&settings.data.name.as_str()),
            "there is no data set called {:?}",
            settings.data.name
        );
        ensure!(
            (1..=MAX_MEMBERS).contains(&settings.members),
            "an ensemble has 1 to {MAX_MEMBERS} members, not {}",
            settings.members
        );
        ensure!(
            (1..=MAX_THREADS.into()).contains(&settings.threads),
            "a training has 1 to {MAX_THREADS} threads, not {}",
            settings.threads
        );
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::testing::settings;

    #[test]
    fn settings_come_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        let mut written = settings();
        written.members = 3;
        written.mixture = Some(Mixture::PICTURES);
        written.write(&run).unwrap();
        let read = Settings::read(&run).unwrap();
        assert_eq!(format!("{read:?}"), format!("{written:?}"));
        let name = run.config().display().to_string();
        std::fs::write(run.config(), "{}").unwrap();
        let text = Settings::read(&run).unwrap_err().to_string();
        assert_eq!(text, format!("reading the settings {name}"));
    }

    #[test]
    fn members_have_consecutive_seeds() {
        let mut ensemble = settings();
        ensemble.members = 3;
        ensemble.training.seed = 7;
        let member = ensemble.of_member(2);
        assert_eq!((member.members, member.training.seed), (1, 9));
        assert_eq!(member.architecture, ensemble.architecture);
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let parsed = |change: &dyn Fn(&mut Settings)| {
            let mut settings = settings();
            change(&mut settings);
            let parsed = Settings::parse(&serde_json::to_vec(&settings).unwrap());
            parsed.map_err(|failure| failure.to_string())
        };
        assert!(parsed(&|_| ()).is_ok());
        let text = parsed(&|settings| settings.members = 0).unwrap_err();
        assert!(text.ends_with("members, not 0"), "{text}");
        let text = parsed(&|settings| settings.threads = 1025).unwrap_err();
        assert_eq!(text, "a training has 1 to 1024 threads, not 1025");
        let text = parsed(&|settings| settings.data.name = "svhn".to_owned()).unwrap_err();
        assert_eq!(text, "there is no data set called \"svhn\"");
        let text = parsed(&|settings| settings.architecture = Architecture::Crop).unwrap_err();
        assert!(text.ends_with("is not trained by itself"), "{text}");
        let too_much = Mixture {
            digits: 11.0,
            non_digits: 0.0,
        };
        assert!(parsed(&|settings| settings.mixture = Some(too_much)).is_err());
        assert!(parsed(&|settings| settings.training.epochs = 0).is_err());
    }

    #[test]
    fn the_start_is_local_time_with_its_offset() {
        let now = now();
        let parsed: jiff::Timestamp = now.parse().unwrap();
        let age = jiff::Timestamp::now().as_second() - parsed.as_second();
        assert!((0..60).contains(&age), "{now}");
        assert_eq!(now.len(), "2026-01-02T03:04:05+00:00".len());
    }
}
