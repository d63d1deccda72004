//! All that is printed: results to stdout, progress and warnings to stderr.

#![allow(clippy::print_stderr)]

use std::io::{Write, stdout};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use image::{ImageFormat, RgbImage};
use indicatif::{HumanCount, ProgressBar, ProgressFinish, ProgressState, ProgressStyle};
use serde_json::json;
use tch::{Device, Tensor};

use crate::dataset::files::ENVIRONMENT;
use crate::dataset::source::Event;
use crate::dataset::{Dataset, Origin, Split};
use crate::device;
use crate::model::Architecture;
use crate::model::checkpoint::Description;
use crate::recognizer::Answer;
use crate::run::{EpochRecord, RunDir, write_atomic};
use crate::tensors::CLASSES;
use crate::trainer::{Evaluation, TrainConfig};

/// Prints a result.
pub(super) fn text(content: &dyn std::fmt::Display) -> Result<()> {
    // Not println!, which panics when whoever reads has gone.
    write!(stdout(), "{content}")?;
    Ok(())
}

/// Says on stderr what the user may want to know.
pub(super) fn note(message: &str) {
    eprintln!("{message}");
}

/// Says on stderr what failed while the work goes on.
pub(super) fn error(failure: &anyhow::Error) {
    eprintln!("error: {}", super::one_line(failure));
}

/// Writes a picture as PNG.
pub(super) fn picture(picture: &RgbImage, path: &Path) -> Result<()> {
    let mut png = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .with_context(|| format!("encoding {}", path.display()))?;
    write_atomic(path, png.get_ref())
}

/// Tells of the way to a data set.
#[derive(Default)]
pub(super) struct DataReporter {
    bar: Option<(String, ProgressBar)>,
}

impl DataReporter {
    pub(super) fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::NothingThere(folder) => note(&format!(
                "warning: ${ENVIRONMENT} names {}, which holds no images; looking elsewhere",
                folder.display()
            )),
            Event::Downloading(progress) => {
                let total = progress.total;
                let current = self.bar.take().filter(|(file, _)| file == progress.file);
                let (_, bar) = self.bar.insert(current.unwrap_or_else(|| {
                    note(&format!("fetching {}", progress.file));
                    let bar = ProgressBar::new(total.unwrap_or(0));
                    bar.set_style(style("{bar:30} {bytes}/{total_bytes} {bytes_per_sec}"));
                    (progress.file.to_owned(), bar)
                }));
                bar.set_position(progress.received);
            }
            Event::Downloaded(folder) => {
                self.bar = None;
                note(&format!("MNIST is now in {}", folder.display()));
            }
            Event::FallingBack(failure) => {
                self.bar = None;
                note(&format!(
                    "warning: training and test images are SYNTHETIC digits, not MNIST: {failure:#}"
                ));
            }
        }
    }
}

/// A progress bar's style; a template is fixed text, so that a bad one shows in the first test.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Says what is going to be trained on what.
pub(super) fn training_starts(
    architecture: &Architecture,
    config: &TrainConfig,
    dataset: &Dataset,
    device: Device,
) -> Result<()> {
    let on = match device {
        Device::Cpu => match tch::get_num_threads() {
            1 => "cpu with 1 thread".to_owned(),
            threads => format!("cpu with {threads} threads"),
        },
        other => device::name(other),
    };
    let [train, validation, test] = [&dataset.train, &dataset.validation, &dataset.test]
        .map(|examples| HumanCount(examples.len() as u64));
    text(&format_args!(
        "{architecture} on {}\n\
         {train} images to train on, {validation} to validate, {test} to test; {on}, seed {}\n\n\
         {:>7}  {:>10} {:>10}  {:>10} {:>10}  {:>8} {:>8}\n",
        dataset.origin,
        config.seed,
        "epoch",
        "train loss",
        "accuracy",
        "val. loss",
        "accuracy",
        "images/s",
        "seconds"
    ))
}

/// A progress bar on a terminal, and one row an epoch on stdout.
pub(super) struct TrainReporter {
    bar: ProgressBar,
    images: usize,
    epochs: usize,
    read: Instant,
}

impl TrainReporter {
    /// So often the loss is read from the device and the bar is drawn.
    const PERIOD: Duration = Duration::from_millis(250);

