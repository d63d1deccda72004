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
