//! `mnist-tch train --preset reader`: from scenes to a finished run.

use std::process::ExitCode;

use anyhow::Result;

use super::TrainArgs;
use crate::cli::interrupt::{self, InterruptedReader};
use crate::cli::training::ReaderJob;
use crate::cli::{material, misuse, report, resume};
use crate::run::RunDir;
use crate::trainer::reader::{ReaderConfig, ReaderSettings};

impl TrainArgs {
    /// What was asked for that a reader's training does not have, if anything.
    fn not_for_reader(&self) -> Option<&'static str> {
        let asked = [
            ("--model and --hidden", self.architecture.is_given()),
            ("--ensemble", self.ensemble > 1),
            ("--batch-size", self.batch_size.is_some()),
            ("--label-smoothing", self.label_smoothing.is_some()),
            ("--optimizer", self.optimizer.is_some()),
            (
                "--augment and --no-augment",
                self.augment || self.no_augment,
            ),
            ("--patience", self.patience.is_some()),
            ("--tensorboard", self.tensorboard),
        ];
        let first = asked.into_iter().find(|(_, is_asked)| *is_asked);
        first.map(|(name, _)| name)
    }

    /// A new training of a reader.
    pub(super) fn begin_reader(&self) -> Result<ReaderJob> {
        if let Some(name) = self.not_for_reader() {
            return Err(misuse(&format!(
                "{name}: does not apply to --preset reader"
            )));
        }
        let (device, precision) = self.compute.prepare()?;
        let default = ReaderConfig::default();
        let config = ReaderConfig {
            epochs: self.epochs.map_or(default.epochs, |epochs| epochs as usize),
            learning_rate: self.lr.unwrap_or(default.learning_rate),
            weight_decay: self.weight_decay.unwrap_or(default.weight_decay),
            precision,
            seed: self.seed,
            ..default
        };
        let dataset = self.data.load()?;
        let folder = self.material.folder();
        let scenes = material::scenes(folder.as_ref(), &dataset)?;
        let run = match &self.out {
            Some(path) => RunDir::create(path)?,
            None => RunDir::create_new("reader")?,
        };
        let settings = ReaderSettings {
            material: folder,
            from: self.from.clone(),
            ..ReaderSettings::new(&config, &dataset.origin, device)
        };
        Ok(ReaderJob {
            run,
            settings,
            scenes,
            device,
        })
    }

    /// A training of a reader that was broken off.
    pub(super) fn resume_reader(&self, run: RunDir, settings: ReaderSettings) -> Result<ReaderJob> {
        let device = self.compute.prepare_again(
            &settings.device,
            settings.reader.precision,
            settings.threads,
        )?;
        let dataset = resume::load_origin(&settings.data, &self.data, None)?;
        let folder = self.material.folder().or_else(|| settings.material.clone());
        let scenes = material::scenes(folder.as_ref(), &dataset)?;
        Ok(ReaderJob {
            run,
            settings,
            scenes,
            device,
        })
    }
}

/// Trains, and says how it ended.
pub(super) fn run(job: &ReaderJob) -> Result<ExitCode> {
    interrupt::listen()?;
    job.run().map_or_else(
        |failure| match failure.downcast_ref::<InterruptedReader>() {
            Some(interrupted) => {
                let epochs = job.settings.reader.epochs;
                report::reader_interrupted(&job.run, interrupted.epoch, epochs);
                Ok(ExitCode::from(interrupted.exit_code()))
            }
            None => Err(failure),
        },
        |()| Ok(ExitCode::SUCCESS),
    )
}
