//! Training of a reader to a finished run folder.

use std::ops::ControlFlow;

use anyhow::{Context, Result};
use tch::Device;

use super::Stop;
use crate::plots;
use crate::reader::{Description, Reader};
use crate::run::{ReaderResults, ReaderSettings, RunDir};
use crate::scenes::Scenes;
use crate::trainer::EpochRecord;
use crate::trainer::reader::{
    ReaderEvent, SavedReaderState, calibrate_reader, fit_judge, train_reader,
};
use crate::version::VERSION;

/// A reader to train, and the scenes to train it on.
pub struct ReaderExperiment {
    /// Everything that determines it; written into the run folder.
    pub settings: ReaderSettings,
    /// Scenes to train on.
    pub training: Scenes,
    /// Scenes for validation, calibration and fitting the judge: with other seeds, handwritings and
    /// fonts.
    pub validation: Scenes,
    /// The device to compute on.
    pub device: Device,
}

/// What a reader's experiment reports while it runs.
pub enum Event<'a> {
    /// An event of the training.
    Training(&'a ReaderEvent<'a>),
    /// All epochs are complete; calibration starts, which takes some minutes.
    Calibrating,
    /// The judge was fitted, with this accuracy on boxes; none where the reader finds no boxes yet.
    Judged(Option<f64>),
}

/// A reader's training was stopped before its end. Everything is saved: running it again in the
/// same folder resumes it.
#[derive(Debug, thiserror::Error)]
#[error("stopped in epoch {epoch}")]
pub struct ReaderStopped {
    /// The current epoch, from 1.
    pub epoch: usize,
}

impl ReaderExperiment {
    /// Trains a reader, or resumes an interrupted training in the folder, and finishes the run.
    ///
    /// # Errors
    /// [`ReaderStopped`] where `stop` returned true; else when the saved state is damaged or
    /// belongs to other settings, memory or disk space runs out, or the loss becomes NaN or
    /// infinite.
    pub fn run(
        &self,
        run: &RunDir,
        on_event: &mut dyn FnMut(Event<'_>),
        stop: &Stop<'_>,
    ) -> Result<ReaderResults> {
        let saved = saved(run)?;
        if saved.is_none() {
            self.settings.write(run)?;
        }
        let mut reader = self.initial_reader()?;
        let history = self.train(run, &mut reader, saved.as_ref(), on_event, stop)?;
        let last = history.last().context("no epoch was completed")?;
        on_event(Event::Calibrating);
        reader.round()?;
        let temperature = calibrate_reader(&mut reader, &self.validation)?;
        on_event(Event::Judged(fit_judge(&mut reader, &self.validation)?));
        let description = Description {
            temperature,
            ..self.describe(&history)
        };
        reader.save(&description, &run.reader())?;
        let curves = [plots::Run {
            name: run.name(),
            history: &history,
        }];
        plots::save(&plots::curves(&curves)?, &run.curves())?;
        let results = ReaderResults {
            epochs: history.len(),
            scenes: self.scenes(&history),
            validation_accuracy: last.validation_accuracy,
            training_seconds: history.iter().map(|record| record.seconds).sum(),
        };
        results.write(run)?;
        run.remove_state()?;
        Ok(results)
    }

    /// The reader that training starts from.
    fn initial_reader(&self) -> Result<Reader> {
        match &self.settings.from {
            Some(path) => Ok(Reader::load(path, self.device)?.0),
            None => Reader::new(self.settings.reader.seed, self.device),
        }
    }

    /// The number of scenes in these epochs.
    fn scenes(&self, history: &[EpochRecord]) -> u64 {
        self.settings.reader.scenes_per_epoch() * history.len() as u64
    }

    fn describe(&self, history: &[EpochRecord]) -> Description {
        Description {
            scenes: self.scenes(history),
            validation_accuracy: history.last().map(|record| record.validation_accuracy),
            temperature: 1.0,
            version: VERSION.to_owned(),
        }
    }

    fn train(
        &self,
        run: &RunDir,
        reader: &mut Reader,
        saved: Option<&SavedReaderState>,
        on_event: &mut dyn FnMut(Event<'_>),
        stop: &Stop<'_>,
    ) -> Result<Vec<EpochRecord>> {
        let mut on_training = |event: ReaderEvent<'_>| {
            let (epoch, state) = match &event {
                ReaderEvent::Step { epoch, state, .. } => (*epoch, state),
                ReaderEvent::Epoch {
                    record,
                    reader,
                    state,
                } => {
                    // The state last: if the other files are newer than it, the epoch is repeated.
                    reader.save(&self.describe(state.history()), &run.reader())?;
                    run.write_history(state.history())?;
                    state.save(&run.state())?;
                    (record.epoch + 1, state)
                }
            };
            on_event(Event::Training(&event));
            if stop() {
                state.save(&run.state())?;
                return Err(ReaderStopped { epoch }.into());
            }
            Ok(ControlFlow::Continue(()))
        };
        train_reader(
            reader,
            (&self.training, &self.validation),
            &self.settings.reader,
            saved,
            &mut on_training,
        )
    }
}

fn saved(run: &RunDir) -> Result<Option<SavedReaderState>> {
    let path = run.state();
    if !path.exists() {
        return Ok(None);
    }
    let saved = SavedReaderState::load(&path);
    let remedy = || format!("remove {} to start over", path.display());
    saved.map(Some).with_context(remedy)
}
