//! A run's folder: its settings, its history and its results.

mod confusion;
mod history;
mod json;
mod reader_settings;
mod results;
mod settings;
#[cfg(test)]
pub(crate) mod testing;

pub use confusion::Confusion;
pub use history::parse_history;
pub use reader_settings::ReaderSettings;
pub use results::{ReaderResults, RunResults};
pub use settings::Settings;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use crate::storage::{Lock, remove_unfinished};

/// The default folder in which runs are created and looked for.
pub const RUNS: &str = "runs";

/// A run's folder: the one place that names the files in it.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    /// Held if this process writes there.
    _lock: Option<Lock>,
}

impl RunDir {
    /// The folder at a path, whatever it holds.
    fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            _lock: None,
        }
    }

    /// Creates the folder for a new run, with its parents, and locks it.
    ///
    /// # Errors
    /// When the folder cannot be created or written to, already holds a run, or is locked by another
    /// process.
    pub fn create(path: &Path) -> Result<Self> {
        let run = Self::at(path);
        run.refuse_existing()?;
        ensure!(
            !path.exists() || path.is_dir(),
            "making the run folder {}: it is a file; name another folder with --out",
            path.display()
        );
        fs::create_dir_all(path)
            .with_context(|| format!("making the run folder {}", path.display()))?;
        let run = run.locked()?;
        // Another process may have written before we got the lock.
        run.refuse_existing()?;
        Ok(run)
    }

    /// The same, but removes what an interrupted run has left there.
    ///
    /// # Errors
    /// As [`RunDir::create`], and when the run is finished.
    pub fn recreate(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            return Self::create(path);
        }
        let run = Self::at(path).locked()?;
        ensure!(
            !run.is_finished(),
            "{} holds a finished run",
            path.display()
        );
        run.remove_state()?;
        for file in run.files() {
            remove(&file)?;
        }
        Ok(run)
    }

    /// Opens the folder of an interrupted run, and locks it.
    ///
    /// # Errors
    /// As [`RunDir::open`], and when the folder cannot be written to or is locked by another process.
    pub fn reopen(path: &Path) -> Result<Self> {
        Self::open(path)?.locked()
    }

    /// Locks the folder, and removes the unfinished files of a killed process.
    fn locked(self) -> Result<Self> {
        let lock = Lock::acquire(&self.path)?;
        remove_unfinished(&self.path)?;
        Ok(Self {
            _lock: Some(lock),
            ..self
        })
    }

    /// Refuses a folder with a run in it, unless that failed before it saved anything.
    fn refuse_existing(&self) -> Result<()> {
        let path = self.path.display();
        ensure!(
            !self.is_unfinished(),
            "{path} already holds an interrupted run: resume it with --resume {path}, or name \
             another folder with --out"
        );
        let files = [self.results(), self.weights(), self.metrics()];
        ensure!(
            !files.iter().any(|file| file.exists()),
            "{path} already holds a run: name another folder with --out"
        );
        Ok(())
    }

    /// Creates `runs/<local time>-<model>`, with a number appended if that is taken.
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
        Self::create(&free.context("looking for an unused folder name")?)
    }

    /// The folder of an existing run.
    ///
    /// # Errors
    /// When `path` is not a folder or holds no run.
    pub fn open(path: &Path) -> Result<Self> {
        let run = Self::at(path);
        ensure!(
            path.exists(),
            "{} does not exist: name a run folder, such as those in {RUNS}/",
            path.display()
        );
        ensure!(
            run.config().exists(),
            "{} is not a run: it holds no config.json{}",
            path.display(),
            if run.runs_inside().is_empty() {
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
    /// When the folder exists but cannot be read.
    pub fn newest_finished(runs: &Path) -> Result<Option<Self>> {
        if !runs.exists() {
            return Ok(None);
        }
        let entries = fs::read_dir(runs).with_context(|| format!("listing {}", runs.display()))?;
        let finished = entries.flatten().filter_map(|entry| {
            let run = Self::at(&entry.path());
            let when: SystemTime = fs::metadata(run.results()).ok()?.modified().ok()?;
            Some((when, run))
        });
        Ok(finished
            .max_by_key(|(when, run)| (*when, run.path.clone()))
            .map(|(_, run)| run))
    }

    /// The folder of one of an ensemble's members, counted from 0, created if missing, and locked.
    ///
    /// # Errors
    /// When it cannot be created or written to, or is locked by another process.
    pub fn member(&self, number: usize) -> Result<Self> {
        let path = self.member_path(number);
        fs::create_dir_all(&path)
            .with_context(|| format!("making the run folder {}", path.display()))?;
        Self::at(&path).locked()
    }

    fn member_path(&self, number: usize) -> PathBuf {
        self.path.join(format!("member{number}"))
    }

    /// The runs that have a history of their own: this one, or if it is an ensemble its members in order.
    pub fn with_histories(self) -> Vec<Self> {
        let members: Vec<Self> = (0..)
            .map_while(|number| Self::open(&self.member_path(number)).ok())
            .collect();
        if members.is_empty() {
            vec![self]
        } else {
            members
        }
    }

    /// The folders in this one that hold runs.
    fn runs_inside(&self) -> Vec<Self> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let folders = entries.map(|entry| Self::at(&entry.path()));
        folders.filter(|run| run.config().exists()).collect()
    }

    /// Whether the run in this folder, or a member of it, was interrupted and can be resumed.
    pub fn is_unfinished(&self) -> bool {
        let first = Self::at(&self.member_path(0));
        let is_started = self.state().exists() || first.state().exists() || first.is_finished();
        is_started && !self.is_finished()
    }

    /// Whether the run in this folder is finished.
    pub fn is_finished(&self) -> bool {
        self.results().exists()
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's own name, which names the run in pictures.
    pub fn name(&self) -> &str {
        self.path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or("run")
    }

    /// All files of a finished run, in the order in which they are written.
    pub fn files(&self) -> [PathBuf; 9] {
        [
            self.config(),
            self.metrics(),
            self.confusion(),
            self.events(),
            self.curves(),
            self.weights(),
            self.reader(),
            self.torchscript(),
            self.results(),
        ]
    }

    /// All settings, seed, data, versions and device, as JSON; written first.
    pub fn config(&self) -> PathBuf {
        self.path.join("config.json")
    }

    /// One [`EpochRecord`](crate::trainer::EpochRecord) per row, as CSV with a header.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.csv")
    }

    /// The confusion matrix, as JSON: of the last epoch, then of the finished network.
    pub fn confusion(&self) -> PathBuf {
        self.path.join("confusion.json")
    }

    /// [`RunDir::metrics`] for TensorBoard, which looks for `tfevents` in a name; only if requested.
    pub fn events(&self) -> PathBuf {
        self.path.join("events.out.tfevents.mnist-tch")
    }

    /// All that is needed to resume; only until the run is finished.
    pub fn state(&self) -> PathBuf {
        self.path.join("state.safetensors")
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

    /// Weights of a reader: of the last epoch, averaged.
    pub fn reader(&self) -> PathBuf {
        self.path.join("reader.safetensors")
    }

    /// The results of the finished network on the test split, as JSON; written last.
    pub fn results(&self) -> PathBuf {
        self.path.join("results.json")
    }

    /// Removes the state to resume from.
    ///
    /// # Errors
    /// When it exists but cannot be removed.
    pub fn remove_state(&self) -> Result<()> {
        remove(&self.state())
    }

    /// Removes the results, which mark the run as finished, so that it can be extended.
    ///
    /// # Errors
    /// When they exist but cannot be removed.
    pub fn remove_results(&self) -> Result<()> {
        remove(&self.results())
    }
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(failure) if failure.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.with_context(|| format!("removing {}", file.display())),
    }
}

#[cfg(test)]
mod tests;
