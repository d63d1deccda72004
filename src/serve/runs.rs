//! `GET /api/runs` and the pictures of each: the runs in the folder, also while they are trained.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::run::{RunDir, RunResults, Settings};
use crate::storage::Lock;

/// The maximum number of runs that are listed: the newest.
const MAX_RUNS: usize = 100;

/// A folder of runs.
#[derive(Clone, Debug)]
pub(super) struct Runs {
    folder: PathBuf,
}

/// All runs of a folder.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    folder: String,
    runs: Vec<Run>,
}

/// The state of a run.
#[derive(Debug, Serialize)]
struct Run {
    /// Its path below the folder.
    name: String,
    /// Changes whenever something in the run changes.
    version: String,
    state: State,
    /// The network: `vgg`, or `3 × vgg`.
    network: String,
    data: String,
    /// Complete epochs and the total number, of all members together.
    epoch: usize,
    epochs: usize,
    /// Of the last epoch, or of the finished network.
    validation_accuracy: Option<f64>,
    test_accuracy: Option<f64>,
    started: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Training,
    Finished,
    Interrupted,
}

impl Runs {
    /// The runs in a folder, which need not exist yet.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// All runs, the newest first, also those in folders of sweeps. What cannot be read, such as a file of
    /// an older version, is left out.
    pub(super) fn list(&self) -> Listing {
        let mut found: Vec<_> = self.found();
        found.sort_by_key(|(_, started, _)| std::cmp::Reverse(*started));
        found.truncate(MAX_RUNS);
        let runs = found.into_iter();
        Listing {
            folder: self.folder.display().to_string(),
            runs: runs
                .filter_map(|(name, _, run)| look(name, run).ok())
                .collect(),
        }
    }

    /// The run with a name from [`Runs::list`].
    pub(super) fn find(&self, name: &str) -> Option<RunDir> {
        let mut found = self.found().into_iter();
        found.find(|(other, ..)| other == name).map(|(.., run)| run)
    }

    /// The runs in the folder and in the folders of sweeps, with their names and start times.
    fn found(&self) -> Vec<(String, SystemTime, RunDir)> {
        let mut found = vec![];
        for (name, path) in folders(&self.folder) {
            match RunDir::open(&path) {
                Ok(run) => found.extend(with_start_time(name, run)),
                Err(_) => found.extend(folders(&path).filter_map(|(inner, path)| {
                    with_start_time(format!("{name}/{inner}"), RunDir::open(&path).ok()?)
                })),
            }
        }
        found
    }
}

fn with_start_time(name: String, run: RunDir) -> Option<(String, SystemTime, RunDir)> {
    Some((name, changed(&run.config())?, run))
}

/// The folders in a folder, by their names.
fn folders(path: &Path) -> impl Iterator<Item = (String, PathBuf)> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let path = entry.path();
        let name = entry.file_name().into_string().ok()?;
        path.is_dir().then_some((name, path))
    })
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

fn look(name: String, run: RunDir) -> Result<Run> {
    let settings = Settings::read(&run)?;
    let results = run
        .is_finished()
        .then(|| RunResults::read(&run))
        .transpose()?;
    let state = match &results {
        Some(_) => State::Finished,
        None if Lock::is_held(run.path()) => State::Training,
        None => State::Interrupted,
    };
    let own = [run.config(), run.results(), run.confusion()];
    let members = run.with_histories();
    let files = own.into_iter().chain(members.iter().map(RunDir::metrics));
    let version = files.filter_map(|file| changed(&file)).max();
    let version = version.context("a run without files")?;
    let mut histories = vec![];
    for member in members.iter().filter(|member| member.metrics().exists()) {
        histories.push(member.history()?);
    }
    let last = histories
        .iter()
        .filter_map(|history| history.last())
        .next_back();
    Ok(Run {
        name,
        version: version.duration_since(UNIX_EPOCH)?.as_millis().to_string(),
        state,
        network: settings.architecture.name_of(settings.members),
        data: settings.data.name,
        epoch: histories.iter().map(Vec::len).sum(),
        epochs: settings.members * settings.training.epochs,
        validation_accuracy: match &results {
            Some(results) => Some(results.validation_accuracy),
            None => last.map(|record| record.validation_accuracy),
        },
        test_accuracy: results.map(|results| results.test_accuracy),
        started: settings.started,
    })
}

#[cfg(test)]
mod tests;
