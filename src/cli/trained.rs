//! The arguments that name a trained network.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use tch::Device;

use super::report;
use crate::model::Net;
use crate::model::checkpoint::{self, Description};
use crate::reader::{self, Reader};
use crate::run::{RUNS, RunDir, RunResults, Settings};

/// Which trained network to use.
#[derive(Debug, Args)]
pub(super) struct TrainedArgs {
    /// builtin: the network that comes with the program; latest: the run in runs/ that finished
    /// last; or a run folder, or a model.safetensors.
    #[arg(
        long,
        value_name = "builtin|latest|RUN|FILE",
        default_value = "builtin"
    )]
    model: Trained,
}

/// A trained network by its name or path.
#[derive(Clone, Debug)]
pub(super) enum Trained {
    /// The one that comes with the program.
    Builtin,
    /// That of the run that finished last.
    Latest,
    /// That in a run folder or a file.
    At(PathBuf),
}

impl From<&str> for Trained {
    fn from(name: &str) -> Self {
        match name {
            "builtin" => Self::Builtin,
            "latest" => Self::Latest,
            path => Self::At(path.into()),
        }
    }
}

/// What [`TrainedArgs`] can name.
pub(super) enum Model {
    /// Classifies 28×28 images.
    Net(Net, Description),
    /// Reads whole pictures.
    Reader(Reader, reader::Description),
}

impl TrainedArgs {
    /// Loads the network; if it is the latest, stderr says which that is.
    pub(super) fn load(&self, device: Device) -> Result<(Net, Description)> {
        self.model.load(device)
    }

    /// The same, but also accepts a reader.
    pub(super) fn load_any(&self, device: Device) -> Result<Model> {
        self.model.load_any(device)
    }
}

impl Trained {
    /// Loads the network; if it is the latest, stderr says which that is.
    fn load(&self, device: Device) -> Result<(Net, Description)> {
        match self.path()? {
            Some(path) => checkpoint::load(&path, device),
            None => checkpoint::builtin(device),
        }
    }

    /// The same, but also accepts a reader.
    pub(super) fn load_any(&self, device: Device) -> Result<Model> {
        let (net, description) = match self.path()? {
            Some(path) if reader::is_reader_at(&path) => {
                let (reader, description) = Reader::load(&path, device)?;
                return Ok(Model::Reader(reader, description));
            }
            Some(path) => checkpoint::load(&path, device)?,
            None => checkpoint::builtin(device)?,
        };
        Ok(Model::Net(net, description))
    }

    /// The file that holds it; none for the built-in one.
    fn path(&self) -> Result<Option<PathBuf>> {
        Ok(Some(match self {
            Trained::Builtin => return Ok(None),
            Trained::Latest => {
                let run = newest_run("name one with --model")?;
                report::note(&format!("using the model of {}", described(&run)));
                weights(&run)
            }
            Trained::At(path) if path.is_dir() => trained(&RunDir::open(path)?)?,
            Trained::At(path) => {
                let expected = "give builtin, latest, a run folder or a model.safetensors";
                ensure!(
                    path.exists(),
                    "reading the model {}: there is no such file; {expected}",
                    path.display()
                );
                path.clone()
            }
        }))
    }
}

/// Which trained reader to use.
#[derive(Debug, Args)]
pub(super) struct ReaderArgs {
    /// What finds the digits in pictures. builtin: the reader that comes with the program; or a run
    /// folder of `train --preset reader`, or a reader.safetensors.
    #[arg(long, value_name = "builtin|RUN|FILE", default_value = "builtin")]
    reader: PathBuf,
}

impl ReaderArgs {
    /// Loads the reader.
    pub(super) fn load(&self, device: Device) -> Result<Reader> {
        Ok(load_reader(&self.reader, device)?.0)
    }
}

/// Loads what [`ReaderArgs`] can name.
pub(super) fn load_reader(name: &Path, device: Device) -> Result<(Reader, reader::Description)> {
    match name {
        name if name.as_os_str() == "builtin" => Reader::builtin(device),
        path if path.is_dir() => Reader::load(&RunDir::open(path)?.reader(), device),
        path => Reader::load(path, device),
    }
}

/// A run and its accuracy: `runs/1 (vgg, 99.62 % on the test split of mnist)`.
fn described(run: &RunDir) -> String {
    let path = run.path().display();
    match (Settings::read(run), RunResults::read(run)) {
        (Ok(settings), Ok(results)) => format!(
            "{path} ({}, {:.2} % on the test split of {})",
            settings.architecture.name_of(settings.members),
            100.0 * results.test_accuracy,
            settings.data.title()
        ),
        _ => path.to_string(),
    }
}

/// The path of a run's weights, which must exist.
fn trained(run: &RunDir) -> Result<PathBuf> {
    let weights = weights(run);
    ensure!(
        weights.exists(),
        "{} has no weights: its training ended before the first epoch was complete",
        run.path().display()
    );
    Ok(weights)
}

/// The path of a run's weights, written or not: a reader's if it has trained one, else a network's.
fn weights(run: &RunDir) -> PathBuf {
    let reader = run.reader();
    if reader.exists() {
        reader
    } else {
        run.weights()
    }
}

/// The run in the current folder's `runs/` that finished last.
pub(super) fn newest_run(remedy: &str) -> Result<RunDir> {
    match RunDir::newest_finished(Path::new(RUNS)).context("looking for a finished run")? {
        Some(run) => Ok(run),
        None => bail!(
            "there is no finished run in {RUNS}/ here: train one with `mnist-tch train`, or {remedy}"
        ),
    }
}
