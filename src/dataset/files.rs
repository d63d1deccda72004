//! The four files of MNIST and of data sets in its format: their names, where they are searched,
//! and how they are read.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use sha2::{Digest, Sha256};

use super::gzip::{self, GzipError};
use super::idx;
use crate::storage::read_bounded;
use crate::tensors::{CLASSES, SIDE};

/// The environment variable that names a folder with the data.
pub const ENVIRONMENT: &str = "MNIST_TCH_DATA";

/// The folder in the working directory in which MNIST is searched.
pub const LOCAL: &str = "data/mnist";

/// The limit for reading and decompressing a file, so that a malicious one cannot exhaust memory.
/// MNIST's largest has 47 MB, and the largest data set in its format, EMNIST ByClass, 547 MB.
const MAX_BYTES: u64 = 1 << 30;

/// One of the four files.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// The file's name, without `.gz`.
    pub name: &'static str,
    /// SHA-256 of MNIST's own content, uncompressed.
    pub mnist_sha256: &'static str,
    split: &'static [&'static str],
    content: &'static str,
}

/// The four files of MNIST: training images and labels, test images and labels.
pub const PARTS: [Part; 4] = [
    Part {
        name: "train-images-idx3-ubyte",
        mnist_sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        split: &["train"],
        content: "images",
    },
    Part {
        name: "train-labels-idx1-ubyte",
        mnist_sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        split: &["train"],
        content: "labels",
    },
    Part {
        name: "t10k-images-idx3-ubyte",
        mnist_sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        split: &["t10k", "test"],
        content: "images",
    },
    Part {
        name: "t10k-labels-idx1-ubyte",
        mnist_sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        split: &["t10k", "test"],
        content: "labels",
    },
];

impl Part {
    /// The path in `folder` that this file is downloaded to.
    pub fn gz_path(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.gz", self.name))
    }

    /// Whether `folder` holds this file under MNIST's own name, gzipped or not.
    pub fn exists_in(&self, folder: &Path) -> bool {
        folder.join(self.name).exists() || self.gz_path(folder).exists()
    }

    /// Whether `folder` holds such a file undamaged, MNIST's or not.
    ///
    /// # Errors
    /// When the file cannot be read for another reason.
    pub fn is_intact(&self, folder: &Path) -> Result<bool> {
        if folder.join(self.name).exists() {
            return Ok(true);
        }
        let gz_path = self.gz_path(folder);
        if !gz_path.exists() {
            return Ok(false);
        }
        match read_file(&gz_path) {
            // A crash may have left an empty file.
            Ok(content) => Ok(!content.is_empty()),
            Err(failure) if is_damage(&failure) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// Whether a file name matches this part: MNIST's own name, or one like it
    /// (`train-images.idx3-ubyte`, `qmnist-test-labels-idx2-int.gz`).
    fn is_named(&self, file: &str) -> bool {
        file.contains("idx")
            && file.contains(self.content)
            && self.split.iter().any(|split| file.contains(split))
    }

    /// This part's file in `folder`: MNIST's own name first, uncompressed before gzipped.
    fn find(&self, folder: &Path) -> Result<Option<PathBuf>> {
        for path in [folder.join(self.name), self.gz_path(folder)] {
            if path.exists() {
                return Ok(Some(path));
            }
        }
        let entries = match fs::read_dir(folder) {
            Err(failure) if failure.kind() == ErrorKind::NotFound => return Ok(None),
            listed => listed.with_context(|| format!("listing {}", folder.display()))?,
        };
        let names = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        let mut matching: Vec<String> = names.filter(|name| self.is_named(name)).collect();
        matching.sort();
        matching.dedup_by(|gzipped, plain| gzipped.strip_suffix(".gz") == Some(plain));
        match &matching[..] {
            [] => Ok(None),
            [name] => Ok(Some(folder.join(name))),
            [one, two, ..] => bail!(
                "{one} and {two} in {} could both be {}: keep one data set per folder",
                folder.display(),
                self.name
            ),
        }
    }
}

/// The folder named by the environment variable.
pub fn named_by_environment() -> Option<PathBuf> {
    std::env::var_os(ENVIRONMENT)
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
}

/// The user's cache folder for MNIST, where the system has one.
pub fn cache() -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("mnist-tch").join("mnist"))
}

