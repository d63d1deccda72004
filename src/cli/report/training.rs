//! A training in progress: its data and settings, one row per epoch, and the results.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{HumanCount, ProgressBar, ProgressFinish, ProgressState};
use tch::{Device, Tensor};

use super::format::{processor, shell_word};
use super::output::{bar, note, progress, style, text, warning};
use crate::dataset::Dataset;
use crate::device;
use crate::experiment::reader::ReaderExperiment;
use crate::experiment::{Experiment, Stopped};
use crate::run::{ReaderResults, RunDir, RunResults};
use crate::trainer::reader::ReaderEvent;
use crate::trainer::{EpochRecord, Event};

/// A little less than ln 10, the loss of a uniform guess among ten digits.
const CHANCE_LOSS: f64 = 2.25;

/// Prints what is going to be trained on what, or resumed.
pub(in crate::cli) fn training_starts(run: &RunDir, experiment: &Experiment<'_>) {
    let Experiment {
        settings,
        dataset,
        device,
        ..
    } = experiment;
    let (architecture, seed) = (&settings.architecture, settings.training.seed);
    let name = architecture.name_of(settings.members);
    let seeds = match settings.members as u64 {
        1 => format!("seed {seed}"),
        members => format!("seeds {seed} to {}", seed.wrapping_add(members - 1)),
    };
    if run.is_unfinished() {
        note(&format!("resuming {}", run.path().display()));
    }
    progress(&format_args!(
        "{name} on {}\n\
         {}, {}, {seeds}\n",
        dataset.origin,
        data_and_device(dataset, *device),
        settings.training.precision,
    ));
    epoch_header();
}

/// Prints the column heads of [`TrainReporter::epoch`].
fn epoch_header() {
    progress(&format_args!(
        "\n{:>7}  {:>10} {:>10}  {:>10} {:>10}  {:>8} {:>8}\n",
        "epoch", "train loss", "accuracy", "val. loss", "accuracy", "images/s", "seconds"
    ));
}

/// Prints which member of an ensemble is trained now, counted from 0.
pub(in crate::cli) fn member_begins(member: usize, members: usize) {
    progress(&format_args!("\nmember {} of {members}\n", member + 1));
}

/// Prints the results of one member of an ensemble.
pub(in crate::cli) fn member_ends(results: &RunResults) {
    progress(&format_args!(
        "test accuracy {:.2} %, epoch {} of {}\n",
        100.0 * results.test_accuracy,
        results.best_epoch,
        results.epochs
    ));
}

/// The number of images in each split, and the device.
pub(super) fn data_and_device(dataset: &Dataset, device: Device) -> String {
    let on = processor(&device::name(device), tch::get_num_threads());
    let [train, validation, test] = [&dataset.train, &dataset.validation, &dataset.test]
        .map(|examples| HumanCount(examples.len() as u64));
    format!("{train} images to train on, {validation} to validate, {test} to test; {on}")
}

/// A progress bar on a terminal, and one row per epoch on stdout.
pub(in crate::cli) struct TrainReporter {
    bar: ProgressBar,
    images: usize,
    epochs: usize,
    drawn: Instant,
}

impl TrainReporter {
    /// The time between draws of the bar, each of which reads the loss from the device.
    const PERIOD: Duration = Duration::from_millis(250);

    pub(in crate::cli) fn new(epochs: usize, images: usize) -> Self {
        let bar = bar(Some((epochs * images) as u64));
        let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{} images/s", HumanCount(state.per_sec() as u64));
        };
        bar.set_style(style("{msg}  {bar:30}  {rate}, {eta} left").with_key("rate", rate));
        let bar = bar.with_finish(ProgressFinish::AndClear);
        Self {
            bar,
            images,
            epochs,
            drawn: Instant::now(),
        }
    }

    pub(in crate::cli) fn on(&mut self, event: &Event) {
        match event {
            Event::Step {
                epoch,
                images,
                loss,
                ..
            } => self.step(*epoch, *images, loss),
            Event::Epoch { record, best, .. } => self.epoch(record, *best),
        }
    }

    /// The same for a reader.
    pub(in crate::cli) fn on_reader(&mut self, event: &ReaderEvent) {
        match event {
            ReaderEvent::Step {
                epoch,
                scenes,
                loss,
                ..
            } => self.advance(*epoch, *scenes, || *loss),
            ReaderEvent::Epoch { record, .. } => self.epoch(record, true),
        }
    }

    fn step(&mut self, epoch: usize, images: usize, loss: &Tensor) {
        self.advance(epoch, images, || loss.double_value(&[]));
    }

    /// Draws the bar if it is due, after `images` images of an epoch.
    fn advance(&mut self, epoch: usize, images: usize, loss: impl FnOnce() -> f64) {
        if self.bar.is_hidden() || self.drawn.elapsed() < Self::PERIOD {
            return;
        }
        self.drawn = Instant::now();
        if self.bar.position() == 0 && epoch > 1 {
            // A resumed training: earlier progress says nothing about the rate.
            self.bar.set_position(((epoch - 1) * self.images) as u64);
            self.bar.reset_eta();
        }
        let loss = loss();
        self.bar
            .set_message(format!("epoch {epoch}/{}  loss {loss:.4}", self.epochs));
        self.bar
            .set_position(((epoch - 1) * self.images + images) as u64);
    }

    /// Prints the row of an epoch.
    fn epoch(&mut self, record: &EpochRecord, best: bool) {
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
        self.bar.suspend(|| progress(&row));
    }
}

