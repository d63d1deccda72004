//! One training from network to finished run folder, whichever command asks for it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use tch::Device;

use super::report;
use crate::dataset::mixture::Mixture;
use crate::dataset::{Dataset, Origin, Split};
use crate::device::{self, LIBTORCH_VERSION};
use crate::export::{Answer, Format, export};
use crate::model::checkpoint::{self, Description, VERSION};
use crate::model::{Architecture, Net};
use crate::plots;
use crate::run::{EpochRecord, RunDir};
use crate::storage::write_atomic;
use crate::tensorboard::EventFile;
use crate::trainer::{self, Evaluation, Event, TrainConfig, calibrate, evaluate};

/// All that decides a training, beside the thread count.
pub(super) struct Training<'a> {
    pub(super) architecture: &'a Architecture,
    pub(super) config: &'a TrainConfig,
    /// What was mixed into the data set.
    pub(super) mixture: Option<Mixture>,
    pub(super) dataset: &'a Dataset,
    pub(super) device: Device,
    /// Whether TensorBoard is to watch it.
    pub(super) tensorboard: bool,
}

/// What came of a training.
pub(super) struct Outcome {
    /// The epoch whose weights were kept.
    pub(super) best: EpochRecord,
    pub(super) history: Vec<EpochRecord>,
    /// How the kept weights read the test split.
    pub(super) test: Evaluation,
}

/// How far an ensemble is.
pub(super) enum Stage<'a> {
    /// The training of the member of this number, from 0, begins.
    Begins(usize),
    /// It goes on.
    Goes(&'a Event<'a>),
    /// It has ended.
    Ends(&'a Outcome),
}

/// `config.json`: all that decides the run.
#[derive(Serialize)]
struct RunConfig<'a> {
    architecture: &'a Architecture,
    /// Networks that answer together; their seeds follow that of `training`.
    members: usize,
    training: &'a TrainConfig,
    mixture: Option<Mixture>,
    data: &'a Origin,
    images: BTreeMap<Split, usize>,
    device: String,
    threads: i32,
    started: String,
    mnist_tch: &'static str,
    libtorch: &'static str,
}

/// `results.json`: what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RunResults {
    data: String,
    best_epoch: usize,
    epochs: usize,
    pub(super) validation_accuracy: f64,
    test_images: usize,
    test_loss: f64,
    pub(super) test_accuracy: f64,
    /// Over fifteen bins, on the test split.
    calibration_error: f64,
    temperature: f64,
    pub(super) training_seconds: f64,
}

impl RunResults {
    /// What came of a finished run.
    pub(super) fn read(run: &RunDir) -> Result<Self> {
        let path = run.results();
        let read = || anyhow::Ok(serde_json::from_slice(&fs::read(&path)?)?);
        read().with_context(|| format!("reading the results {}", path.display()))
    }
}

