//! What a run leaves behind: its folder and its history.
//!
//! This is plain data at the bottom of the crate, so that the trainer writes what the plots read
//! without either knowing the other.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

/// The folder in which runs are made and looked for where the user names none.
pub const RUNS: &str = "runs";

/// One row of `metrics.csv`: what was measured in one pass over the training split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: usize,
    /// Learning rate of the epoch's last step.
    pub learning_rate: f64,
    /// Mean cross-entropy over the epoch, in nats, with dropout and augmentation at work.
    pub train_loss: f64,
    /// Fraction of the digits in 0..=1, with dropout and augmentation at work.
    pub train_accuracy: f64,
    /// Mean cross-entropy on the validation split after the epoch, in nats.
    pub validation_loss: f64,
    /// Fraction in 0..=1 on the validation split after the epoch.
    pub validation_accuracy: f64,
    /// Wall time of the epoch in seconds, validation included.
    pub seconds: f64,
    /// Training images per second, validation not counted.
    pub images_per_second: f64,
}

/// A run's folder: the one place that names the files in it.
#[derive(Clone, Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes the folder for a new run, and its parents.
    ///
    /// # Errors
    /// When the folder cannot be made or written to, or holds a run already.
    pub fn create(path: &Path) -> Result<Self> {
        let run = Self {
            path: path.to_owned(),
        };
        // A training that failed before its first epoch left nothing to lose.
        if run.metrics().exists() || run.weights().exists() {
            bail!(
                "{} already holds a run: name another folder with --out",
                path.display()
            );
        }
        ensure!(
            !path.exists() || path.is_dir(),
            "making the run folder {}: it is a file; name another folder with --out",
            path.display()
        );
        fs::create_dir_all(path)
            .with_context(|| format!("making the run folder {}", path.display()))?;
        tempfile::tempfile_in(path)
            .with_context(|| format!("writing to the run folder {}", path.display()))?;
        Ok(run)
    }

    /// The same where a run may have been broken off: what it left is removed.
    ///
    /// # Errors
    /// As [`RunDir::create`], and when the run is finished.
    pub fn create_anew(path: &Path) -> Result<Self> {
        let run = Self {
            path: path.to_owned(),
        };
        ensure!(
            !run.is_finished(),
            "{} holds a finished run",
            path.display()
        );
        for file in [
            run.config(),
            run.metrics(),
            run.events(),
            run.curves(),
            run.weights(),
            run.torchscript(),
        ] {
            match fs::remove_file(&file) {
                Err(failure) if failure.kind() == io::ErrorKind::NotFound => {}
                removed => removed.with_context(|| format!("removing {}", file.display()))?,
            }
        }
        Self::create(path)
    }

    /// Makes `runs/<local time>-<model>`, with a number behind it where that is taken.
    ///
    /// # Errors
    /// As [`RunDir::create`].
    pub fn create_new(model: &str) -> Result<Self> {
        let name = format!("{}-{model}", jiff::Zoned::now().strftime("%Y%m%d-%H%M%S"));
        let path = Path::new(RUNS).join(&name);
        let taken = (2..).map(|n| Path::new(RUNS).join(format!("{name}-{n}")));
        let free = std::iter::once(path)
            .chain(taken)
            .find(|path| !path.exists());
        Self::create(&free.context("looking for a free folder name")?)
    }

    /// The folder of an existing run.
    ///
    /// # Errors
    /// When `path` is no folder or holds no run.
    pub fn open(path: &Path) -> Result<Self> {
        let run = Self {
            path: path.to_owned(),
        };
        ensure!(
            path.exists(),
            "{} is not there: name a run folder, such as those in {RUNS}/",
            path.display()
        );
        ensure!(
            run.config().exists(),
            "{} is no run: it holds no config.json{}",
            path.display(),
            if run.below().is_empty() {
                ""
            } else {
                "; name one of the runs in it"
            }
        );
        Ok(run)
    }

    /// The run in `runs` that finished last, judged by when it wrote its results.
    ///
    /// # Errors
    /// When the folder is there and cannot be read.
    pub fn newest_finished(runs: &Path) -> Result<Option<Self>> {
        if !runs.exists() {
            return Ok(None);
        }
        let entries = fs::read_dir(runs).with_context(|| format!("listing {}", runs.display()))?;
        let finished = entries.flatten().filter_map(|entry| {
            let run = Self { path: entry.path() };
            let when: SystemTime = fs::metadata(run.results()).ok()?.modified().ok()?;
            Some((when, run))
        });
        Ok(finished
            .max_by_key(|(when, run)| (*when, run.path.clone()))
            .map(|(_, run)| run))
    }

    /// The folder of one of an ensemble's members, counted from 0, made where it is missing.
    ///
    /// # Errors
    /// As [`RunDir::create`].
    pub fn member(&self, number: usize) -> Result<Self> {
        Self::create(&self.path.join(format!("member{number}")))
    }

    /// The runs that have a history of their own: this one, or if it is an ensemble its members in order.
    pub fn with_histories(self) -> Vec<Self> {
        let members: Vec<Self> = (0..)
            .map_while(|number| Self::open(&self.path.join(format!("member{number}"))).ok())
            .collect();
        if members.is_empty() {
            vec![self]
        } else {
            members
        }
    }

    /// The folders in this one that hold runs.
    fn below(&self) -> Vec<Self> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let folders = entries.map(|entry| Self { path: entry.path() });
        folders.filter(|run| run.config().exists()).collect()
    }

    /// Whether the run in this folder came to its end.
    pub fn is_finished(&self) -> bool {
        self.results().exists()
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's own name, by which the run is known in pictures.
    pub fn name(&self) -> &str {
        self.path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("run")
    }

    /// All settings, seed, data, versions and device, as JSON; written first.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.json")
    }

    /// One [`EpochRecord`] a row, as CSV with a header.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.csv")
    }

    /// The same for TensorBoard, which looks for `tfevents` in a name; only where it was asked for.
    pub fn events(&self) -> PathBuf {
        self.path.join("events.out.tfevents.mnist-tch")
    }

    /// Loss and accuracy over the epochs, as PNG.
    pub fn curves(&self) -> PathBuf {
        self.path.join("curves.png")
    }

    /// Weights of the best validation epoch.
    pub fn weights(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    /// The same network as a TorchScript program.
    pub fn torchscript(&self) -> PathBuf {
        self.path.join("model.pt")
    }

    /// What the finished network does on the test split, as JSON; written last.
    pub fn results(&self) -> PathBuf {
        self.path.join("results.json")
    }

    /// Appends one row to `metrics.csv`, with the header where the file is new.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append(&self, record: &EpochRecord) -> Result<()> {
        let path = self.metrics();
        let new = !path.exists();
        let mut row = csv::WriterBuilder::new()
            .has_headers(new)
            .from_writer(Vec::new());
        row.serialize(record).context("laying out a metrics row")?;
        let bytes = row.into_inner().context("laying out a metrics row")?;
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(&bytes))
            .with_context(|| format!("appending to {}", path.display()))
    }

    /// All rows of `metrics.csv`.
    ///
    /// # Errors
    /// When the file is missing or a row is not an [`EpochRecord`].
    pub fn history(&self) -> Result<Vec<EpochRecord>> {
        let path = self.metrics();
        let reader = csv::Reader::from_path(&path);
        reader
            .and_then(|mut reader| reader.deserialize().collect())
            .with_context(|| format!("reading the history {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(epoch: usize) -> EpochRecord {
        EpochRecord {
            epoch,
            learning_rate: 1e-3,
            train_loss: 0.25,
            train_accuracy: 0.9,
            validation_loss: f64::NAN,
            validation_accuracy: 0.95,
            seconds: 1.5,
            images_per_second: 1e4,
        }
    }

    #[test]
    fn history_returns_what_was_appended() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        run.append(&record(1)).unwrap();
        run.append(&record(2)).unwrap();
        let history = run.history().unwrap();
        assert_eq!(history.iter().map(|r| r.epoch).collect::<Vec<_>>(), [1, 2]);
        assert!(history[0].validation_loss.is_nan());
        assert_eq!(history[1].train_accuracy, 0.9);
    }

    #[test]
    fn a_folder_with_a_run_is_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        fs::write(run.config(), "{}").unwrap();
        RunDir::create(folder.path()).expect("nothing is lost before the first epoch");
        run.append(&record(1)).unwrap();
        assert!(RunDir::create(folder.path()).is_err());
    }

    #[test]
    fn only_finished_runs_are_found_and_the_newest_wins() {
        let runs = tempfile::tempdir().unwrap();
        assert!(RunDir::newest_finished(runs.path()).unwrap().is_none());
        for (name, age) in [("older", Some(2)), ("newer", Some(1)), ("unfinished", None)] {
            let run = RunDir::create(&runs.path().join(name)).unwrap();
            if let Some(age) = age {
                let file = fs::File::create(run.results()).unwrap();
                let when = SystemTime::now() - std::time::Duration::from_secs(age);
                file.set_modified(when).unwrap();
            }
        }
        let found = RunDir::newest_finished(runs.path()).unwrap().unwrap();
        assert!(found.path().ends_with("newer"));
    }
}
