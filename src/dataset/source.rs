//! Loading of the requested data set.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use strum::{Display, EnumString, VariantNames};

use super::download::{self, Limits, MIRRORS};
use super::{Dataset, files, synthetic};

/// What the user asked for with `--data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum Choice {
    /// MNIST if it is present or can be downloaded, else synthetic digits.
    Auto,
    /// MNIST, or the data set in the folder that the user names; never synthetic digits.
    Mnist,
    /// Digits drawn by the program itself.
    Synthetic,
}

/// Which data set, and how much of it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which data set.
    pub choice: Choice,
    /// The folder of its files. `None` uses the folder named by the environment variable, else
    /// [`files::LOCAL`], else the user's cache.
    pub folder: Option<PathBuf>,
    /// The maximum number of images per split.
    pub limit: Option<usize>,
}

/// What loading a data set reports.
pub enum Event<'a> {
    /// A file is being downloaded.
    Downloading(download::Progress<'a>),
    /// All files have been downloaded into this folder.
    Downloaded(&'a Path),
    /// Synthetic digits replace MNIST, for this reason.
    FallingBack(&'a anyhow::Error),
}

/// Seed of the synthetic digits: fixed, so that they are the same for everyone.
const SYNTHETIC_SEED: u64 = 0;

/// MNIST's numbers of training and test images.
const SYNTHETIC_COUNTS: (usize, usize) = (60_000, 10_000);

/// Loads the data set, and downloads MNIST first if it is not found.
///
/// # Errors
/// When files cannot be read, or MNIST is requested and can be neither found nor downloaded.
pub fn open(request: &Request, on_event: &mut dyn FnMut(Event<'_>)) -> Result<Dataset> {
    let dataset = match request.choice {
        Choice::Synthetic => drawn(request),
        Choice::Mnist => Dataset::from_files(&find_or_fetch(request, on_event)?)?,
        Choice::Auto => match find_or_fetch(request, on_event) {
            Ok(folder) => Dataset::from_files(&folder)?,
            Err(failure) => {
                on_event(Event::FallingBack(&failure));
                drawn(request)
            }
        },
    };
    Ok(match request.limit {
        Some(limit) => dataset.first(limit),
        None => dataset,
    })
}

/// The folder to read from; a folder named by the user is used as it is.
fn find_or_fetch(request: &Request, on_event: &mut dyn FnMut(Event<'_>)) -> Result<PathBuf> {
    if let Some(folder) = &request.folder {
        return Ok(folder.clone());
    }
    if let Some(folder) = files::named_by_environment() {
        return Ok(folder);
    }
    let local = PathBuf::from(files::LOCAL);
    match files::holds_data(&local) {
        true => Ok(local),
        false => fetch(on_event),
    }
}

/// The user's cache folder, after downloading missing files into it.
fn fetch(on_event: &mut dyn FnMut(Event<'_>)) -> Result<PathBuf> {
    let folder =
        files::cache().context("looking for your cache folder: name one with --data-dir")?;
    // Whether they are intact is checked when they are read.
    if files::PARTS.iter().all(|part| part.exists_in(&folder)) {
        return Ok(folder);
    }
    let fetched = download::fetch(&folder, &MIRRORS, &Limits::DEFAULT, &mut |progress| {
        on_event(Event::Downloading(progress));
    })
    .context(
        "MNIST is not on this machine; put its four files into a folder and name it with \
         --data-dir or $MNIST_TCH_DATA",
    )?;
    if fetched > 0 {
        on_event(Event::Downloaded(&folder));
    }
    Ok(folder)
}

fn drawn(request: &Request) -> Dataset {
    let limit = request.limit.unwrap_or(usize::MAX);
    // The validation split is taken from the training images, hence twice the limit.
    let train = SYNTHETIC_COUNTS.0.min(limit.saturating_mul(2));
    let test = SYNTHETIC_COUNTS.1.min(limit);
    let digits = synthetic::digits(train + test, SYNTHETIC_SEED);
    Dataset::from_synthetic(&digits, train)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synthetic(limit: usize) -> Request {
        Request {
            choice: Choice::Synthetic,
            folder: None,
            limit: Some(limit),
        }
    }

    #[test]
    fn no_more_synthetic_digits_are_drawn_than_the_limit_needs() {
        let drawn = drawn(&synthetic(30));
        assert_eq!(drawn.train.len() + drawn.validation.len(), 60);
        assert_eq!((drawn.validation.len(), drawn.test.len()), (5, 30));
        assert_eq!(drawn.origin.name, "synthetic");
        let opened = open(&synthetic(30), &mut |_| panic!("an event")).unwrap();
        assert_eq!((opened.train.len(), opened.test.len()), (30, 30));
    }

    #[test]
    fn a_folder_that_the_user_names_is_read_and_nothing_replaces_it() {
        let folder = tempfile::tempdir().unwrap();
        let request = Request {
            choice: Choice::Auto,
            folder: Some(folder.path().to_owned()),
            limit: None,
        };
        let failure = open(&request, &mut |_| panic!("an event")).unwrap_err();
        let text = failure.to_string();
        let named = format!("{} holds no train-images", folder.path().display());
        assert!(text.starts_with(&named), "{text}");
    }
}
