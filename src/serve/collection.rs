//! A folder of corrected cells: their pictures in `images/`, and their labels in `labels.tsv`, as
//! `eval --wild` reads them.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use image::RgbImage;
use sha2::{Digest, Sha256};

use crate::evaluation::labels::{COLUMNS, LABELS, Label};
use crate::plots;
use crate::storage::{Lock, read_bounded, remove_unfinished, write_atomic};

/// Most pictures in a folder: some hundred megabytes, and more than anyone corrects.
pub(super) const MAX_PICTURES: usize = 100_000;

/// Largest list of labels, in bytes: lines have less than 150.
const MAX_BYTES: u64 = 16 << 20;

/// The kind of all pictures here.
pub(super) const KIND: &str = "cell";
/// Where they come from.
const SOURCE: &str = "serve";

/// Name of the column with what the program had read.
const READ: &str = "read";

/// A folder to which corrected cells are added.
#[derive(Debug)]
pub struct Collection {
    folder: PathBuf,
    /// The rows of the list, in the order in which they were added.
    rows: Mutex<Vec<Row>>,
    /// No other process adds to the folder meanwhile.
    _lock: Lock,
}

/// A picture and its label.
#[derive(Clone, Debug)]
struct Row {
    file: String,
    /// The rest of its line.
    rest: String,
}

/// Why a correction is not kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// The folder has as many pictures as it may have.
    #[error(
        "{0} has {MAX_PICTURES} corrections, the most that are kept: name another folder with --collect"
    )]
    Full(String),
    /// The folder cannot be written to.
    #[error(transparent)]
    Storage(#[from] anyhow::Error),
}

impl Collection {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// When it cannot be made or written to, another process collects there, or its `labels.tsv` is not
    /// of a collection.
    pub fn open(folder: &Path) -> Result<Self> {
        make(folder)?;
        let lock = Lock::acquire(folder)?;
        let list = folder.join(LABELS);
        let reading = || format!("reading {}", list.display());
        let rows = match list.exists() {
            true => rows(&list).with_context(reading)?,
            false => vec![],
        };
        let images = folder.join("images");
        make(&images)?;
        for folder in [folder, &images] {
            remove_unfinished(folder)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            rows: Mutex::new(rows),
            _lock: lock,
        })
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How many pictures it has.
    pub(super) fn len(&self) -> usize {
        let rows = self.rows.lock();
        rows.unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Adds a picture, with what it shows and what had been `read` in it: characters of numbers and `?`.
    /// The same picture gets its new label in place of the old one. Returns its name.
    ///
    /// # Errors
    /// When there are too many, or the folder cannot be written to.
    pub(super) fn add(
        &self,
        picture: &RgbImage,
        label: &Label,
        read: &str,
    ) -> Result<String, Refused> {
        let mut kept = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let file = name(picture);
        let rest = [&label.to_string(), KIND, SOURCE, read].join("\t");
        let row = Row {
            file: file.clone(),
            rest,
        };
        let mut rows = kept.clone();
        match rows.iter().position(|row| row.file == file) {
            Some(at) => rows[at] = row,
            None if rows.len() >= MAX_PICTURES => {
                return Err(Refused::Full(self.folder.display().to_string()));
            }
            None => rows.push(row),
        }
        // The picture first, so that each label has one.
        plots::save(picture, &self.folder.join("images").join(&file))?;
        write_atomic(&self.folder.join(LABELS), list(&rows).as_bytes())?;
        *kept = rows;
        Ok(file)
    }
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))
}

/// By its content, so that two requests never have one name for different pictures.
fn name(picture: &RgbImage) -> String {
    let (width, height) = picture.dimensions();
    let mut hash = Sha256::new();
    hash.update(width.to_le_bytes());
    hash.update(height.to_le_bytes());
    hash.update(picture.as_raw());
    let mut name = format!("{KIND}-");
    for byte in &hash.finalize()[..8] {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name + ".png"
}

fn header() -> String {
    [&COLUMNS.join("\t"), READ].join("\t")
}

fn list(rows: &[Row]) -> String {
    let rows = rows
        .iter()
        .map(|row| format!("{}\t{}\n", row.file, row.rest));
    format!("{}\n{}", header(), rows.collect::<String>())
}

/// The rows of a list that was written here.
fn rows(path: &Path) -> Result<Vec<Row>> {
    let text = String::from_utf8(read_bounded(path, MAX_BYTES)?)?;
    let mut lines = text.lines();
    ensure!(
        lines.next() == Some(&*header()),
        "it is not a list of corrections; name another folder with --collect"
    );
    let row = |(line, number): (&str, usize)| {
        let (file, rest) = line
            .split_once('\t')
            .with_context(|| format!("line {number}"))?;
        Ok(Row {
            file: file.to_owned(),
            rest: rest.to_owned(),
        })
    };
    lines.zip(2..).map(row).collect()
}

#[cfg(test)]
mod tests;
