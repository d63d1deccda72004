//! A training as it goes: what it starts from, a row an epoch, and what came of it.

use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{HumanCount, ProgressBar, ProgressFinish, ProgressState};
use tch::{Device, Tensor};

use super::format::processor;
use super::{style, text};
use crate::cli::training::Outcome;
use crate::dataset::{Dataset, Origin};
use crate::device;
use crate::model::Architecture;
use crate::run::{EpochRecord, RunDir};
use crate::trainer::{Event, TrainConfig};

/// Says what is going to be trained on what.
pub(in crate::cli) fn training_starts(
    architecture: &Architecture,
    config: &TrainConfig,
    members: usize,
    dataset: &Dataset,
    device: Device,
) -> Result<()> {
    let (name, seeds) = match members as u64 {
        1 => (architecture.to_string(), format!("seed {}", config.seed)),
        members => (
            format!("{members} × {architecture}"),
            format!("seeds {} to {}", config.seed, config.seed + members - 1),
        ),
    };
    text(&format_args!(
        "{name} on {}\n\
         {}, {}, {seeds}\n\n\
         {:>7}  {:>10} {:>10}  {:>10} {:>10}  {:>8} {:>8}\n",
        dataset.origin,
        circumstances(dataset, device),
        config.precision,
        "epoch",
        "train loss",
        "accuracy",
        "val. loss",
        "accuracy",
        "images/s",
        "seconds"
    ))
}

/// Says which member of an ensemble is trained now, counted from 0.
pub(in crate::cli) fn member_begins(member: usize, members: usize) -> Result<()> {
    text(&format_args!("\nmember {} of {members}\n", member + 1))
}

/// What one member of an ensemble does alone.
pub(in crate::cli) fn member_ends(outcome: &Outcome) -> Result<()> {
    text(&format_args!(
        "test accuracy {:.2} %, epoch {} of {}\n",
        100.0 * outcome.test.accuracy,
        outcome.best.epoch,
        outcome.history.len()
    ))
}

/// How many images there are, and what computes.
pub(super) fn circumstances(dataset: &Dataset, device: Device) -> String {
    let on = processor(&device::name(device), tch::get_num_threads());
    let [train, validation, test] = [&dataset.train, &dataset.validation, &dataset.test]
        .map(|examples| HumanCount(examples.len() as u64));
    format!("{train} images to train on, {validation} to validate, {test} to test; {on}")
}

/// A progress bar on a terminal, and one row an epoch on stdout.
pub(in crate::cli) struct TrainReporter {
    bar: ProgressBar,
    images: usize,
    epochs: usize,
    read: Instant,
}

impl TrainReporter {
    /// So often the loss is read from the device and the bar is drawn.
    const PERIOD: Duration = Duration::from_millis(250);

    pub(in crate::cli) fn new(epochs: usize, images: usize) -> Self {
        let bar = ProgressBar::new((epochs * images) as u64);
        let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{} images/s", HumanCount(state.per_sec() as u64));
        };
        bar.set_style(style("{msg}  {bar:30}  {rate}, {eta} left").with_key("rate", rate));
        let bar = bar.with_finish(ProgressFinish::AndClear);
        Self {
            bar,
            images,
            epochs,
            read: Instant::now(),
        }
    }

    pub(in crate::cli) fn on(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::Step {
                epoch,
                images,
                loss,
            } => self.step(*epoch, *images, loss),
            Event::Epoch { record, best, .. } => self.epoch(record, *best)?,
        }
        Ok(())
    }

    fn step(&mut self, epoch: usize, images: usize, loss: &Tensor) {
        if self.bar.is_hidden() || self.read.elapsed() < Self::PERIOD {
            return;
        }
        self.read = Instant::now();
        let loss = loss.double_value(&[]);
        self.bar
            .set_message(format!("epoch {epoch}/{}  loss {loss:.4}", self.epochs));
        self.bar
            .set_position(((epoch - 1) * self.images + images) as u64);
    }

    fn epoch(&mut self, record: &EpochRecord, best: bool) -> Result<()> {
        let row = format!(
            "{:>7}  {:>10.4} {:>8.2} %  {:>10.4} {:>8.2} %  {:>8} {:>8.1}{}\n",
            format!("{}/{}", record.epoch, self.epochs),
            record.train_loss,
            100.0 * record.train_accuracy,
            record.validation_loss,
            100.0 * record.validation_accuracy,
            HumanCount(record.images_per_second as u64).to_string(),
            record.seconds,
            if best { "  kept" } else { "" },
        );
        self.bar.suspend(|| text(&row))
    }
}

/// Says what came of the training and where it lies.
pub(in crate::cli) fn training_ends(
    run: &RunDir,
    origin: &Origin,
    members: usize,
    outcome: &Outcome,
) -> Result<()> {
    let Outcome {
        best,
        history,
        test,
    } = outcome;
    let files = [
        run.config(),
        run.metrics(),
        run.events(),
        run.curves(),
        run.weights(),
        run.torchscript(),
        run.results(),
    ];
    let names: Vec<_> = files
        .iter()
        .filter(|file| file.exists())
        .filter_map(|file| file.file_name()?.to_str())
        .collect();
    let kept = match members {
        1 => format!("epoch {} of {}", best.epoch, history.len()),
        _ => format!("{members} networks together"),
    };
    text(&format_args!(
        "\ntest loss {:.4}, test accuracy {:.2} % ({} of {} images of {}), {kept}\n\
         {}: {}\n",
        test.loss,
        100.0 * test.accuracy,
        HumanCount((test.accuracy * test.count as f64).round() as u64),
        HumanCount(test.count as u64),
        origin.title(),
        run.path().display(),
        names.join(", "),
    ))
}
