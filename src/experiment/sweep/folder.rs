//! A sweep's folder, and which of its runs can be reused.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::experiment::Experiment;
use crate::run::{RunDir, RunResults, Settings};
use crate::storage::{Lock, remove_unfinished};

/// Settings that may differ between runs that are compared: the start time and the data folder.
const IRRELEVANT: [&str; 2] = ["started", "data.folder"];

/// The locked folder of a sweep.
pub struct SweepDir {
    path: PathBuf,
    /// Without it, a second sweep would take running trainings for interrupted ones and resume
    /// them.
    _lock: Lock,
}

impl SweepDir {
    /// Opens the folder, and creates it if it is missing.
    pub fn open(path: &Path) -> Result<Self> {
        ensure!(
            !path.exists() || path.is_dir(),
            "making the folder {}: it is a file; name another one with --out",
            path.display()
        );
        ensure!(
            RunDir::open(path).is_err(),
            "{} holds a single training: name another folder with --out",
            path.display()
        );
        fs::create_dir_all(path)
            .with_context(|| format!("making the folder {}", path.display()))?;
        let lock = Lock::acquire(path)?;
        remove_unfinished(path)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The table, as CSV.
    pub fn table(&self) -> PathBuf {
        self.path.join("sweep.csv")
    }

    /// The plot of accuracy against size, as PNG.
    pub fn picture(&self) -> PathBuf {
        self.path.join("sweep.png")
    }

    /// The run folder of this name.
    pub(super) fn run(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens the run folder of an unfinished training, which resumes where it was interrupted, or
    /// creates a new one.
    ///
    /// # Errors
    /// As [`RunDir::reopen`].
    pub(super) fn open_run(&self, name: &str) -> Result<RunDir> {
        let path = self.run(name);
        match RunDir::open(&path).is_ok_and(|run| run.is_unfinished()) {
            true => RunDir::reopen(&path),
            false => RunDir::recreate(&path),
        }
    }

    /// The results of a run if it is finished, and `None` if it is still to do.
    ///
    /// # Errors
    /// When it was trained with other settings, or its files cannot be read.
    pub(super) fn finished(
        &self,
        name: &str,
        experiment: &Experiment<'_>,
    ) -> Result<Option<RunResults>> {
        let path = self.run(name);
        let started = |run: &RunDir| run.is_finished() || run.is_unfinished();
        let Some(run) = RunDir::open(&path).ok().filter(started) else {
            return Ok(None);
        };
        if let Some(difference) = different(&run, experiment)? {
            bail!(
                "{} was trained with other settings ({difference}): name another folder with --out",
                path.display()
            );
        }
        match run.is_finished() {
            true => RunResults::read(&run).map(Some),
            false => Ok(None),
        }
    }
}

/// How the settings of a run differ from those of an experiment, if they do.
fn different(run: &RunDir, experiment: &Experiment<'_>) -> Result<Option<String>> {
    let there = serde_json::to_value(Settings::read(run)?)?;
    let here = serde_json::to_value(&experiment.settings)?;
    Ok(difference("", &there, &here))
}

/// The first value that differs, in words.
fn difference(name: &str, there: &Value, here: &Value) -> Option<String> {
    if IRRELEVANT.contains(&name) || there == here {
        return None;
    }
    let (Value::Object(old), Value::Object(new)) = (there, here) else {
        return Some(format!("{name} was {there}, now {here}"));
    };
    let mut keys = new.keys().chain(old.keys());
    keys.find_map(|key| {
        let name = match name {
            "" => key.clone(),
            _ => format!("{name}.{key}"),
        };
        difference(&name, &there[key], &here[key])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_named_and_the_start_time_ignored() {
        let config = |epochs: u32, started: &str| json!({ "training": { "seed": 0, "epochs": epochs }, "started": started });
        let old = config(3, "yesterday");
        assert_eq!(difference("", &old, &config(3, "today")), None);
        let found = difference("", &old, &config(5, "today")).unwrap();
        assert_eq!(found, "training.epochs was 3, now 5");
        let found = difference("", &json!({}), &json!({ "precision": "bf16" })).unwrap();
        assert_eq!(found, "precision was null, now \"bf16\"");
    }
}
