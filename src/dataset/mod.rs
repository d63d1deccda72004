//! Data sets: their sources, splits and batches.

pub mod augment;
pub mod download;
pub mod files;
pub mod gzip;
pub mod idx;
pub mod mixture;
pub mod source;
pub mod synthetic;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};
use tch::{Device, Kind, Tensor};

use crate::tensors::{PIXELS, images_from_bytes};

/// Size of the validation split, the end of the training file: MNIST's last 5,000 images.
const VALIDATION: usize = 5_000;

/// In smaller data sets it is one in this many images of the training file, which is the same for
/// MNIST.
const VALIDATION_PART: usize = 12;

/// Images with labels.
#[derive(Debug)]
pub struct Examples {
    /// `u8 [N, 28, 28]`, 0..=255, white ink on black.
    pub images: Tensor,
    /// `i64 [N]`, 0..=9; in a training split also [`NO_DIGIT`](crate::tensors::NO_DIGIT).
    pub labels: Tensor,
}

/// The origin of a data set, for the run's files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// `mnist`, `synthetic`, or `idx` for any other set of four files.
    pub name: String,
    /// The folder that it was read from.
    pub folder: Option<PathBuf>,
    /// File name to SHA-256 of its uncompressed content.
    pub sha256: BTreeMap<String, String>,
}

impl Origin {
    /// The name of the data set in plots.
    pub fn title(&self) -> &'static str {
        match self.name.as_str() {
            "mnist" => "MNIST",
            "synthetic" => "synthetic digits",
            _ => "your own data",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.folder, self.name.as_str()) {
            (None, _) => f.write_str("synthetic digits, drawn by the program"),
            (Some(folder), "mnist") => write!(f, "MNIST from {}", folder.display()),
            (Some(folder), _) => write!(f, "images of your own from {}", folder.display()),
        }
    }
}

/// The three splits.
#[derive(Debug)]
pub struct Dataset {
    /// For training.
    pub train: Examples,
    /// For selecting the best epoch and all settings.
    pub validation: Examples,
    /// For the final evaluation.
    pub test: Examples,
    /// The origin of the data.
    pub origin: Origin,
}

impl Dataset {
    /// Reads the four IDX files of a folder.
    ///
    /// # Errors
    /// As [`files::read`].
    pub fn from_files(folder: &Path) -> Result<Self> {
        let content = files::read(folder)?;
        let name = if content.is_mnist { "mnist" } else { "idx" };
        let origin = Origin {
            name: name.to_owned(),
            folder: Some(folder.to_owned()),
            sha256: content.sha256,
        };
        let training = Examples::from_bytes(&content.train_pixels, &content.train_labels);
        let test = Examples::from_bytes(&content.test_pixels, &content.test_labels);
        Ok(Self::split(training, test, origin))
    }

    /// Splits synthetic digits as if the first `train` were the training file and the others the
    /// test file.
    fn from_synthetic(digits: &synthetic::Digits, train: usize) -> Self {
        let all = Examples::from_bytes(&digits.pixels, &digits.labels);
        let origin = Origin {
            name: "synthetic".to_owned(),
            folder: None,
            sha256: BTreeMap::new(),
        };
        Self::split(all.range(0, train), all.range(train, all.len()), origin)
    }

    fn split(training: Examples, test: Examples, origin: Origin) -> Self {
        let count = training.len();
        // At least one image is for validation.
        let validation = VALIDATION.min(count / VALIDATION_PART).max(1).min(count);
        let train = training.range(0, count - validation);
        Self {
            train,
            validation: training.range(count - validation, count),
            test,
            origin,
        }
    }

    /// At most the first `limit` images of each split.
    fn first(self, limit: usize) -> Self {
        let first = |examples: Examples| examples.range(0, limit.min(examples.len()));
        let Self {
            train,
            validation,
            test,
            origin,
        } = self;
        Self {
            train: first(train),
            validation: first(validation),
            test: first(test),
            origin,
        }
    }

    /// One of the three splits.
    pub fn examples(&self, split: Split) -> &Examples {
        match split {
            Split::Train => &self.train,
            Split::Validation => &self.validation,
            Split::Test => &self.test,
        }
    }
}

/// The name of a split.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Split {
    /// See [`Dataset::train`].
    Train,
    /// See [`Dataset::validation`].
    Validation,
    /// See [`Dataset::test`].
    Test,
}

impl Split {
    /// All three, in the order of their use.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Its name for `--split`.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "training",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}

impl Examples {
    /// `pixels` holds N·784 bytes and `labels` N.
    fn from_bytes(pixels: &[u8], labels: &[u8]) -> Self {
        let labels = Tensor::from_slice(labels).to_kind(Kind::Int64);
        Self {
            images: images_from_bytes(pixels),
            labels,
        }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.images
            .size()
            .first()
            .map_or(0, |&count| count as usize)
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pixels `[28, 28]` and the label of one example.
    pub fn example(&self, index: usize) -> ([u8; PIXELS], u8) {
        let mut pixels = [0; PIXELS];
        self.images.get(index as i64).copy_data(&mut pixels, PIXELS);
        (pixels, self.labels.int64_value(&[index as i64]) as u8)
    }

    /// The same examples on another device.
    pub fn to_device(&self, device: Device) -> Self {
        Self {
            images: self.images.to_device(device),
            labels: self.labels.to_device(device),
        }
    }

    /// The examples from `start` up to `end`, as a view.
    fn range(&self, start: usize, end: usize) -> Self {
        let view = |tensor: &Tensor| tensor.narrow(0, start as i64, (end - start) as i64);
        Self {
            images: view(&self.images),
            labels: view(&self.labels),
        }
    }

    /// These examples followed by others.
    fn concat(&self, others: &Self) -> Self {
        Self {
            images: Tensor::cat(&[&self.images, &others.images], 0),
            labels: Tensor::cat(&[&self.labels, &others.labels], 0),
        }
    }

    /// All examples in order, in batches of `size`; the last batch may be smaller.
    pub fn batches(&self, size: usize) -> impl Iterator<Item = Examples> + '_ {
        let count = self.len();
        (0..count)
            .step_by(size)
            .map(move |start| self.range(start, count.min(start + size)))
    }
}

#[cfg(test)]
mod tests;
