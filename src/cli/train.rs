//! `mnist-tch train`: from data to a finished run.

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgAction, Args, ValueEnum};

use super::compute::ComputeArgs;
use super::data::DataArgs;
use super::model::{ArchitectureArgs, ModelName};
use super::report::{self, TrainReporter};
use super::training::{Stage, Training};
use super::{misuse, one_of};
use crate::dataset::augment::Augmentation;
use crate::dataset::mixture::Mixture;
use crate::model::{Architecture, MOST_MEMBERS};
use crate::precision::Precision;
use crate::run::RunDir;
use crate::trainer::{Optimizer, TrainConfig};

#[derive(Debug, Args)]
pub(super) struct TrainArgs {
    #[command(flatten)]
    architecture: ArchitectureArgs,

    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    compute: ComputeArgs,

    /// What the network is for.
    #[arg(long, value_enum, default_value_t = Preset::Default)]
    preset: Preset,

    /// Train N networks with seeds of their own and keep them as one, which averages their logits.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u8).range(1..=MOST_MEMBERS as i64))]
    ensemble: u8,

    /// Passes over the training split [default: the preset's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    epochs: Option<u32>,

    /// Images a step [default: the preset's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    batch_size: Option<u32>,

    /// Peak learning rate of the one-cycle schedule [default: the preset's, for sgd 0.1]
    #[arg(long, value_name = "RATE", value_parser = positive, allow_negative_numbers = true)]
    lr: Option<f64>,

    /// Share of itself that each weight loses a step, times the learning rate; adam knows none [default:
    /// the preset's]
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    weight_decay: Option<f64>,

    /// Share of each target that goes to all ten digits alike [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    label_smoothing: Option<f64>,

    /// How to go down the slope.
    #[arg(long, value_parser = one_of::<Optimizer>(), default_value_t = Optimizer::AdamW)]
    optimizer: Optimizer,

    /// Turn, shift, slant and scale the training images a little [default for cnn, wide and vgg]
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "no_augment")]
    augment: bool,

    /// Leave the training images as they are [default for the others, and for --preset fast]
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "augment")]
    no_augment: bool,

    /// Stop after N epochs without a better one on the validation split.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    patience: Option<u32>,

    /// Seed of weights, order, distortion and dropout.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true,
          value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    seed: u64,

    /// Also write the figures of each epoch as an event file: `tensorboard --logdir runs` shows them.
    #[arg(long)]
    tensorboard: bool,

    /// Folder for the run [default: runs/<time>-<model>]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// 99 % of MNIST as soon as possible, in seconds.
    Fast,
    /// The best accuracy in a few minutes.
    Default,
    /// Four times as long for a little more accuracy; with --ensemble more still.
    Best,
    /// People's own pictures: also learns from digits and non-digits that the program draws, bent
    /// and inked in many ways. It made the built-in model.
    Pictures,
}

impl Preset {
    fn model(self) -> ModelName {
        match self {
            Self::Fast => ModelName::Small,
            Self::Default | Self::Best => ModelName::Vgg,
            Self::Pictures => ModelName::Wide,
        }
    }

    fn mixture(self) -> Option<Mixture> {
        (self == Self::Pictures).then_some(Mixture::PICTURES)
    }

    fn config(self, architecture: &Architecture) -> TrainConfig {
        match self {
            Self::Fast => TrainConfig::fast(),
            Self::Default => TrainConfig::default_for(architecture),
            Self::Best => TrainConfig::best(),
            Self::Pictures => TrainConfig::for_pictures(),
        }
    }
}

impl TrainArgs {
    fn config(&self, architecture: &Architecture, precision: Precision) -> TrainConfig {
        let preset = self
            .preset
            .config(architecture)
            .with_optimizer(self.optimizer);
        TrainConfig {
            epochs: self.epochs.map_or(preset.epochs, |epochs| epochs as usize),
            batch_size: self
                .batch_size
                .map_or(preset.batch_size, |size| size as usize),
            learning_rate: self.lr.unwrap_or(preset.learning_rate),
            weight_decay: self.weight_decay.unwrap_or(preset.weight_decay),
            label_smoothing: self.label_smoothing.unwrap_or(preset.label_smoothing),
            augmentation: match (self.augment, self.no_augment) {
                (true, _) => preset.augmentation.or(Some(Augmentation::LIGHT)),
                (_, true) => None,
                _ => preset.augmentation,
            },
            precision,
            seed: self.seed,
            patience: self.patience.map(|epochs| epochs as usize),
            ..preset
        }
    }
}

pub(super) fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected a positive number".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 on and below 1".to_owned()),
    }
}

pub(super) fn run(args: &TrainArgs) -> Result<()> {
    let architecture = args.architecture.architecture_or(args.preset.model())?;
    if args.optimizer == Optimizer::Adam && args.weight_decay.is_some() {
        return Err(misuse(
            "--weight-decay is for adamw and sgd: adam knows none",
        ));
    }
    let (device, precision) = args.compute.prepare()?;
    let config = args.config(&architecture, precision);
    let members = usize::from(args.ensemble);
    let mixture = args.preset.mixture();
    let mut dataset = args.data.load()?;
    if let Some(mixture) = &mixture {
        dataset = dataset.mixed(mixture);
    }
    let run = match &args.out {
        Some(path) => RunDir::create(path)?,
        None => RunDir::create_new(&architecture.to_string())?,
    };
    report::training_starts(&architecture, &config, members, &dataset, device)?;
    let training = Training {
        architecture: &architecture,
        config: &config,
        mixture,
        dataset: &dataset,
        device,
        tensorboard: args.tensorboard,
    };
    let reporter = || TrainReporter::new(config.epochs, dataset.train.len());
    let mut reporter_now = reporter();
    let outcome = match members {
        1 => training.run(&run, &mut |event| reporter_now.on(event))?,
        _ => training.run_ensemble(members, &run, &mut |stage| match stage {
            Stage::Begins(member) => {
                reporter_now = reporter();
                report::member_begins(member, members)
            }
            Stage::Goes(event) => reporter_now.on(event),
            Stage::Ends(outcome) => report::member_ends(outcome),
        })?,
    };
    report::training_ends(&run, &dataset.origin, members, &outcome)
}
