//! One training from network to finished run folder, whichever command asks for it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use anyhow::{Context, Result};
use serde::Serialize;
use tch::Device;

use super::report;
use crate::dataset::mixture::Mixture;
use crate::dataset::{Dataset, Origin, Split};
use crate::device::{self, LIBTORCH_VERSION};
use crate::export::{Format, export};
use crate::model::checkpoint::{self, Description};
use crate::model::{Architecture, Net};
use crate::plots;
use crate::run::{EpochRecord, RunDir, write_atomic};
use crate::trainer::{self, Evaluation, Event, TrainConfig, calibrate, evaluate};

/// All that decides a training, beside the thread count.
pub(super) struct Training<'a> {
    pub(super) architecture: &'a Architecture,
    pub(super) config: &'a TrainConfig,
    /// What was mixed into the data set.
    pub(super) mixture: Option<Mixture>,
    pub(super) dataset: &'a Dataset,
    pub(super) device: Device,
}

/// What came of a training.
pub(super) struct Outcome {
    /// The epoch whose weights were kept.
    pub(super) best: EpochRecord,
    pub(super) history: Vec<EpochRecord>,
    /// How the kept weights read the test split.
    pub(super) test: Evaluation,
}

/// `config.json`: all that decides the run.
#[derive(Serialize)]
struct RunConfig<'a> {
    architecture: &'a Architecture,
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
#[derive(Serialize)]
struct RunResults<'a> {
    data: &'a str,
    best_epoch: usize,
    epochs: usize,
    validation_accuracy: f64,
    test_images: usize,
    test_loss: f64,
    test_accuracy: f64,
    /// Over fifteen bins, on the test split.
    calibration_error: f64,
    temperature: f64,
    training_seconds: f64,
}

impl Training<'_> {
    /// Trains, calibrates, measures, exports, and leaves all of it in the run folder.
    pub(super) fn run(
        &self,
        run: &RunDir,
        watch: &mut dyn FnMut(&Event) -> Result<()>,
    ) -> Result<Outcome> {
        self.write_config(run)?;
        tch::manual_seed(self.config.seed as i64);
        let mut net = Net::new(self.architecture, self.device)?;
        let (best, history) = self.train(run, &mut net, watch)?;
        let validation = self.dataset.validation.to_device(self.device);
        let temperature = calibrate(&mut net, &validation)?;
        let test = self.dataset.test.to_device(self.device);
        let frozen = net.frozen();
        let test = evaluate(&test, &|images| Ok(frozen.logits(images)))
            .context("measuring on the test split")?;

        let description = Description {
            temperature,
            test_accuracy: Some(test.accuracy),
            ..describe(&net, &self.dataset.origin, &best)
        };
        checkpoint::save(&net, &description, &run.weights())?;
        export(
            &mut net,
            &description,
            Format::TorchScript,
            &run.torchscript(),
        )?;
        let curves = plots::curves(&[plots::Run {
            name: run.name(),
            history: &history,
        }])?;
        report::picture(&curves, &run.curves())?;
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
        let best = trainer::train(
            net,
            &self.dataset.train,
            &validation,
            self.config,
            &mut |event| {
                if let Event::Epoch { record, best, net } = &event {
                    run.append(record)?;
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

    fn write_config(&self, run: &RunDir) -> Result<()> {
        let config = RunConfig {
            architecture: self.architecture,
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
            mnist_tch: super::version(),
            libtorch: LIBTORCH_VERSION,
        };
        write_atomic(&run.config(), &serde_json::to_vec_pretty(&config)?)
    }

    fn write_results(&self, run: &RunDir, temperature: f64, outcome: &Outcome) -> Result<()> {
        let Outcome {
            best,
            history,
            test,
        } = outcome;
        let results = RunResults {
            data: self.dataset.origin.name,
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
        data: origin.name.to_owned(),
        epoch: record.epoch,
        validation_accuracy: record.validation_accuracy,
        test_accuracy: None,
        temperature: 1.0,
        version: super::version().to_owned(),
    }
}
