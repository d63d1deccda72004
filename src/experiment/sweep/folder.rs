//! A sweep's folder: what is in it, and what of that can be taken over.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::experiment::Experiment;
use crate::run::{RunDir, RunResults, Settings};
use crate::storage::{Lock, remove_unfinished};

/// What may differ between trainings that are compared: when, and where the data lay.
const IRRELEVANT: [&str; 2] = ["started", "data.folder"];

/// The folder of a sweep, which only this process works in.
pub struct SweepDir {
    path: PathBuf,
    /// Two sweeps would take each other's trainings for interrupted, and resume them.
    _lock: Lock,
}

impl SweepDir {
    /// Opens the folder, which is made where it is missing.
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
        let lock = Lock::take(path)?;
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

    /// Accuracy against size, as PNG.
    pub fn picture(&self) -> PathBuf {
        self.path.join("sweep.png")
    }

    /// The run folder of the training of this name.
    pub(super) fn run(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The run folder of a training that is to do, which resumes where it was interrupted.
    ///
    /// # Errors
    /// As [`RunDir::reopen`].
    pub(super) fn begin(&self, name: &str) -> Result<RunDir> {
        let path = self.run(name);
        match RunDir::open(&path).is_ok_and(|run| run.is_unfinished()) {
            true => RunDir::reopen(&path),
            false => RunDir::recreate(&path),
        }
    }

    /// What came of a training where it was finished before, and `None` where it is still to do.
    ///
    /// # Errors
    /// When it was made with other settings, or its files cannot be read.
    pub(super) fn finished(
        &self,
        name: &str,
        experiment: &Experiment<'_>,
    ) -> Result<Option<RunResults>> {
        let path = self.run(name);
        let begun = |run: &RunDir| run.is_finished() || run.is_unfinished();
        let Some(run) = RunDir::open(&path).ok().filter(begun) else {
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

/// How the settings of a run differ from those of a training, if they do.
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
    fn the_first_difference_is_named_and_the_start_is_none() {
        let config = |epochs: u32, started: &str| json!({ "training": { "seed": 0, "epochs": epochs }, "started": started });
        let old = config(3, "yesterday");
        assert_eq!(difference("", &old, &config(3, "today")), None);
        let found = difference("", &old, &config(5, "today")).unwrap();
        assert_eq!(found, "training.epochs was 3, now 5");
        let found = difference("", &json!({}), &json!({ "precision": "bf16" })).unwrap();
        assert_eq!(found, "precision was null, now \"bf16\"");
    }
}
