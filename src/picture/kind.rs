//! Whether something is a picture, judging by its first bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::ImageFormat;

/// Enough bytes to recognize every format.
const HEAD: u64 = 16;

/// Phones' formats, which are reported as unsupported rather than skipped.
const UNSUPPORTED: [&str; 3] = ["heic", "heif", "avif"];

/// Whether the first bytes are those of a picture, of a supported format or another.
///
/// The signatures of some formats are only two letters, which a text may begin with too (`BM`,
/// `P1`); but no picture goes long without control characters.
pub fn is_picture(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD as usize)];
    let is_text = |byte: &u8| !byte.is_ascii_control() || byte.is_ascii_whitespace();
    if head.iter().all(is_text) {
        return false;
    }
    // HEIC and AVIF are reported as unsupported.
    image::guess_format(head).is_ok() || head.get(4..8) == Some(b"ftyp")
}

/// Whether a file is a picture by its name or by its content; the name also covers empty, damaged
/// and unreadable files.
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn every_supported_format_is_recognized_by_its_first_bytes() {
        for (width, height) in [(28, 28), (2570, 10)] {
            let picture = image::DynamicImage::new_rgb8(width, height);
            for format in [
                ImageFormat::Png,
                ImageFormat::Jpeg,
                ImageFormat::Bmp,
                ImageFormat::Gif,
                ImageFormat::Tiff,
                ImageFormat::WebP,
            ] {
                let mut file = Cursor::new(vec![]);
                picture.write_to(&mut file, format).unwrap();
                assert!(is_picture(file.get_ref()), "{format:?} {width}");
            }
        }
        assert!(is_picture(b"\0\0\0\x18ftypheic"));
    }

    #[test]
    fn a_text_is_not_a_picture_whatever_it_begins_with() {
        for text in [
            "BM1.png\nBM2.png\n",
            "P1/5.png\r\n",
            "P5_scan.jpg",
            "GIF89a is a format",
            "",
        ] {
            assert!(!is_picture(text.as_bytes()), "{text:?}");
        }
    }
}
