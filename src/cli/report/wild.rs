//! How well people's own pictures were read, by kind.

use std::path::Path;

use anyhow::Result;
use indicatif::HumanCount;
use serde_json::{Value, json};

use super::output::text;
use crate::evaluation::answer::EvaluatedPicture;
use crate::evaluation::labels::{Label, LabelledPicture};
use crate::evaluation::score::{Outcome, Score};
use crate::model::checkpoint::Description;

/// A row for each kind, one for all, and how much was refused.
pub(in crate::cli) fn wild(
    read: &[EvaluatedPicture<'_>],
    folder: &Path,
    model: &Description,
) -> Result<()> {
    let outcomes = outcomes(read);
    let all = Score::of(&outcomes);
    let mut rows = Score::by_kind(&outcomes);
    rows.push(("all", all));
    let width = rows
        .iter()
        .map(|(kind, _)| kind.chars().count())
        .max()
        .unwrap_or(0);
    text(&format_args!(
        "The reader, with {} (trained on {}) for images in MNIST's form, on the {} pictures of {}\n\n\
         {:width$}  {:>7} {:>7} {:>7} {:>7}  {:>9}  {:>16}  {:>7}  {:>10}\n",
        model.name(),
        model.data,
        HumanCount(read.len() as u64),
        folder.display(),
        "kind",
        "images",
        "right",
        "wrong",
        "refused",
        "accuracy",
        "mean of sources",
        "sources",
        "unreadable"
    ))?;
    for (kind, score) in &rows {
        text(&format_args!(
            "{kind:width$}  {:>7} {:>7} {:>7} {:>7}  {:>7.2} %  {:>14.2} %  {:>7}  {:>10}\n",
            score.images(),
            score.right,
            score.wrong,
            score.refused,
            100.0 * score.accuracy(),
            100.0 * score.mean_over_sources(),
            score.sources(),
            score.unreadable,
        ))?;
    }
    let share = |(refused, images): (usize, usize)| match images {
        0 => "none".to_owned(),
        _ => format!(
            "{refused} of {images} ({:.2} %)",
            100.0 * refused as f64 / images as f64
        ),
    };
    text(&format_args!(
        "\nrefused: digits {}, pictures without a digit {}\n",
        share(refused(&outcomes, is_digit)),
        share(refused(&outcomes, is_none))
    ))
}

/// The same as one JSON object, with all mistakes.
pub(in crate::cli) fn wild_json(
    read: &[EvaluatedPicture<'_>],
    folder: &Path,
    model: &Description,
) -> Result<()> {
    let outcomes = outcomes(read);
    let share = |(refused, images)| json!({ "images": images, "refused": refused });
    let kinds = Score::by_kind(&outcomes);
    let mistakes = read.iter().filter(|read| read.outcome != Outcome::Right);
    let object = json!({
        "model": model,
        "folder": folder.display().to_string(),
        "all": figures(&Score::of(&outcomes)),
        "kinds": kinds.iter().map(|(kind, score)| (*kind, figures(score))).collect::<Value>(),
        "digits": share(refused(&outcomes, is_digit)),
        "none": share(refused(&outcomes, is_none)),
        "mistakes": mistakes.map(mistake).collect::<Value>(),
    });
    text(&format_args!("{object}\n"))
}

fn outcomes<'a>(read: &[EvaluatedPicture<'a>]) -> Vec<(&'a LabelledPicture, Outcome)> {
    read.iter()
        .map(|read| (read.picture, read.outcome))
        .collect()
}

fn is_digit(label: &Label) -> bool {
    matches!(label, Label::Digit(_))
}

fn is_none(label: &Label) -> bool {
    *label == Label::None
}

/// How many pictures of some labels were refused, and how many there are.
fn refused(
    outcomes: &[(&LabelledPicture, Outcome)],
    of: impl Fn(&Label) -> bool,
) -> (usize, usize) {
    let refusal = |label: &Label| match label {
        Label::None => Outcome::Right,
        _ => Outcome::Refused,
    };
    let of = |(picture, _): &&(&LabelledPicture, Outcome)| of(&picture.label);
    let readable = |(_, outcome): &&(&LabelledPicture, Outcome)| *outcome != Outcome::Unreadable;
    let all = outcomes.iter().filter(of).filter(readable);
    let refused = all
        .clone()
        .filter(|(picture, outcome)| *outcome == refusal(&picture.label));
    (refused.count(), all.count())
}

fn figures(score: &Score) -> Value {
    json!({
        "images": score.images(),
        "right": score.right,
        "wrong": score.wrong,
        "refused": score.refused,
        "unreadable": score.unreadable,
        "accuracy": score.accuracy(),
        "sources": score.sources(),
        "mean_over_sources": score.mean_over_sources(),
    })
}

fn mistake(read: &EvaluatedPicture<'_>) -> Value {
    let EvaluatedPicture {
        picture, answer, ..
    } = read;
    json!({
        "file": picture.name,
        "label": picture.label.to_string(),
        "kind": picture.kind,
        "source": picture.source,
        "text": answer.text,
        "confidence": answer.confidence,
        "reason": answer.reason,
    })
}
