//! `GET /api/runs/{run}/{picture}`: the curves, confusion matrix and samples of a run, drawn on request.

use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use indicatif::HumanCount;

use crate::dataset::source::{self, Choice, Request};
use crate::dataset::{Dataset, Origin, Split};
use crate::plots;
use crate::run::{Confusion, RunDir, Settings};

/// Digits on a sheet of samples.
const SAMPLES: usize = 40;
/// Sheets that are cached, since the data takes a second to read.
const SHEETS: usize = 8;

/// The pictures of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Picture {
    Curves,
    Confusion,
    Samples,
}

impl Picture {
    /// The picture with this file name.
    pub(super) fn named(file: &str) -> Option<Self> {
        match file {
            "curves.png" => Some(Self::Curves),
            "confusion.png" => Some(Self::Confusion),
            "samples.png" => Some(Self::Samples),
            _ => None,
        }
    }
}

/// Draws the pictures of runs.
#[derive(Default)]
pub(super) struct Gallery {
    /// Sheets of samples by their data, the newest last.
    sheets: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Gallery {
    /// A picture as the bytes of a PNG file.
    ///
    /// # Errors
    /// When the run has not got that far, or its data is not on this machine.
    pub(super) fn draw(&self, run: RunDir, picture: Picture) -> Result<Vec<u8>> {
        match picture {
            Picture::Curves => curves(run),
            Picture::Confusion => confusion(&run),
            Picture::Samples => self.samples(&run),
        }
    }

    /// Digits that the run is trained on.
    fn samples(&self, run: &RunDir) -> Result<Vec<u8>> {
        let settings = Settings::read(run)?;
        let origin = settings.data;
        // No more synthetic digits are drawn than are shown, but the title gives the original count.
        let all = settings.images.get(&Split::Train).copied().unwrap_or(0);
        let data = format!("{all} of {origin}");
        let mut sheets = self.sheets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, sheet)) = sheets.iter().find(|(other, _)| *other == data) {
            return Ok(sheet.clone());
        }
        let dataset = open(&origin)?;
        let (picture, _) = plots::samples_of(&dataset, Split::Train, (SAMPLES, all), 0)?;
        let sheet = plots::png(&picture)?;
        if sheets.len() == SHEETS {
            sheets.remove(0);
        }
        sheets.push((data, sheet.clone()));
        Ok(sheet)
    }
}

/// Opens the data again, if it is on this machine.
fn open(origin: &Origin) -> Result<Dataset> {
    match &origin.folder {
        Some(folder) => Dataset::from_files(folder),
        None => source::open(
            &Request {
                choice: Choice::Synthetic,
                folder: None,
                limit: Some(SAMPLES),
            },
            &mut |_| (),
        ),
    }
}

fn curves(run: RunDir) -> Result<Vec<u8>> {
    let runs = run.with_histories().into_iter();
    // Members that have not been trained yet have none.
    let runs: Vec<_> = runs.filter(|run| run.metrics().exists()).collect();
    let histories = runs
        .iter()
        .map(RunDir::history)
        .collect::<Result<Vec<_>>>()?;
    let named = runs.iter().zip(&histories);
    let curves: Vec<_> = named
        .map(|(run, history)| plots::Run {
            name: run.name(),
            history,
        })
        .collect();
    plots::png(&plots::curves(&curves).context("no epoch is complete yet")?)
}

