//! `mnist-tch eval --wild`: how well people's own pictures are read.

use std::cmp::Reverse;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use super::annotate::annotated;
use super::batches;
use super::report::{self, PictureReporter};
use crate::evaluation::answer::{Answer, EvaluatedPicture};
use crate::evaluation::labels::{Label, LabelledPicture, labels};
use crate::evaluation::score::Outcome;
use crate::model::checkpoint::Description;
use crate::percent::percent;
use crate::picture::{ImageError, load};
use crate::plots::{self, Misread};
use crate::recognizer::{Recognizer, prepare};

/// The maximum number of mistakes that are drawn.
const SHOWN: usize = 60;

pub(super) fn run(
    folder: &Path,
    recognizers: Vec<Recognizer>,
    model: &Description,
    json: bool,
    plot: Option<&Path>,
) -> Result<ExitCode> {
    let pictures = labels(folder)?;
    let reporter = PictureReporter::new(Some(pictures.len()));
    let read = read_all(recognizers, &pictures, &reporter)?;
    if json {
        report::wild_json(&read, folder, model)?;
    } else {
        report::wild(&read, folder, model)?;
    }
    if let Some(path) = plot {
        draw(&read, folder, model, path)?;
    }
    Ok(reporter.code())
}

/// Reads each picture without regard to its label.
fn read_all<'a>(
    recognizers: Vec<Recognizer>,
    pictures: &'a [LabelledPicture],
    reporter: &PictureReporter,
) -> Result<Vec<EvaluatedPicture<'a>>> {
    let step = reporter.step();
    let mut read = Vec::with_capacity(pictures.len());
    batches::read(
        pictures.iter(),
        Some(pictures.len()),
        recognizers,
        |picture| load(&picture.path).and_then(|bytes| prepare(&bytes)),
        |recognizer, _, prepared| recognizer.read_all(prepared),
        |picture, reading| {
            read.push(score(picture, reading.map(Answer::from), reporter));
            step();
            Ok(())
        },
    )?;
    Ok(read)
}

/// Scores the answer to a picture; a file that cannot be read is reported, and is neither right nor wrong.
fn score<'a>(
    picture: &'a LabelledPicture,
    answer: Result<Answer, ImageError>,
    reporter: &PictureReporter,
) -> EvaluatedPicture<'a> {
    match answer {
        Ok(answer) => EvaluatedPicture {
            picture,
            outcome: Outcome::of(&picture.label, answer.text.as_deref()),
            answer,
        },
        Err(failure) => {
            let reason = failure.to_string();
            reporter.failure(&report::unreadable(&picture.path, failure));
            EvaluatedPicture {
                picture,
                outcome: Outcome::Unreadable,
                answer: Answer {
                    reason: Some(reason),
                    ..Answer::default()
                },
            }
        }
    }
}

/// Draws a sheet of the mistakes: wrong answers before refusals, the most confident first.
fn draw(
    read: &[EvaluatedPicture<'_>],
    folder: &Path,
    model: &Description,
    path: &Path,
) -> Result<()> {
    let wrong =
        |read: &&EvaluatedPicture<'_>| matches!(read.outcome, Outcome::Wrong | Outcome::Refused);
    let readable = read
        .iter()
        .filter(|read| read.outcome != Outcome::Unreadable);
    let mut mistakes: Vec<_> = read.iter().filter(wrong).collect();
    mistakes.sort_by(|a, b| {
        let rank = |read: &EvaluatedPicture<'_>| Reverse(read.answer.text.is_some());
        let confidence = |read: &EvaluatedPicture<'_>| read.answer.confidence.unwrap_or(0.0);
        let surer = confidence(b).total_cmp(&confidence(a));
        rank(a).cmp(&rank(b)).then(surer)
    });
    let title = format!(
        "{}: {} of {} pictures in {} misread or refused",
        model.name(),
        mistakes.len(),
        readable.count(),
        folder.display()
    );
    let shown = mistakes.into_iter().filter_map(misread).take(SHOWN);
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() {
        report::note(&format!(
            "{}: not written, there is no mistake to draw",
            path.display()
        ));
        return Ok(());
    }
    plots::save(&plots::misread(&shown, &title)?, path)?;
    report::note(&format!("{}: {title}", path.display()));
    Ok(())
}

/// A mistake as it is drawn; none if the file holds no picture.
fn misread(read: &EvaluatedPicture<'_>) -> Option<Misread> {
    let EvaluatedPicture {
        picture, answer, ..
    } = read;
    let bytes = load(&picture.path).ok()?;
    let drawn = annotated(&bytes, &answer.reading).ok()?;
    let prepared = prepare(&bytes).ok()?;
    let only = answer.reading.only();
    let seen = only.map(|symbol| prepared.crop(symbol).to_image());
    Some(Misread {
        picture: drawn,
        seen,
        words: words(&picture.label, answer),
        name: picture.name.clone(),
    })
}

/// `4 read as 9, 97.3 %` or `4 refused: unsure`.
fn words(label: &Label, answer: &Answer) -> String {
    let shown = match label {
        Label::None => "no digit".to_owned(),
        label => label.to_string(),
    };
    match (&answer.text, &answer.reason) {
        (Some(text), _) => {
            let confidence = percent(answer.confidence.unwrap_or(0.0));
            format!("{shown} read as {text}, {confidence}")
        }
        (None, reason) => format!("{shown} refused: {}", reason.as_deref().unwrap_or_default()),
    }
}
