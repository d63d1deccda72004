//! The arguments of `mnist-tch train`.

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgAction, Args, Command};

use super::preset::Preset;
use crate::cli::arguments::{at_least, one_of, whole};
use crate::cli::compute::ComputeArgs;
use crate::cli::data::DataArgs;
use crate::cli::material::MaterialArgs;
use crate::cli::model::ArchitectureArgs;
use crate::dataset::augment::Augmentation;
use crate::model::{Architecture, MAX_MEMBERS};
use crate::precision::Precision;
use crate::trainer::{Optimizer, TrainConfig};

/// Arguments that `--resume` accepts; the run's settings hold all others.
const WITH_RESUME: [&str; 6] = [
    "resume", "epochs", "data_dir", "material", "device", "threads",
];

/// Refuses all other arguments beside `--resume`.
pub(in crate::cli) fn refuse_with_resume(train: Command) -> Command {
    let arguments = train
        .get_arguments()
        .map(|argument| argument.get_id().clone());
    let refused: Vec<_> = arguments
        .filter(|id| !WITH_RESUME.contains(&id.as_str()))
        .collect();
    train.mut_arg("resume", |resume| resume.conflicts_with_all(refused))
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TrainArgs {
    #[command(flatten)]
    pub(super) architecture: ArchitectureArgs,

    #[command(flatten)]
    pub(super) data: DataArgs,

    #[command(flatten)]
    pub(super) compute: ComputeArgs,

    /// What the network is for.
    #[arg(long, value_enum, default_value_t = Preset::Default)]
    pub(super) preset: Preset,

    /// Train N networks with different seeds, as an ensemble that averages their logits.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = whole(1..=MAX_MEMBERS as u8))]
    pub(super) ensemble: u8,

    /// Passes over the training split [default: the preset's]
    #[arg(long, value_name = "N",
          value_parser = whole(1..=TrainConfig::MAX_EPOCHS as u32))]
    pub(super) epochs: Option<u32>,

    /// Batch size: images per step, of a reader scenes of 128×128 pixels [default: the preset's]
    #[arg(long, value_name = "N", value_parser = at_least(2_u32))]
    pub(super) batch_size: Option<u32>,

    /// Peak learning rate of the one-cycle schedule [default: the preset's, for sgd 0.1]
    #[arg(long, value_name = "RATE", value_parser = positive, allow_negative_numbers = true)]
    pub(super) lr: Option<f64>,

    /// Weight decay; adam has none [default: the preset's]
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    pub(super) weight_decay: Option<f64>,

    /// Label smoothing [default: 0]
    #[arg(long, value_name = "SHARE", value_parser = share, allow_negative_numbers = true)]
    pub(super) label_smoothing: Option<f64>,

    /// Optimizer [default: adamw; sgd for --preset best]
    #[arg(long, value_parser = one_of::<Optimizer>())]
    pub(super) optimizer: Option<Optimizer>,

    /// Rotate, shift, shear and scale the training images a little [default for cnn, wide and vgg]
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "no_augment")]
    pub(super) augment: bool,

    /// Leave the training images as they are [default for the others, and for --preset fast]
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "augment")]
    pub(super) no_augment: bool,

    /// Stop after N epochs without improvement on the validation split.
    #[arg(long, value_name = "N", value_parser = at_least(1_u32))]
    pub(super) patience: Option<u32>,

    /// Seed of initial weights, shuffling, augmentation and dropout.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true,
          value_parser = whole(0..=i64::MAX as u64))]
    pub(super) seed: u64,

    /// Also write the metrics of each epoch as an event file: `tensorboard --logdir runs` shows them.
    #[arg(long)]
    pub(super) tensorboard: bool,

    #[command(flatten)]
    pub(super) material: MaterialArgs,

    /// For --preset reader: start from the weights of this reader instead of random ones.
    #[arg(long, value_name = "FILE")]
    pub(super) from: Option<PathBuf>,

    /// Folder for the run [default: runs/<time>-<model>]
    #[arg(long, short, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Resume an interrupted run with its own settings, as if it had never stopped. A finished run is
    /// extended by giving --epochs, more than it has: the learning rate rises and falls once more over
    /// the added ones. The only other arguments allowed are --data-dir, --material, --device and
    /// --threads.
    #[arg(long, value_name = "RUN")]
    pub(super) resume: Option<PathBuf>,
}

impl TrainArgs {
    /// The preset's configuration with the given arguments applied.
    pub(super) fn config(&self, architecture: &Architecture, precision: Precision) -> TrainConfig {
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

pub(in crate::cli) fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("expected a positive number".to_owned()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..1.0).contains(&share) => Ok(share),
        _ => Err("expected a number of at least 0 and below 1".to_owned()),
    }
}
