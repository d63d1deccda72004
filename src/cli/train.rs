//! `mnist-tch train`: from data to a finished run.

mod reader;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgAction, Args, ValueEnum};

use super::compute::ComputeArgs;
use super::data::DataArgs;
use super::interrupt::{self, Interrupted};
use super::material::MaterialArgs;
use super::model::{ArchitectureArgs, ModelName};
use super::report::{self, TrainReporter};
use super::training::{Job, Stage, Training, saved};
use super::{misuse, one_of, resume};
use crate::dataset::augment::Augmentation;
use crate::dataset::mixture::Mixture;
use crate::model::{Architecture, MOST_MEMBERS};
use crate::precision::Precision;
use crate::run::{RunDir, RunResults};
use crate::trainer::reader::ReaderSettings;
use crate::trainer::{Optimizer, SavedState, Settings, TrainConfig};

/// The arguments that a run's settings hold already.
const DECIDED: [&str; 20] = [
    "model",
    "hidden",
    "data",
    "limit",
    "precision",
    "preset",
    "ensemble",
    "epochs",
    "batch_size",
    "lr",
    "weight_decay",
    "label_smoothing",
    "optimizer",
    "augment",
    "no_augment",
    "patience",
    "seed",
    "tensorboard",
    "from",
    "out",
];

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
    #[arg(long, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=TrainConfig::MOST_EPOCHS as i64))]
    epochs: Option<u32>,

    /// Batch size: images per step [default: the preset's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    batch_size: Option<u32>,

    /// Peak learning rate of the one-cycle schedule [default: the preset's, for sgd 0.1]
    #[arg(long, value_name = "RATE", value_parser = positive, allow_negative_numbers = true)]
    lr: Option<f64>,

    /// Weight decay; adam has none [default: the preset's]
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    weight_decay: Option<f64>,

    /// Label smoothing [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    label_smoothing: Option<f64>,

    /// Optimizer [default: adamw; sgd for --preset best]
    #[arg(long, value_parser = one_of::<Optimizer>())]
    optimizer: Option<Optimizer>,

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

    #[command(flatten)]
    material: MaterialArgs,

    /// For --preset reader: begin with the weights of this reader instead of fresh ones.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,

    /// Folder for the run [default: runs/<time>-<model>]
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Resume an interrupted run with its own settings, as if it had never stopped. Only
    /// --data-dir, --device and --threads may come with it.
    #[arg(long, value_name = "RUN", conflicts_with_all = DECIDED)]
    resume: Option<PathBuf>,
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
    /// The two networks that find and read the digits of whole pictures, from rendered scenes: hours. It
    /// made the built-in reader.
    Reader,
}

impl Preset {
    fn model(self) -> ModelName {
        match self {
            Self::Fast => ModelName::Small,
            Self::Default | Self::Best | Self::Reader => ModelName::Vgg,
            Self::Pictures => ModelName::Wide,
        }
    }

    fn mixture(self) -> Option<Mixture> {
        (self == Self::Pictures).then_some(Mixture::PICTURES)
    }

    fn config(self, architecture: &Architecture) -> TrainConfig {
        match self {
            Self::Fast => TrainConfig::fast(),
            Self::Default | Self::Reader => TrainConfig::default_for(architecture),
            Self::Best => TrainConfig::best(),
            Self::Pictures => TrainConfig::for_pictures(),
        }
    }
}

impl TrainArgs {
    fn config(&self, architecture: &Architecture, precision: Precision) -> TrainConfig {
        let preset = self.preset.config(architecture);
        let preset = match self.optimizer {
            Some(optimizer) => preset.with_optimizer(optimizer),
            None => preset,
        };
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

impl TrainArgs {
    /// A new run.
    fn begin(&self) -> Result<Job> {
        if self.from.is_some() {
            return Err(misuse("--from is for --preset reader"));
        }
        let architecture = self.architecture.architecture_or(self.preset.model())?;
        if self.optimizer == Some(Optimizer::Adam) && self.weight_decay.is_some() {
            return Err(misuse(
                "--weight-decay is for adamw and sgd: adam knows none",
            ));
        }
        let (device, precision) = self.compute.prepare()?;
        let config = self.config(&architecture, precision);
        let mixture = self.preset.mixture();
        let mut dataset = self.data.load()?;
        if let Some(mixture) = &mixture {
            dataset = dataset.mixed(mixture);
        }
        let run = match &self.out {
            Some(path) => RunDir::create(path)?,
            None => RunDir::create_new(&architecture.to_string())?,
        };
        let settings = Settings {
            members: usize::from(self.ensemble),
            mixture,
            limit: self.data.limit(),
            ..Settings::new(&architecture, &config, &dataset, device)
        };
        Ok(Job {
            run,
            settings,
            dataset,
            device,
        })
    }
}

pub(super) fn run(args: &TrainArgs) -> Result<ExitCode> {
    if args.preset == Preset::Reader {
        return reader::run(&args.begin_reader()?);
    }
    let job = match &args.resume {
        None => args.begin()?,
        Some(path) => {
            let run = RunDir::open(path)?;
            if run.is_finished() {
                // A kill may have left these; on a disk that is read only they do no harm.
                if let Ok(run) = RunDir::reopen(path) {
                    run.remove_state()?;
                }
                report::nothing_left(&run)?;
                return Ok(ExitCode::SUCCESS);
            }
            if let Some(settings) = ReaderSettings::read(&run)? {
                let run = RunDir::reopen(path)?;
                return reader::run(&args.resume_reader(run, settings)?);
            }
            resume::open(path, &args.compute, &args.data)?
        }
    };
    let saved = saved(&job.run)?;
    interrupt::listen()?;
    report::training_starts(&job);
    match train(&job, saved.as_ref(), args.tensorboard) {
        Ok(results) => {
            report::training_ends(&job, &results)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => match failure.downcast_ref::<Interrupted>() {
            Some(interrupted) => {
                report::interrupted(&job, interrupted);
                Ok(ExitCode::from(interrupted.exit_code()))
            }
            None => {
                report::broken_off(&job, &failure);
                Err(failure)
            }
        },
    }
}

fn train(job: &Job, saved: Option<&SavedState>, tensorboard: bool) -> Result<RunResults> {
    let (run, settings, dataset) = (&job.run, &job.settings, &job.dataset);
    let training = Training {
        settings: settings.clone(),
        dataset,
        device: job.device,
        tensorboard,
    };
    let reporter = || TrainReporter::new(settings.training.epochs, dataset.train.len());
    let mut reporter_now = reporter();
    match settings.members {
        1 => training.run(run, saved, &mut |event| {
            reporter_now.on(event);
            Ok(())
        }),
        members => training.run_ensemble(run, &mut |stage| {
            match stage {
                Stage::Begins(member) => {
                    reporter_now = reporter();
                    report::member_begins(member, members);
                }
                Stage::Goes(event) => reporter_now.on(event),
                Stage::Ends(results) => report::member_ends(results),
            }
            Ok(())
        }),
    }
}
