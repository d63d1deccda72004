//! `mnist-tch train`: from data to a finished run.

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgAction, Args, ValueEnum};

use super::data::DataArgs;
use super::model::{ArchitectureArgs, ModelName};
use super::one_of;
use super::report::{self, TrainReporter};
use super::training::Training;
use crate::dataset::augment::Augmentation;
use crate::dataset::mixture::Mixture;
use crate::device::DeviceChoice;
use crate::model::Architecture;
use crate::run::RunDir;
use crate::trainer::{Optimizer, TrainConfig};

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

pub(super) fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected a positive number".to_owned()),
    }
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
    report::training_starts(&architecture, &config, &dataset, device)?;
    let training = Training {
        architecture: &architecture,
        config: &config,
        mixture,
        dataset: &dataset,
        device,
    };
    let mut reporter = TrainReporter::new(config.epochs, dataset.train.len());
    let outcome = training.run(&run, &mut |event| reporter.on(event))?;
    report::training_ends(&run, &dataset.origin, &outcome)
}
