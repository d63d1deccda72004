//! One training from network to finished run folder, whichever command asks for it, and wherever an
//! earlier one in that folder was broken off.

mod reader;

pub(super) use reader::ReaderJob;

use std::ops::ControlFlow;

use anyhow::{Context, Result};
use tch::Device;

use super::interrupt::{self, Interrupted};
use super::report;
use crate::dataset::{Dataset, Origin, Split};
use crate::export::{Format, Output, export};
use crate::model::Net;
use crate::model::checkpoint::{self, Description, VERSION};
use crate::plots;
use crate::run::{Confusion, EpochRecord, RunDir, RunResults};
use crate::tensorboard::EventFile;
use crate::trainer::{self, Evaluation, Event, SavedState, Settings, calibrate, evaluate};

/// What is to be trained, and the folder for it.
pub(super) struct Job {
    pub(super) run: RunDir,
    pub(super) settings: Settings,
    pub(super) dataset: Dataset,
    pub(super) device: Device,
}

/// All that a training needs beside its folder.
pub(super) struct Training<'a> {
    pub(super) settings: Settings,
    pub(super) dataset: &'a Dataset,
    pub(super) device: Device,
    /// Whether TensorBoard is to watch it.
    pub(super) tensorboard: bool,
}

/// How far an ensemble is.
pub(super) enum Stage<'a> {
    /// The training of the member of this number, from 0, begins or goes on.
    Begins(usize),
    /// It goes on.
    Goes(&'a Event<'a>),
    /// It has ended, now or before.
    Ends(&'a RunResults),
}

/// What a training that was broken off in this folder goes on from, if one was.
///
/// # Errors
/// When it is damaged; the message says what to do.
pub(super) fn saved(run: &RunDir) -> Result<Option<SavedState>> {
    let path = run.state();
    if !path.exists() {
        return Ok(None);
    }
    let saved = SavedState::load(&path);
    let saved = saved.with_context(|| format!("remove {} to begin anew", path.display()))?;
    Ok(Some(saved))
}

/// What hears of a training.
type Watch<'a> = dyn FnMut(&Event) -> Result<()> + 'a;

