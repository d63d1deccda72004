//! The bytes of an image file, up to a limit.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::ImageError;

/// More than the largest decodable picture takes without any compression; a pipe or device named by
/// mistake may never end.
const MAX_BYTES: u64 = 320 << 20;

/// Reads an image file without checking its content.
///
/// # Errors
/// [`ImageError::File`] when the file cannot be read, [`ImageError::TooLarge`] above 320 MiB.
pub fn load(path: &Path) -> Result<Vec<u8>, ImageError> {
    load_from(File::open(path)?)
}

/// The same from any source of bytes.
///
/// # Errors
/// As [`load`].
pub fn load_from(file: impl Read) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    match read as u64 > MAX_BYTES {
        true => Err(ImageError::TooLarge),
        false => Ok(bytes),
    }
}