fn confusion(run: &RunDir) -> Result<Vec<u8>> {
    // For an unfinished ensemble, that of its latest member.
    let found = Confusion::read(run).or_else(|failure| {
        let members = RunDir::open(run.path())?.with_histories();
        let found = members
            .iter()
            .rev()
            .find_map(|member| Confusion::read(member).ok());
        found.ok_or(failure)
    })?;
    let images: u64 = found
        .counts
        .iter()
        .flatten()
        .fold(0, |sum, count| sum.saturating_add(*count));
    let title = format!(
        "{} on {} {} images, epoch {}: confusion matrix",
        run.name(),
        HumanCount(images),
        found.split,
        found.epoch
    );
    plots::png(&plots::evaluation(&found.counts, &[], &title)?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::run::testing::{self, epoch, settings};

    fn run(folder: &tempfile::TempDir) -> RunDir {
        let run = RunDir::create(&folder.path().join("a")).unwrap();
        settings().write(&run).unwrap();
        run
    }

    #[track_caller]
    fn assert_is_picture(png: &[u8]) {
        let picture = image::load_from_memory(png).unwrap();
        assert!(picture.width() > 300 && picture.height() > 300);
    }

    #[test]
    fn pictures_have_the_names_of_their_files() {
        let named = ["curves.png", "confusion.png", "samples.png"].map(Picture::named);
        let [curves, confusion, samples] = named.map(Option::unwrap);
        assert_eq!(curves, Picture::Curves);
        assert_eq!(confusion, Picture::Confusion);
        assert_eq!(samples, Picture::Samples);
        assert!(
            ["", "curves", "model.pt"]
                .map(Picture::named)
                .iter()
                .all(Option::is_none)
        );
    }

    #[test]
    fn curves_are_drawn_once_an_epoch_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let run = run(&folder);
        let drawn = || Gallery::default().draw(RunDir::open(run.path())?, Picture::Curves);
        let text = drawn().unwrap_err().to_string();
        assert_eq!(text, "no epoch is complete yet");
        run.write_history(&[epoch(1), epoch(2)]).unwrap();
        assert_is_picture(&drawn().unwrap());
    }

    #[test]
    fn the_confusion_matrix_of_an_ensemble_is_that_of_its_latest_member() {
        let folder = tempfile::tempdir().unwrap();
        let run = run(&folder);
        let drawn = || Gallery::default().draw(RunDir::open(run.path())?, Picture::Confusion);
        let text = drawn().unwrap_err().to_string();
        assert!(text.starts_with("reading the confusion matrix"), "{text}");
        for number in 0..2 {
            let member = run.member(number).unwrap();
            settings().write(&member).unwrap();
            testing::confusion().write(&member).unwrap();
        }
        assert_is_picture(&drawn().unwrap());
        fs::write(run.confusion(), "{}").unwrap();
        assert_is_picture(&drawn().unwrap());
    }

    #[test]
    fn a_sheet_of_samples_is_drawn_once_and_the_oldest_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let run = run(&folder);
        let gallery = Gallery::default();
        let names = (0..SHEETS).map(|number| (number.to_string(), vec![7]));
        *gallery.sheets.lock().unwrap() = names.collect();
        let samples = || gallery.draw(RunDir::open(run.path())?, Picture::Samples);
        let drawn = samples().unwrap();
        assert_is_picture(&drawn);
        let kept = |sheets: &[(String, Vec<u8>)]| {
            sheets
                .iter()
                .map(|(data, _)| data.clone())
                .collect::<Vec<_>>()
        };
        let all = "900 of synthetic digits, drawn by the program";
        let expected = ["1", "2", "3", "4", "5", "6", "7", all];
        assert_eq!(kept(&gallery.sheets.lock().unwrap()), expected);
        // What is kept is not drawn again.
        gallery.sheets.lock().unwrap()[SHEETS - 1].1 = vec![9];
        assert_eq!(samples().unwrap(), [9]);
    }

    #[test]
    fn samples_of_data_that_has_gone_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let run = run(&folder);
        let mut settings = settings();
        settings.data.name = "idx".to_owned();
        settings.data.folder = Some(folder.path().join("gone"));
        settings.write(&run).unwrap();
        let failure = Gallery::default().draw(run, Picture::Samples).unwrap_err();
        assert!(
            failure.to_string().contains("gone does not exist"),
            "{failure}"
        );
    }
}
