//! Whether something is a picture, told by its first bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::ImageFormat;

/// So many bytes tell every format.
const HEAD: u64 = 16;

/// Phones' formats, which are told as not supported instead of passed over.
const UNSUPPORTED: [&str; 3] = ["heic", "heif", "avif"];

/// Whether the first bytes are those of a picture, of a supported format or another.
pub fn is_picture(head: &[u8]) -> bool {
    // HEIC and AVIF are told as not supported.
    image::guess_format(head).is_ok() || head.get(4..8) == Some(b"ftyp")
}

/// Whether a file is a picture by its content or, where that is empty, damaged or unreadable, was to be
/// one by its name.
pub fn is_picture_file(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    let is_ending = |other: &&str| ending.eq_ignore_ascii_case(other);
    if ImageFormat::from_extension(ending).is_some() || UNSUPPORTED.iter().any(is_ending) {
        return true;
    }
    let mut head = vec![];
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    read.is_ok() && is_picture(&head)
}
