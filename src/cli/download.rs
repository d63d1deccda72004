//! `mnist-tch download`: MNIST, for use offline.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::report;
use crate::dataset::download::{self, Limits, MIRRORS};
use crate::dataset::{Dataset, files, source};

#[derive(Debug, Args)]
pub(super) struct DownloadArgs {
    /// Folder to put the files into [default: the user's cache, where all commands find them]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(super) fn run(args: &DownloadArgs) -> Result<()> {
    let folder = args.data_dir.clone().or_else(files::cache);
    let folder = folder.context("there is no cache folder: name one with --data-dir")?;
    ensure!(
        !folder.is_file(),
        "downloading MNIST into {}: it is a file; name a folder with --data-dir",
        folder.display()
    );
    let mut reporter = report::DataReporter::default();
    download::fetch(&folder, &MIRRORS, &Limits::DEFAULT, &mut |progress| {
        reporter.on(&source::Event::Downloading(progress));
    })
    .with_context(|| format!("downloading MNIST into {}", folder.display()))?;
    let dataset = Dataset::from_files(&folder)?;
    ensure!(
        dataset.origin.name == "mnist",
        "{} holds a data set other than MNIST: name an empty folder",
        folder.display()
    );
    report::text(&format!("{}: complete\n", dataset.origin))
}
