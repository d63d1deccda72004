//! The pictures in a folder, recognized by their content, and what else is there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use alphanumeric_sort::compare_os_str;
use anyhow::{Error, Result, anyhow};
use walkdir::{DirEntry, WalkDir};

use super::Input;
use crate::picture::is_picture_file;

/// How many of the skipped files are named.
const NAMED: usize = 3;

/// The pictures in a folder and in the folders below it, then a note of what was skipped. Hidden
/// files and folders are ignored.
pub(super) fn inputs(folder: &Path) -> Vec<Result<Input>> {
    let visible = |entry: &DirEntry| entry.depth() == 0 || !is_hidden(entry.file_name());
    // Links are followed, so that broken and circular ones are reported.
    let entries = WalkDir::new(folder)
        .follow_links(true)
        .sort_by(|a, b| {
            let (a, b) = (a.file_name(), b.file_name());
            compare_os_str(a, b).then_with(|| a.cmp(b))
        })
        .into_iter()
        .filter_entry(visible);
    let (mut found, mut skipped) = (vec![], vec![]);
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) if entry.file_type().is_file() && is_picture_file(entry.path()) => {
                found.push(Ok(Input::File(entry.into_path())));
            }
            Ok(entry) => skipped.push(entry.into_path()),
            Err(failure) if failure.path().is_some_and(is_hidden_path) => {}
            Err(failure) => found.push(Err(described(failure))),
        }
    }
    if found.is_empty() {
        found.push(Err(anyhow!(
            "there is no image in the folder {}",
            folder.display()
        )));
    }
    if !skipped.is_empty() {
        found.push(Ok(Input::Note(note(folder, &skipped))));
    }
    found
}

/// What is wrong with an entry of a folder, in one sentence.
fn described(failure: walkdir::Error) -> Error {
    let broken_link = failure
        .path()
        .filter(|path| path.is_symlink() && !path.exists());
    match broken_link {
        Some(path) => anyhow!(
            "reading the image {}: it is a link to a file that does not exist",
            path.display()
        ),
        None => Error::new(failure).context("looking for images"),
    }
}

/// `note: scans: 2 files are not images and were skipped: notes.txt, table.csv`.
fn note(folder: &Path, skipped: &[PathBuf]) -> String {
    let names = skipped.iter().take(NAMED).map(|path| {
        let name = path.strip_prefix(folder).unwrap_or(path);
        name.display().to_string()
    });
    let mut names: Vec<String> = names.collect();
    if skipped.len() > NAMED {
        names.push("…".to_owned());
    }
    let what = match skipped.len() {
        1 => "1 file is not an image and was skipped".to_owned(),
        count => format!("{count} files are not images and were skipped"),
    };
    format!("note: {}: {what}: {}", folder.display(), names.join(", "))
}

fn is_hidden_path(path: &Path) -> bool {
    path.file_name().is_some_and(is_hidden)
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}
