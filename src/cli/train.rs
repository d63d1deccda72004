//! `mnist-tch train`: from data to a finished run.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{ArgAction, Args, ValueEnum};
use serde::Serialize;
use tch::Device;

use super::data::DataArgs;
use super::model::{ArchitectureArgs, ModelName};
use super::one_of;
use super::report::{self, TrainReporter};
use crate::dataset::augment::Augmentation;
use crate::dataset::mixture::Mixture;
use crate::dataset::{Dataset, Origin, Split};
use crate::device::{self, DeviceChoice, LIBTORCH_VERSION};
use crate::export::{Format, export};
use crate::model::checkpoint::{self, Description};
use crate::model::{Architecture, Net};
use crate::plots;
use crate::run::{EpochRecord, RunDir, write_atomic};
use crate::trainer::{self, Evaluation, Event, Optimizer, TrainConfig, calibrate, evaluate};

#[derive(Debug, Args)]
pub(super) struct TrainArgs {
    #[command(flatten)]
    architecture: ArchitectureArgs,

    #[command(flatten)]
    data: DataArgs,

    /// Device to compute on: auto, cpu, cuda, cuda:N or mps.
    #[arg(long, default_value_t = DeviceChoice::Auto)]
    device: DeviceChoice,

    /// What the network is for.
    #[arg(long, value_enum, default_value_t = Preset::Default)]
    preset: Preset,

    /// Passes over the training split [default: 10, for --preset pictures 24]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    epochs: Option<u32>,

    /// Images a step.
    #[arg(long, value_name = "N", default_value_t = TrainConfig::BATCH_SIZE as u32,
          value_parser = clap::value_parser!(u32).range(1..))]
    batch_size: u32,

    /// Peak learning rate of the one-cycle schedule [default: 0.004, for sgd 0.1]
    #[arg(long, value_name = "RATE", value_parser = positive)]
    lr: Option<f64>,

    /// How to go down the slope.
    #[arg(long, value_parser = one_of::<Optimizer>(), default_value_t = Optimizer::AdamW)]
    optimizer: Optimizer,

    /// Turn, shift, slant and scale the training images a little [default for cnn]
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "no_augment")]
    augment: bool,

    /// Leave the training images as they are [default for keras and mlp]
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "augment")]
    no_augment: bool,

    /// Stop after N epochs without a better one on the validation split.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    patience: Option<u32>,

    /// Seed of weights, order, distortion and dropout.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    seed: u64,

    /// Threads to compute with on the CPU [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Folder for the run [default: runs/<time>-<model>]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// The images of the data set, for accuracy in little time.
    Default,
    /// People's own pictures: also learns from digits and non-digits that the program draws, bent
    /// and inked in many ways. It made the built-in model.
    Pictures,
}

impl Preset {
    fn model(self) -> ModelName {
        match self {
            Self::Default => ModelName::Cnn,
            Self::Pictures => ModelName::Wide,
        }
    }

    fn mixture(self) -> Option<Mixture> {
        match self {
            Self::Default => None,
            Self::Pictures => Some(Mixture::PICTURES),
        }
    }
}

