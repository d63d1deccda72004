//! The arguments that name a network: one to be trained, or one that has been.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use tch::Device;

use super::arguments::misuse;
use super::report;
use crate::model::architecture::WIDEST;
use crate::model::checkpoint::{self, Description};
use crate::model::{Architecture, Net};
use crate::reader::{self, Reader};
use crate::run::{RUNS, RunDir};

/// Hidden layers of an `mlp` where the user names none.
pub(super) const DEFAULT_HIDDEN: [i64; 1] = [128];

/// Which network to make.
#[derive(Debug, Args)]
pub(super) struct ArchitectureArgs {
    /// The network [default: vgg; small for train --preset fast, wide for --preset pictures]
    #[arg(long, value_enum, value_name = "MODEL")]
    model: Option<ModelName>,

    /// Widths of an mlp's hidden layers, such as 30 or 128,64 [default: 128]
    #[arg(long, value_name = "N,…", value_delimiter = ',',
          value_parser = clap::value_parser!(i64).range(1..=WIDEST))]
    hidden: Option<Vec<i64>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ModelName {
    /// Conv-Pool-Dropout-Dense, made for accuracy per second.
    Cnn,
    /// The same with more channels and a convolution more: the built-in model.
    Wide,
    /// The same with fewer channels, for 99 % in seconds.
    Small,
    /// Three blocks of two 3×3 convolutions, for the best accuracy.
    Vgg,
    /// Three times Conv2D 64, ReLU and MaxPool, then Dense 64, 32, 10.
    Keras,
    /// The network of tch-rs' MNIST example.
    Tch,
    /// The network of PyTorch's MNIST example.
    Pytorch,
    /// The network of train_mnist_fast.
    Fast,
    /// Dense layers only, as wide as --hidden says.
    Mlp,
    /// Half of a reader: finds the digits of a picture.
    #[value(hide = true)]
    Detector,
    /// The other half: looks at each again.
    #[value(hide = true)]
    Crop,
}

impl ArchitectureArgs {
    /// Whether any network was asked for.
    pub(super) fn is_given(&self) -> bool {
        self.model.is_some() || self.hidden.is_some()
    }

    /// The network asked for, or else this one, which classifies 28×28 images.
    pub(super) fn architecture_or(&self, default: ModelName) -> Result<Architecture> {
        self.model.map_or(Ok(()), ModelName::refuse_half)?;
        self.any_architecture_or(default)
    }

    /// The same where a reader's networks will do too.
    pub(super) fn any_architecture_or(&self, default: ModelName) -> Result<Architecture> {
        let model = self.model.unwrap_or(default);
        if self.hidden.is_some() && model != ModelName::Mlp {
            return Err(misuse("--hidden is for --model mlp"));
        }
        let hidden = self.hidden.as_deref().unwrap_or(&DEFAULT_HIDDEN);
        let architecture = model.architecture(hidden);
        architecture.check()?;
        Ok(architecture)
    }
}

impl ModelName {
    /// Refuses the networks that are half of a reader.
    pub(super) fn refuse_half(self) -> Result<()> {
        let network = self.architecture(&[]);
        if network.is_classifier() {
            return Ok(());
        }
        Err(misuse(&format!(
            "the {network} is half of a reader, and no network for 28×28 images: \
             `mnist-tch train --preset reader` trains both halves"
        )))
    }

    /// The network of that name, with these hidden layers where it is an mlp.
    pub(super) fn architecture(self, hidden: &[i64]) -> Architecture {
        match self {
            Self::Cnn => Architecture::Cnn,
            Self::Wide => Architecture::Wide,
            Self::Small => Architecture::Small,
            Self::Vgg => Architecture::Vgg,
            Self::Keras => Architecture::Keras,
            Self::Tch => Architecture::Tch,
            Self::Pytorch => Architecture::Pytorch,
            Self::Fast => Architecture::Fast,
            Self::Detector => Architecture::Detector,
            Self::Crop => Architecture::Crop,
            Self::Mlp => Architecture::Mlp {
                hidden: hidden.to_vec(),
            },
        }
    }
}

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

#[derive(Clone, Debug)]
enum Trained {
    Builtin,
    Latest,
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
    /// Loads the network; where it is the latest, stderr says which that is.
    pub(super) fn load(&self, device: Device) -> Result<(Net, Description)> {
        match self.path()? {
            Some(path) => checkpoint::load(&path, device),
            None => checkpoint::builtin(device),
        }
    }

    /// The same where a reader will do too.
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

    /// The file that holds it; none where it is the built-in one.
    fn path(&self) -> Result<Option<PathBuf>> {
        Ok(Some(match &self.model {
            Trained::Builtin => return Ok(None),
            Trained::Latest => {
                let run = newest_run("name one with --model")?;
                report::note(&format!("using the model of {}", run.path().display()));
                weights(&run)
            }
            Trained::At(path) if path.is_dir() => trained(&RunDir::open(path)?)?,
            Trained::At(path) => {
                let known = "give builtin, latest, a run folder or a model.safetensors";
                ensure!(
                    path.exists(),
                    "reading the model {}: there is no such file; {known}",
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

/// The weights of a run that has any.
fn trained(run: &RunDir) -> Result<PathBuf> {
    let weights = weights(run);
    ensure!(
        weights.exists(),
        "{} has no weights: its training ended before the first epoch was complete",
        run.path().display()
    );
    Ok(weights)
}

/// Where a run's weights lie, or will lie: of a network, or of a reader where that was trained.
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
            "there is no finished run in {RUNS}/ here: make one with `mnist-tch train`, or {remedy}"
        ),
    }
}