/// Prints the results of the training and where they are saved.
pub(in crate::cli) fn training_ends(
    run: &RunDir,
    experiment: &Experiment<'_>,
    results: &RunResults,
) -> Result<()> {
    let files = run.files();
    let names: Vec<_> = files
        .iter()
        .filter(|file| file.exists())
        .filter_map(|file| file.file_name()?.to_str())
        .collect();
    let training = &experiment.settings.training;
    let default = training.optimizer.default_learning_rate();
    // At the default rate, or below it, the training was only too short.
    if results.test_loss > CHANCE_LOSS && training.learning_rate > default {
        warning(&format!(
            "the network does no better than chance: the training diverged at a learning rate of {}; \
             try --lr {default}",
            training.learning_rate
        ));
    }
    let kept = match experiment.settings.members {
        1 => format!("epoch {} of {}", results.best_epoch, results.epochs),
        members => format!("{members} networks together"),
    };
    text(&format_args!(
        "\ntest loss {:.4}, test accuracy {:.2} % ({} of {} images of {}), {kept}\n\
         {}: {}\n",
        results.test_loss,
        100.0 * results.test_accuracy,
        HumanCount((results.test_accuracy * results.test_images as f64).round() as u64),
        HumanCount(results.test_images as u64),
        experiment.dataset.origin.title(),
        run.path().display(),
        names.join(", "),
    ))
}

/// Prints what a reader is going to be trained on, or that it resumes.
pub(in crate::cli) fn reader_training_starts(run: &RunDir, experiment: &ReaderExperiment) {
    let ReaderExperiment {
        settings, device, ..
    } = experiment;
    if run.is_unfinished() {
        note(&format!("resuming {}", run.path().display()));
    }
    let material = match &settings.material {
        Some(folder) => format!("handwriting of {}", folder.display()),
        None => "its own strokes alone; name a folder with --material".to_owned(),
    };
    progress(&format_args!(
        "reader on rendered scenes: {}, {material}\n{}, {}, seed {}\n",
        settings.data,
        processor(&device::name(*device), tch::get_num_threads()),
        settings.reader.precision,
        settings.reader.seed,
    ));
    epoch_header();
}

/// Reports how well the reader's judge tells digits from non-digits.
pub(in crate::cli) fn reader_judged(share: Option<f64>) {
    note(&match share {
        Some(share) => format!(
            "the judge is right about {:.1} % of the boxes in them",
            100.0 * share
        ),
        None => "the reader finds no boxes in them: it has no judge yet".to_owned(),
    });
}

/// Prints how well the finished reader reads validation scenes, and where it is saved.
pub(in crate::cli) fn reader_training_ends(run: &RunDir, results: &ReaderResults) -> Result<()> {
    text(&format_args!(
        "\n{:.2} % of the validation scenes read without a mistake\n{}\n",
        100.0 * results.validation_accuracy,
        run.reader().display(),
    ))
}

/// Reports that a reader's training was interrupted, and how to resume it.
pub(in crate::cli) fn reader_interrupted(run: &RunDir, epoch: usize, epochs: usize) {
    note(&format!(
        "interrupted in epoch {epoch} of {epochs}; all of it is saved"
    ));
    note(&format!("resume with: {}", resume_command(run.path())));
}

/// Reports that a finished run is extended.
pub(in crate::cli) fn extended(run: &RunDir, epochs: u32) {
    note(&format!(
        "extending {} to {epochs} epochs: the learning rate rises to its peak and falls once more",
        run.path().display()
    ));
}

/// Reports that the run is already finished.
pub(in crate::cli) fn nothing_left(run: &RunDir) -> Result<()> {
    text(&format_args!(
        "{} is finished: there is nothing left to train\n",
        run.path().display()
    ))
}

/// Reports how far the training got before a signal ended it, and how to resume it.
pub(in crate::cli) fn interrupted(run: &RunDir, experiment: &Experiment<'_>, stopped: &Stopped) {
    let epochs = experiment.settings.training.epochs;
    let place = match (stopped.epoch, stopped.images) {
        (epoch, 0) => format!("after epoch {} of {epochs}", epoch - 1),
        (epoch, images) => format!(
            "in epoch {epoch} of {epochs}, after {} of {} images",
            HumanCount(images as u64),
            HumanCount(experiment.dataset.train.len() as u64)
        ),
    };
    let member = match stopped.weights.parent().and_then(Path::file_name) {
        Some(name) if stopped.weights != run.weights() => {
            format!(" of {}", name.to_string_lossy())
        }
        _ => String::new(),
    };
    note(&format!("interrupted {place}{member}; all of it is saved"));
    if let Some(kept) = &stopped.kept {
        note(&format!(
            "the best so far is epoch {} with {:.2} % on the validation split: {}",
            kept.epoch,
            100.0 * kept.validation_accuracy,
            stopped.weights.display()
        ));
    }
    note(&format!("resume with: {}", resume_command(run.path())));
}

/// Prints how to resume a training that an I/O error ended, such as a full disk, once that is fixed. Any
/// other failure would occur again.
pub(in crate::cli) fn how_to_resume(run: &RunDir, failure: &anyhow::Error) {
    if run.is_unfinished() && failure.chain().any(|cause| cause.is::<io::Error>()) {
        let command = resume_command(run.path());
        note(&format!(
            "what was done before is saved; once the cause is fixed, resume with: {command}"
        ));
    }
}

fn resume_command(run: &Path) -> String {
    format!("mnist-tch train --resume {}", shell_word(run))
}
