//! The evaluation of a network on a split.

use anyhow::Result;
use indicatif::HumanCount;
use serde_json::json;

use super::output::text;
use crate::dataset::{Origin, Split};
use crate::model::checkpoint::Description;
use crate::tensors::CLASSES;
use crate::trainer::Evaluation;

/// Figures, a row for each digit, and the confusion matrix.
pub(in crate::cli) fn evaluation(
    found: &Evaluation,
    split: Split,
    origin: &Origin,
    model: &Description,
) -> Result<()> {
    let wrong = found
        .predictions
        .iter()
        .filter(|prediction| prediction.digit != prediction.label)
        .count();
    text(&format_args!(
        "{} (trained on {}) on the {} {split} images of {}\n\
         accuracy {:.2} % ({wrong} wrong), loss {:.4}, calibration error {:.2} %\n\n\
         {:>5}  {:>9}  {:>9}  {:>6}\n",
        model.name(),
        model.data,
        HumanCount(found.count as u64),
        origin.title(),
        100.0 * found.accuracy,
        found.loss,
        100.0 * found.calibration_error(),
        "digit",
        "precision",
        "recall",
        "images"
    ))?;
    // Undefined if the digit never occurs.
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
    text(&format_args!("\nlabel \\ prediction {header}\n"))?;
    for (digit, row) in found.confusion.iter().enumerate() {
        let counts: String = row.iter().map(|count| format!("{count:>6}")).collect();
        text(&format_args!("{digit:>18} {counts}\n"))?;
    }
    Ok(())
}

/// The same as one JSON object.
pub(in crate::cli) fn evaluation_json(
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
        "calibration_error": found.calibration_error(),
        "precision": figures(&|digit| found.precision(digit)),
        "recall": figures(&|digit| found.recall(digit)),
        "confusion": found.confusion,
    });
    text(&format_args!("{object}\n"))
}