impl Training<'_> {
    /// Trains, calibrates, measures, exports, and leaves all of it in the run folder.
    pub(super) fn run(
        &self,
        run: &RunDir,
        watch: &mut dyn FnMut(&Event) -> Result<()>,
    ) -> Result<Outcome> {
        Ok(self.train_and_finish(run, watch)?.1)
    }

    /// Trains several networks with seeds that follow one another, each as a run of its own in the
    /// folder, which itself gets all of them as one network.
    pub(super) fn run_ensemble(
        &self,
        members: usize,
        run: &RunDir,
        watch: &mut dyn FnMut(Stage<'_>) -> Result<()>,
    ) -> Result<Outcome> {
        write_atomic(&run.config(), &self.settings(members)?)?;
        let (mut nets, mut outcomes, mut folders) = (vec![], vec![], vec![]);
        for member in 0..members {
            let folder = run.member(member)?;
            let config = TrainConfig {
                seed: self.config.seed + member as u64,
                ..self.config.clone()
            };
            let training = Training {
                config: &config,
                ..*self
            };
            watch(Stage::Begins(member))?;
            let (net, outcome) =
                training.train_and_finish(&folder, &mut |event| watch(Stage::Goes(event)))?;
            watch(Stage::Ends(&outcome))?;
            nets.push(net);
            outcomes.push(outcome);
            folders.push(folder);
        }
        let mut net = Net::ensemble(&nets)?;
        let curves: Vec<_> = folders
            .iter()
            .zip(&outcomes)
            .map(|(folder, outcome)| plots::Run {
                name: folder.name(),
                history: &outcome.history,
            })
            .collect();
        let validation = self.dataset.validation.to_device(self.device);
        let frozen = net.frozen();
        let found = evaluate(&validation, &|images| frozen.logits(images))
            .context("measuring on the validation split")?;
        let histories = outcomes.iter().flat_map(|outcome| &outcome.history);
        let history: Vec<EpochRecord> = histories.cloned().collect();
        let last = outcomes.last().context("an ensemble needs a member")?;
        let best = EpochRecord {
            validation_loss: found.loss,
            validation_accuracy: found.accuracy,
            ..last.best.clone()
        };
        self.finish(run, &mut net, best, history, &curves)
    }

    fn train_and_finish(
        &self,
        run: &RunDir,
        watch: &mut dyn FnMut(&Event) -> Result<()>,
    ) -> Result<(Net, Outcome)> {
        write_atomic(&run.config(), &self.settings(1)?)?;
        tch::manual_seed(self.config.seed as i64);
        let mut net = Net::new(self.architecture, self.device)?;
        let (best, history) = self.train(run, &mut net, watch)?;
        let curves = [plots::Run {
            name: run.name(),
            history: &history.clone(),
        }];
        let outcome = self.finish(run, &mut net, best, history, &curves)?;
        Ok((net, outcome))
    }

    /// Calibrates, measures and exports a trained network.
    fn finish(
        &self,
        run: &RunDir,
        net: &mut Net,
        best: EpochRecord,
        history: Vec<EpochRecord>,
        curves: &[plots::Run<'_>],
    ) -> Result<Outcome> {
        let temperature = calibrate(net, &self.dataset.validation.to_device(self.device))?;
        let test = self.dataset.test.to_device(self.device);
        let frozen = net.frozen();
        let test = evaluate(&test, &|images| frozen.logits(images))
            .context("measuring on the test split")?;
        let description = Description {
            temperature,
            test_accuracy: Some(test.accuracy),
            ..describe(net, &self.dataset.origin, &best)
        };
        checkpoint::save(net, &description, &run.weights())?;
        let torchscript = run.torchscript();
        export(
            net,
            &description,
            Format::TorchScript,
            Answer::Logits,
            &torchscript,
        )?;
        net.to_device(self.device);
        report::picture(&plots::curves(curves)?, &run.curves())?;
        let outcome = Outcome {
            best,
            history,
            test,
        };
        self.write_results(run, temperature, &outcome)?;
        Ok(outcome)
    }

    /// Trains, and keeps each epoch's figures and the best weights so far in the run folder.
    fn train(
        &self,
        run: &RunDir,
        net: &mut Net,
        watch: &mut dyn FnMut(&Event) -> Result<()>,
    ) -> Result<(EpochRecord, Vec<EpochRecord>)> {
        let validation = self.dataset.validation.to_device(self.device);
        let mut history = Vec::new();
        let mut events = match self.tensorboard {
            true => Some(EventFile::create(&run.events())?),
            false => None,
        };
        let best = trainer::train(
            net,
            &self.dataset.train,
            &validation,
            self.config,
            &mut |event| {
                if let Event::Epoch { record, best, net } = &event {
                    run.append(record)?;
                    if let Some(events) = &mut events {
                        events.epoch(record)?;
                    }
                    if *best {
                        let description = describe(net, &self.dataset.origin, record);
                        checkpoint::save(net, &description, &run.weights())?;
                    }
                    history.push((*record).clone());
                }
                watch(&event)?;
                Ok(ControlFlow::Continue(()))
            },
        )?;
        Ok((best, history))
    }

    /// The text of `config.json` for a training of so many networks that starts now.
    pub(super) fn settings(&self, members: usize) -> Result<Vec<u8>> {
        let config = RunConfig {
            architecture: self.architecture,
            members,
            training: self.config,
            mixture: self.mixture,
            data: &self.dataset.origin,
            images: Split::ALL
                .map(|split| (split, self.dataset.examples(split).len()))
                .into(),
            device: device::name(self.device),
            threads: tch::get_num_threads(),
            started: jiff::Zoned::now()
                .strftime("%Y-%m-%dT%H:%M:%S%:z")
                .to_string(),
            mnist_tch: VERSION,
            libtorch: LIBTORCH_VERSION,
        };
        Ok(serde_json::to_vec_pretty(&config)?)
    }

    fn write_results(&self, run: &RunDir, temperature: f64, outcome: &Outcome) -> Result<()> {
        let Outcome {
            best,
            history,
            test,
        } = outcome;
        let results = RunResults {
            data: self.dataset.origin.name.to_owned(),
            best_epoch: best.epoch,
            epochs: history.len(),
            validation_accuracy: best.validation_accuracy,
            test_images: test.count,
            test_loss: test.loss,
            test_accuracy: test.accuracy,
            calibration_error: test.calibration_error(),
            temperature,
            training_seconds: history.iter().map(|record| record.seconds).sum(),
        };
        write_atomic(&run.results(), &serde_json::to_vec_pretty(&results)?)
    }
}

fn describe(net: &Net, origin: &Origin, record: &EpochRecord) -> Description {
    Description {
        architecture: net.architecture().clone(),
        members: net.members(),
        data: origin.name.to_owned(),
        epoch: Some(record.epoch),
        validation_accuracy: Some(record.validation_accuracy),
        test_accuracy: None,
        temperature: 1.0,
        version: VERSION.to_owned(),
    }
}
