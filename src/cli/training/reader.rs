//! The training of a reader, from scenes to a finished run folder.

use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tch::Device;

use crate::cli::interrupt::{self, InterruptedReader};
use crate::cli::report::{self, TrainReporter};
use crate::model::checkpoint::VERSION;
use crate::plots;
use crate::reader::{Description, Reader};
use crate::run::{EpochRecord, ReaderResults, RunDir};
use crate::scenes::Scenes;
use crate::trainer::reader::{
    ReaderEvent, ReaderSettings, SCENES_AN_EPOCH, SavedReaderState, calibrate_reader, fit_judge,
    train_reader,
};

/// What is to be trained, and the folder for it.
pub(in crate::cli) struct ReaderJob {
    pub(in crate::cli) run: RunDir,
    pub(in crate::cli) settings: ReaderSettings,
    pub(in crate::cli) scenes: [Scenes; 2],
    pub(in crate::cli) device: Device,
}

impl ReaderJob {
    /// Trains, or goes on where the folder holds a state, and leaves a finished reader in the folder.
    ///
    /// # Errors
    /// [`InterruptedReader`] when a signal asked for the end, with all saved; else as the parts say.
    pub(in crate::cli) fn run(&self) -> Result<()> {
        let Self { run, settings, .. } = self;
        let saved = self.saved()?;
        if saved.is_none() {
            settings.write(run)?;
        }
        report::reader_training_starts(run, settings, self.device);
        let mut reader = self.fresh()?;
        let history = self.train(&mut reader, saved.as_ref())?;
        let last = history.last().context("no epoch was completed")?;
        let [_, validation] = &self.scenes;
        report::note(
            "calibrating the reader and fitting its judge on validation scenes: some minutes",
        );
        let temperature = calibrate_reader(&mut reader, validation)?;
        match fit_judge(&mut reader, validation)? {
            Some(share) => report::note(&format!(
                "the judge tells {:.1} % of the boxes in them rightly",
                100.0 * share
            )),
            None => report::note("the reader finds no box in them: it has no judge yet"),
        }
        let description = Description {
            temperature,
            ..describe(&history)
        };
        reader.save(&description, &run.reader())?;
        let curves = [plots::Run {
            name: run.name(),
            history: &history,
        }];
        report::picture(&plots::curves(&curves)?, &run.curves())?;
        let results = ReaderResults {
            epochs: history.len(),
            scenes: SCENES_AN_EPOCH * history.len() as u64,
            validation_accuracy: last.validation_accuracy,
            training_seconds: history.iter().map(|record| record.seconds).sum(),
        };
        results.write(run)?;
        run.remove_state()?;
        report::reader_training_ends(run, last)
    }

    fn saved(&self) -> Result<Option<SavedReaderState>> {
        let path: PathBuf = self.run.state();
        if !path.exists() {
            return Ok(None);
        }
        let saved = SavedReaderState::load(&path);
        let remedy = || format!("remove {} to begin anew", path.display());
        saved.map(Some).with_context(remedy)
    }

    /// The reader that the training begins with.
    fn fresh(&self) -> Result<Reader> {
        match &self.settings.from {
            Some(path) => Ok(Reader::load(path, self.device)?.0),
            None => Reader::new(self.settings.reader.seed, self.device),
        }
    }

    fn train(
        &self,
        reader: &mut Reader,
        saved: Option<&SavedReaderState>,
    ) -> Result<Vec<EpochRecord>> {
        let Self { run, settings, .. } = self;
        let epochs = settings.reader.epochs;
        let mut reporter = TrainReporter::new(epochs, SCENES_AN_EPOCH as usize);
        let mut on_event = |event: ReaderEvent<'_>| {
            let (epoch, state) = match event {
                ReaderEvent::Step {
                    epoch,
                    scenes,
                    loss,
                    state,
                } => {
                    reporter.moves(epoch, scenes, || loss);
                    (epoch, state)
                }
                ReaderEvent::Epoch {
                    record,
                    reader,
                    state,
                } => {
                    // The state last: should the others be newer than it, the epoch is made again.
                    reader.save(&describe(state.history()), &run.reader())?;
                    run.write_history(state.history())?;
                    state.save(&run.state())?;
                    reporter.epoch(record, true);
                    (record.epoch + 1, state)
                }
            };
            if let Some(signal) = interrupt::received_signal() {
                state.save(&run.state())?;
                return Err(InterruptedReader { signal, epoch }.into());
            }
            Ok(ControlFlow::Continue(()))
        };
        let [training, validation] = &self.scenes;
        train_reader(
            reader,
            (training, validation),
            &settings.reader,
            saved,
            &mut on_event,
        )
    }
}

fn describe(history: &[EpochRecord]) -> Description {
    Description {
        scenes: SCENES_AN_EPOCH * history.len() as u64,
        validation_accuracy: history.last().map(|record| record.validation_accuracy),
        temperature: 1.0,
        version: VERSION.to_owned(),
    }
}