impl Training<'_> {
    /// Trains, calibrates, measures, exports, and leaves all of it in the run folder; a training
    /// that was broken off there goes on from what it has [`saved`].
    ///
    /// # Errors
    /// [`Interrupted`] when a signal asked for the end, with all saved; else as the parts say.
    pub(super) fn run(
        &self,
        run: &RunDir,
        saved: Option<&SavedState>,
        watch: &mut Watch<'_>,
    ) -> Result<RunResults> {
        Ok(self.train_and_finish(run, saved, watch)?.1)
    }

    /// Trains several networks with seeds that follow one another, each as a run of its own in the
    /// folder, which itself gets all of them as one network.
    ///
    /// # Errors
    /// As [`Training::run`].
    pub(super) fn run_ensemble(
        &self,
        run: &RunDir,
        watch: &mut dyn FnMut(Stage<'_>) -> Result<()>,
    ) -> Result<RunResults> {
        self.settings.write(run)?;
        let (mut nets, mut names, mut histories) = (vec![], vec![], vec![]);
        for member in 0..self.settings.members {
            let folder = run.member(member)?;
            let training = Training {
                settings: self.settings.of_member(member),
                ..*self
            };
            watch(Stage::Begins(member))?;
            let (mut net, results) = if folder.is_finished() {
                let (net, _) = checkpoint::load(&folder.weights(), self.device)?;
                (net, RunResults::read(&folder)?)
            } else {
                let saved = saved(&folder)?;
                training.train_and_finish(&folder, saved.as_ref(), &mut |event| {
                    watch(Stage::Goes(event))
                })?
            };
            watch(Stage::Ends(&results))?;
            // All of them together are calibrated anew, by one temperature that says all.
            net.divide_logits(1.0 / results.temperature)?;
            nets.push(net);
            names.push(folder.name().to_owned());
            histories.push(folder.history()?);
        }
        let mut net = Net::ensemble(&nets)?;
        let validation = self.dataset.validation.to_device(self.device);
        let frozen = net.frozen();
        let found = evaluate(&validation, &|images| frozen.logits(images))
            .context("measuring on the validation split")?;
        let last = histories.last().and_then(|history| history.last());
        let best = EpochRecord {
            validation_loss: found.loss,
            validation_accuracy: found.accuracy,
            ..last.context("an ensemble needs a member")?.clone()
        };
        let curves = names.iter().zip(&histories);
        let curves: Vec<_> = curves
            .map(|(name, history)| plots::Run { name, history })
            .collect();
        self.finish(run, &mut net, &best, &curves)
    }

    fn train_and_finish(
        &self,
        run: &RunDir,
        saved: Option<&SavedState>,
        watch: &mut Watch<'_>,
    ) -> Result<(Net, RunResults)> {
        let events = self.events(run, saved)?;
        if saved.is_none() {
            self.settings.write(run)?;
        }
        let seed = self.settings.training.seed;
        let mut net = Net::new(&self.settings.architecture, seed, self.device)?;
        let best = self.train(run, &mut net, saved, events, watch)?;
        let history = run.history()?;
        let curves = [plots::Run {
            name: run.name(),
            history: &history,
        }];
        let results = self.finish(run, &mut net, &best, &curves)?;
        Ok((net, results))
    }

    /// The run's event file, where TensorBoard is to watch.
    fn events(&self, run: &RunDir, saved: Option<&SavedState>) -> Result<Option<EventFile>> {
        let path = run.events();
        Ok(match saved {
            Some(saved) if path.exists() => Some(EventFile::reopen(&path, saved.history().len())?),
            None if self.tensorboard => Some(EventFile::create(&path)?),
            _ => None,
        })
    }

    /// Trains, and keeps each epoch's figures, the best weights so far, and what is needed to go on in
    /// the run folder.
    fn train(
        &self,
        run: &RunDir,
        net: &mut Net,
        saved: Option<&SavedState>,
        mut events: Option<EventFile>,
        watch: &mut Watch<'_>,
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
                // The state last: should the others be newer than it, the epoch is made again.
                if *best {
                    let description = describe(net, &self.dataset.origin, record);
                    checkpoint::save(net, &description, &run.weights())?;
                }
                run.write_history(state.history())?;
                self.confusion(run, Split::Validation, record.epoch, found)?;
                if let Some(events) = &mut events {
                    events.epoch(record)?;
                }
                state.save(&run.state())?;
            }
            watch(&event)?;
            stop_where_asked(&event, run)?;
            Ok(ControlFlow::Continue(()))
        };
        match saved {
            None => trainer::train(net, training, &validation, config, &mut on_event),
            Some(saved) => {
                // Of an epoch that is made again there may be a row already.
                run.write_history(saved.history())?;
                trainer::resume(net, training, &validation, config, saved, &mut on_event)
            }
        }
    }

    /// Keeps what the digits of a split were taken for, with the weights of an epoch.
    fn confusion(
        &self,
        run: &RunDir,
        split: Split,
        epoch: usize,
        found: &Evaluation,
    ) -> Result<()> {
        let confusion = Confusion {
            split: split.name().to_owned(),
            epoch,
            counts: found.confusion,
        };
        confusion.write(run)
    }

    /// Calibrates, measures and exports a trained network.
    fn finish(
        &self,
        run: &RunDir,
        net: &mut Net,
        best: &EpochRecord,
        curves: &[plots::Run<'_>],
    ) -> Result<RunResults> {
        let temperature = calibrate(net, &self.dataset.validation.to_device(self.device))?;
        let test = self.dataset.test.to_device(self.device);
        let frozen = net.frozen();
        let test = evaluate(&test, &|images| frozen.logits(images))
            .context("measuring on the test split")?;
        let description = Description {
            temperature,
            test_accuracy: Some(test.accuracy),
            ..describe(net, &self.dataset.origin, best)
        };
        checkpoint::save(net, &description, &run.weights())?;
        export(
            net,
            &description,
            Format::TorchScript,
            Output::Logits,
            &run.torchscript(),
        )?;
        net.to_device(self.device);
        report::picture(&plots::curves(curves)?, &run.curves())?;
        let histories = curves.iter().flat_map(|curve| curve.history);
        self.confusion(run, Split::Test, best.epoch, &test)?;
        let results = RunResults {
            data: self.dataset.origin.name.clone(),
            best_epoch: best.epoch,
            epochs: curves.iter().map(|curve| curve.history.len()).sum(),
            validation_accuracy: best.validation_accuracy,
            test_images: test.count,
            test_loss: test.loss,
            test_accuracy: test.accuracy,
            calibration_error: test.calibration_error(),
            temperature,
            training_seconds: histories.map(|record| record.seconds).sum(),
        };
        results.write(run)?;
        run.remove_state()?;
        Ok(results)
    }
}

/// Ends the training where a signal asks for it, with all of it saved.
fn stop_where_asked(event: &Event<'_>, run: &RunDir) -> Result<()> {
    let Some(signal) = interrupt::received_signal() else {
        return Ok(());
    };
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
        Event::Epoch { record, state, .. } => (record.epoch + 1, 0, state),
    };
    Err(Interrupted {
        signal,
        weights: run.weights(),
        epoch,
        images,
        kept: state.kept().cloned(),
    }
    .into())
}

fn describe(net: &Net, origin: &Origin, record: &EpochRecord) -> Description {
    Description {
        architecture: net.architecture().clone(),
        members: net.members(),
        data: origin.name.clone(),
        epoch: Some(record.epoch),
        validation_accuracy: Some(record.validation_accuracy),
        test_accuracy: None,
        temperature: 1.0,
        version: VERSION.to_owned(),
    }
}