impl TrainArgs {
    fn config(&self, architecture: &Architecture) -> TrainConfig {
        let default = match self.preset {
            Preset::Default => TrainConfig::default_for(architecture),
            Preset::Pictures => TrainConfig::for_pictures(),
        };
        TrainConfig {
            epochs: self.epochs.map_or(default.epochs, |epochs| epochs as usize),
            batch_size: self.batch_size as usize,
            learning_rate: self.lr.unwrap_or(self.optimizer.default_learning_rate()),
            optimizer: self.optimizer,
            weight_decay: default.weight_decay,
            augmentation: match (self.augment, self.no_augment) {
                (true, _) => Some(Augmentation::LIGHT),
                (_, true) => None,
                _ => default.augmentation,
            },
            seed: self.seed,
            patience: self.patience.map(|epochs| epochs as usize),
        }
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected a positive number".to_owned()),
    }
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

pub(super) fn run(args: &TrainArgs) -> Result<()> {
    let architecture = args.architecture.architecture_or(args.preset.model())?;
    let config = args.config(&architecture);
    let device = args.device.resolve()?;
    if let Some(threads) = args.threads {
        tch::set_num_threads(threads.into());
    }
    let mixture = args.preset.mixture();
    let mut dataset = args.data.load()?;
    if let Some(mixture) = &mixture {
        dataset = dataset.mixed(mixture);
    }
    let run = match &args.out {
        Some(path) => RunDir::create(path)?,
        None => RunDir::create_new(&architecture.to_string())?,
    };
    write_config(&run, &architecture, &config, mixture, &dataset, device)?;
    report::training_starts(&architecture, &config, &dataset, device)?;

    tch::manual_seed(config.seed as i64);
    let mut net = Net::new(&architecture, device)?;
    let (best, history) = train(&run, &mut net, &dataset, &config)?;
    let temperature = calibrate(&mut net, &dataset.validation.to_device(device))?;
    let test = dataset.test.to_device(device);
    let found =
        evaluate(&test, &|images| Ok(net.logits(images))).context("measuring on the test split")?;

    let description = Description {
        temperature,
        test_accuracy: Some(found.accuracy),
        ..describe(&net, &dataset.origin, &best)
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
    write_results(&run, &dataset.origin, &best, &history, temperature, &found)?;
    report::training_ends(&run, &dataset.origin, &best, history.len(), &found)
}

/// Trains, and keeps each epoch's figures and the best weights so far in the run folder.
fn train(
    run: &RunDir,
    net: &mut Net,
    dataset: &Dataset,
    config: &TrainConfig,
) -> Result<(EpochRecord, Vec<EpochRecord>)> {
    let device = net.weights().device();
    let training = dataset.train.to_device(device);
    let validation = dataset.validation.to_device(device);
    let mut history = Vec::new();
    let mut reporter = TrainReporter::new(config.epochs, training.len());
    let best = trainer::train(net, &training, &validation, config, &mut |event| {
        match &event {
            Event::Step {
                epoch,
                images,
                loss,
            } => reporter.step(*epoch, *images, loss),
            Event::Epoch { record, best, net } => {
                run.append(record)?;
                if *best {
                    let description = describe(net, &dataset.origin, record);
                    checkpoint::save(net, &description, &run.weights())?;
                }
                history.push((*record).clone());
                reporter.epoch(record, *best)?;
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok((best, history))
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

fn write_config(
    run: &RunDir,
    architecture: &Architecture,
    training: &TrainConfig,
    mixture: Option<Mixture>,
    dataset: &Dataset,
    device: Device,
) -> Result<()> {
    let config = RunConfig {
        architecture,
        training,
        mixture,
        data: &dataset.origin,
        images: Split::ALL
            .map(|split| (split, dataset.examples(split).len()))
            .into(),
        device: device::name(device),
        threads: tch::get_num_threads(),
        started: jiff::Zoned::now()
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string(),
        mnist_tch: super::version(),
        libtorch: LIBTORCH_VERSION,
    };
    write_atomic(&run.config(), &serde_json::to_vec_pretty(&config)?)
}

fn write_results(
    run: &RunDir,
    origin: &Origin,
    best: &EpochRecord,
    history: &[EpochRecord],
    temperature: f64,
    found: &Evaluation,
) -> Result<()> {
    let results = RunResults {
        data: origin.name,
        best_epoch: best.epoch,
        epochs: history.len(),
        validation_accuracy: best.validation_accuracy,
        test_images: found.count,
        test_loss: found.loss,
        test_accuracy: found.accuracy,
        calibration_error: found.calibration_error(),
        temperature,
        training_seconds: history.iter().map(|record| record.seconds).sum(),
    };
    write_atomic(&run.results(), &serde_json::to_vec_pretty(&results)?)
}