    pub(super) fn new(epochs: usize, images: usize) -> Self {
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

    pub(super) fn step(&mut self, epoch: usize, images: usize, loss: &Tensor) {
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

    pub(super) fn epoch(&mut self, record: &EpochRecord, best: bool) -> Result<()> {
        let row = format!(
            "{:>7}  {:>10.4} {:>8.2} %  {:>10.4} {:>8.2} %  {:>8} {:>8.1}{}\n",
            format!("{}/{}", record.epoch, self.epochs),
            record.train_loss,
            100.0 * record.train_accuracy,
            record.validation_loss,
            100.0 * record.validation_accuracy,
            HumanCount(record.images_per_second as u64).to_string(),
            record.seconds,
            if best { "  best" } else { "" },
        );
        self.bar.suspend(|| text(&row))
    }
}

/// Says what came of the training and where it lies.
pub(super) fn training_ends(
    run: &RunDir,
    origin: &Origin,
    best: &EpochRecord,
    epochs: usize,
    found: &Evaluation,
) -> Result<()> {
    let files = [
        run.config(),
        run.metrics(),
        run.curves(),
        run.weights(),
        run.torchscript(),
        run.results(),
    ];
    let names: Vec<_> = files
        .iter()
        .filter_map(|file| file.file_name()?.to_str())
        .collect();
    text(&format_args!(
        "\ntest loss {:.4}, test accuracy {:.2} % ({} of {} images of {}), epoch {} of {epochs}\n\
         {}: {}\n",
        found.loss,
        100.0 * found.accuracy,
        HumanCount((found.accuracy * found.count as f64).round() as u64),
        HumanCount(found.count as u64),
        origin.title(),
        best.epoch,
        run.path().display(),
        names.join(", "),
    ))
}

/// `five.png: 5 (99.8 %), 3 (0.1 %)`.
pub(super) fn answer_line(path: &Path, answer: &Answer, top_k: usize) -> Result<()> {
    let seen = match answer {
        Answer::NoDigit { reason, .. } => format!("no digit ({reason})"),
        Answer::Digit(prediction) => {
            let ranking = prediction.ranking();
            let best = ranking.iter().take(top_k);
            let best: Vec<_> = best
                .map(|(digit, p)| format!("{digit} ({:.1} %)", 100.0 * p))
                .collect();
            best.join(", ")
        }
    };
    text(&format_args!("{}: {seen}\n", path.display()))
}

/// One JSON object with the same fields whether a digit was seen or not; with the best digits in
/// order where more than one is asked for.
pub(super) fn answer_json(path: &Path, answer: &Answer, top_k: usize) -> Result<()> {
    let file = path.display().to_string();
    let mut object = match answer {
        Answer::Digit(prediction) => {
            let (digit, confidence) = prediction.ranking()[0];
            json!({ "file": file, "digit": digit, "confidence": confidence,
                    "probabilities": prediction.probabilities })
        }
        Answer::NoDigit { reason, .. } => {
            json!({ "file": file, "digit": null, "confidence": null,
                    "probabilities": null, "reason": reason })
        }
    };
    if let (Answer::Digit(prediction), 2..) = (answer, top_k) {
        let best = prediction.ranking().into_iter().take(top_k);
        let best = best.map(|(digit, p)| json!({ "digit": digit, "confidence": p }));
        object["top"] = best.collect();
    }
    text(&format_args!("{object}\n"))
}

/// Figures, a row for each digit, and the confusion matrix.
pub(super) fn evaluation(
    found: &Evaluation,
    split: Split,
    origin: &Origin,
    model: &Description,
) -> Result<()> {
    let wrong = found
        .answers
        .iter()
        .filter(|answer| answer.digit != answer.label)
        .count();
    text(&format_args!(
        "{} (trained on {}) on the {} {split} images of {}\n\
         accuracy {:.2} % ({wrong} wrong), loss {:.4}\n\n\
         {:>5}  {:>9}  {:>9}  {:>6}\n",
        model.architecture,
        model.data,
        HumanCount(found.count as u64),
        origin.title(),
        100.0 * found.accuracy,
        found.loss,
        "digit",
        "precision",
        "recall",
        "images"
    ))?;
    // Where a digit never occurs, a share of nothing has no value.
    let percent = |share: f64| match share.is_finite() {
        true => format!("{:.2} %", 100.0 * share),
        false => "-".to_owned(),
    };
    for digit in 0..CLASSES {
        let (precision, recall) = (
            percent(found.precision(digit)),
            percent(found.recall(digit)),
        );
        let images: u64 = found.confusion[digit].iter().sum();
        text(&format_args!(
            "{digit:>5}  {precision:>9}  {recall:>9}  {images:>6}\n"
        ))?;
    }
    let header: String = (0..CLASSES).map(|digit| format!("{digit:>6}")).collect();
    text(&format_args!("\nshown, and read as {header}\n"))?;
    for (digit, row) in found.confusion.iter().enumerate() {
        let counts: String = row.iter().map(|count| format!("{count:>6}")).collect();
        text(&format_args!("{digit:>18} {counts}\n"))?;
    }
    Ok(())
}

/// The same as one JSON object.
pub(super) fn evaluation_json(
    found: &Evaluation,
    split: Split,
    origin: &Origin,
    model: &Description,
) -> Result<()> {
    let figures = |of: &dyn Fn(usize) -> f64| (0..CLASSES).map(of).collect::<Vec<f64>>();
    let object = json!({
        "model": model,
        "data": origin,
        "split": split,
        "images": found.count,
        "accuracy": found.accuracy,
        "loss": found.loss,
        "precision": figures(&|digit| found.precision(digit)),
        "recall": figures(&|digit| found.recall(digit)),
        "confusion": found.confusion,
    });
    text(&format_args!("{object}\n"))
}
