//! Where a picture comes from.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::picture::{self, ImageError};
use crate::recognizer::{Prepared, prepare, prepare_sheet};

/// A file, or what came on stdin.
pub(super) struct Source {
    path: PathBuf,
    /// None if they are still in the file.
    bytes: Option<Vec<u8>>,
}

impl Source {
    pub(super) fn file(path: PathBuf) -> Self {
        Self { path, bytes: None }
    }

    pub(super) fn stdin(bytes: Vec<u8>) -> Self {
        Self {
            path: PathBuf::from("stdin"),
            bytes: Some(bytes),
        }
    }

    /// The file's path, or `stdin`.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The picture, ready for the networks.
    pub(super) fn prepare(&self) -> Result<Prepared, ImageError> {
        prepare(&self.load()?)
    }

    /// The same for a picture of a whole sheet.
    pub(super) fn prepare_sheet(&self) -> Result<Prepared, ImageError> {
        prepare_sheet(&self.load()?)
    }

    /// The bytes of the image file.
    pub(super) fn load(&self) -> Result<Cow<'_, [u8]>, ImageError> {
        match &self.bytes {
            Some(bytes) => Ok(Cow::Borrowed(bytes)),
            None => picture::load(&self.path).map(Cow::Owned),
        }
    }
}