/// Whether a folder holds at least one of the four files.
pub fn holds_data(folder: &Path) -> bool {
    folder.is_dir()
        && PARTS
            .iter()
            .any(|part| !matches!(part.find(folder), Ok(None)))
}

/// The content of a data folder.
pub struct IdxDataset {
    /// `[N, 28, 28]`, 0..=255.
    pub train_pixels: Vec<u8>,
    /// `[N]`, 0..=9.
    pub train_labels: Vec<u8>,
    /// `[M, 28, 28]`, 0..=255.
    pub test_pixels: Vec<u8>,
    /// `[M]`, 0..=9.
    pub test_labels: Vec<u8>,
    /// File name to SHA-256 of its uncompressed content.
    pub sha256: BTreeMap<String, String>,
    /// Whether all four are MNIST's own.
    pub is_mnist: bool,
}

/// Reads the four files of a folder.
///
/// # Errors
/// When a file is missing, unreadable or damaged, images are not 28×28, or labels differ from the
/// images in number or are not in 0..=9; the message names the file.
pub fn read(folder: &Path) -> Result<IdxDataset> {
    ensure!(
        folder.is_dir(),
        "the data folder {} does not exist, or is not a folder",
        folder.display()
    );
    let mut sha256 = BTreeMap::new();
    let mut is_mnist = true;
    let mut load = |part: &Part| -> Result<(PathBuf, Vec<u8>)> {
        let path = part.find(folder)?.with_context(|| {
            format!(
                "{} holds no {}[.gz]; `mnist-tch download --data-dir {0}` fetches it",
                folder.display(),
                part.name
            )
        })?;
        let bytes = read_file(&path).map_err(|failure| {
            if !is_damage(&failure) || path != part.gz_path(folder) {
                return failure;
            }
            let folder = folder.display();
            anyhow!("{failure:#}; `mnist-tch download --data-dir {folder}` fetches it again")
        })?;
        let sum = hex(&Sha256::digest(&bytes));
        is_mnist &= sum == part.mnist_sha256;
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        sha256.insert(name, sum);
        Ok((path, bytes))
    };
    let [train_images, train_labels, test_images, test_labels] = &PARTS;
    let train = examples(load(train_images)?, load(train_labels)?)?;
    let test = examples(load(test_images)?, load(test_labels)?)?;
    Ok(IdxDataset {
        train_pixels: train.0,
        train_labels: train.1,
        test_pixels: test.0,
        test_labels: test.1,
        sha256,
        is_mnist,
    })
}

fn examples(images: (PathBuf, Vec<u8>), labels: (PathBuf, Vec<u8>)) -> Result<(Vec<u8>, Vec<u8>)> {
    let read_images = || format!("reading the images {}", images.0.display());
    let parsed = idx::images(&images.1).with_context(read_images)?;
    if (parsed.height, parsed.width) != (SIDE, SIDE) {
        let size = format!("they are {}×{} pixels", parsed.width, parsed.height);
        return Err(anyhow::anyhow!("{size}, {SIDE}×{SIDE} is needed")).with_context(read_images);
    }
    let count = parsed.count;
    let classes = idx::labels(&labels.1, CLASSES)
        .with_context(|| format!("reading the labels {}", labels.0.display()))?;
    ensure!(
        classes.len() == count,
        "{} has {count} images, {} has {} labels: they belong to different data sets",
        images.0.display(),
        labels.0.display(),
        classes.len()
    );
    ensure!(count > 0, "{} has no images", images.0.display());
    let pixels = parsed.pixels.to_vec();
    Ok((pixels, classes))
}

/// A file's content, decompressed if it is gzipped.
fn read_file(path: &Path) -> Result<Vec<u8>> {
    let read = || {
        let bytes = read_bounded(path, MAX_BYTES)?;
        if bytes.starts_with(&gzip::MAGIC) {
            anyhow::Ok(gzip::decompress(&bytes, MAX_BYTES)?)
        } else {
            Ok(bytes)
        }
    };
    read().with_context(|| format!("reading {}", path.display()))
}

fn is_damage(failure: &anyhow::Error) -> bool {
    matches!(failure.downcast_ref(), Some(GzipError::Damaged(_)))
}

/// Lower-case hexadecimal, as checksums are written.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
