//! The arguments that choose the data, shared by all commands that read it.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::arguments::{at_least, misuse, one_of};
use super::report;
use crate::dataset::Dataset;
use crate::dataset::source::{self, Choice, Request};

/// Which images to work on.
#[derive(Debug, Args)]
pub(super) struct DataArgs {
    /// auto: MNIST if it is present or can be fetched, else synthetic (never for eval); mnist: never
    /// synthetic; synthetic: digits drawn by the program.
    #[arg(long, value_name = "DATA", value_parser = one_of::<Choice>(), default_value_t = Choice::Auto)]
    data: Choice,

    /// Folder with the four IDX files, gzipped or not: MNIST's, or others in its format [default:
    /// $MNIST_TCH_DATA, data/mnist, then the user's cache]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,

    /// Use at most N images of each split.
    #[arg(long, value_name = "N", value_parser = at_least(1_u32))]
    limit: Option<u32>,
}

impl DataArgs {
    /// Loads the same data again, from this folder unless an argument names another.
    pub(super) fn load_again(
        &self,
        choice: Choice,
        folder: Option<PathBuf>,
        limit: Option<usize>,
    ) -> Result<Dataset> {
        if let (Choice::Synthetic, Some(_)) = (choice, &self.data_dir) {
            return Err(misuse("synthetic data needs no files: omit --data-dir"));
        }
        let request = Request {
            choice,
            folder: self.data_dir.clone().or(folder),
            limit,
        };
        let mut reporter = report::DataReporter::default();
        source::open(&request, &mut |event| reporter.on(&event))
    }

    /// The maximum number of images of each split.
    pub(super) fn limit(&self) -> Option<usize> {
        self.limit.map(|limit| limit as usize)
    }

    /// Loads the data, reporting its origin and progress on stderr.
    pub(super) fn load(&self) -> Result<Dataset> {
        self.load_again(self.data, None, self.limit())
    }

    /// The same, but synthetic digits only if the user asks for them: figures measured on those say
    /// nothing about MNIST.
    pub(super) fn load_real(&self) -> Result<Dataset> {
        let choice = match self.data {
            Choice::Auto => Choice::Mnist,
            choice => choice,
        };
        self.load_again(choice, None, self.limit())
    }
}
