//! Training of one network to a finished run folder.

use std::ops::ControlFlow;

use anyhow::Result;

use super::{Experiment, Stop, Stopped, saved};
use crate::dataset::Split;
use crate::model::Net;
use crate::model::checkpoint;
use crate::plots;
use crate::run::{Confusion, RunDir, RunResults};
use crate::tensorboard::EventFile;
use crate::trainer::{self, EpochRecord, Event, SavedState};

/// Called with each event of one training.
pub(super) type OnTraining<'a> = dyn FnMut(&Event) + 'a;

impl Experiment<'_> {
    /// Trains one network, or resumes an interrupted training in the folder, and finishes the run.
    pub(super) fn run_network(
        &self,
        run: &RunDir,
        on_event: &mut OnTraining<'_>,
        stop: &Stop<'_>,
    ) -> Result<(Net, RunResults)> {
        let saved = saved(run)?;
        let events = self.events(run, saved.as_ref())?;
        if saved.is_none() {
            self.settings.write(run)?;
        }
        let seed = self.settings.training.seed;
        let mut net = Net::new(&self.settings.architecture, seed, self.device)?;
        let best = self.train(run, &mut net, saved.as_ref(), events, on_event, stop)?;
        let history = run.history()?;
        let curves = [plots::Run {
            name: run.name(),
            history: &history,
        }];
        let results = self.finish(run, &mut net, &best, &curves)?;
        Ok((net, results))
    }

    /// The run's event file, if TensorBoard is enabled.
    fn events(&self, run: &RunDir, saved: Option<&SavedState>) -> Result<Option<EventFile>> {
        let path = run.events();
        Ok(match saved {
            Some(saved) if path.exists() => Some(EventFile::reopen(&path, saved.history().len())?),
            None if self.tensorboard => Some(EventFile::create(&path)?),
            _ => None,
        })
    }

    /// Trains, and writes each epoch's metrics, the best weights so far, and the state to resume
    /// from into the run folder.
    fn train(
        &self,
        run: &RunDir,
        net: &mut Net,
        saved: Option<&SavedState>,
        mut events: Option<EventFile>,
        on_event: &mut OnTraining<'_>,
        stop: &Stop<'_>,
    ) -> Result<EpochRecord> {
        let (training, validation) = (&self.dataset.train, &self.dataset.validation);
        let validation = validation.to_device(self.device);
        let config = &self.settings.training;
        let mut on_event = |event: Event<'_>| {
            if let Event::Epoch {
                record,
                best,
                net,
                found,
                state,
            } = &event
            {
                // The state last: if the other files are newer than it, the epoch is repeated.
                if *best {
                    checkpoint::save(net, &self.describe(net, record), &run.weights())?;
                }
                run.write_history(state.history())?;
                let confusion = Confusion {
                    split: Split::Validation.name().to_owned(),
                    epoch: record.epoch,
                    counts: found.confusion,
                };
                confusion.write(run)?;
                if let Some(events) = &mut events {
                    events.epoch(record)?;
                }
                state.save(&run.state())?;
            }
            on_event(&event);
            if stop() {
                return Err(stopped(&event, run)?.into());
            }
            Ok(ControlFlow::Continue(()))
        };
        match saved {
            None => trainer::train(net, training, &validation, config, &mut on_event),
            Some(saved) => {
                // An epoch that is repeated may have a row already.
                run.write_history(saved.history())?;
                trainer::resume(net, training, &validation, config, saved, &mut on_event)
            }
        }
    }
}

/// Saves the state of a training that is to stop, and returns its progress.
fn stopped(event: &Event<'_>, run: &RunDir) -> Result<Stopped> {
    let (epoch, images, state) = match event {
        Event::Step {
            epoch,
            images,
            state,
            ..
        } => {
            state.save(&run.state())?;
            (*epoch, *images, state)
        }
        // Saved already.
        Event::Epoch { record, state, .. } => (record.epoch + 1, 0, state),
    };
    Ok(Stopped {
        weights: run.weights(),
        epoch,
        images,
        kept: state.kept().cloned(),
    })
}
