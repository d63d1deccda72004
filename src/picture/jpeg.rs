//! Whether a JPEG is complete: decoders fill missing parts with grey, which may look like a digit.

/// Start of the image data (ITU-T T.81, table B.1).
const START_OF_SCAN: u8 = 0xda;
/// The marker that ends the image.
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

/// Whether the bytes are those of a JPEG whose end is missing.
pub(super) fn is_truncated(bytes: &[u8]) -> bool {
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return false;
    }
    // A thumbnail in the header has its own end marker: look only after the header.
    let data = scan(bytes).and_then(|start| bytes.get(start..));
    data.is_none_or(|data| !data.windows(2).any(|pair| pair == END_OF_IMAGE))
}

/// Where the first scan begins, after all segments of the header.
fn scan(bytes: &[u8]) -> Option<usize> {
    let mut place = 2;
    loop {
        let marker = *bytes.get(place + 1)?;
        match marker {
            // Any number of these fill bytes may precede a marker.
            0xff => place += 1,
            START_OF_SCAN => return Some(place),
            _ => {
                let length = bytes.get(place + 2..place + 4)?;
                place += 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{GrayImage, ImageFormat};

    use super::*;

    #[test]
    fn only_complete_jpegs_are_complete() {
        let mut jpeg = Cursor::new(vec![]);
        let picture = GrayImage::from_fn(64, 64, |x, y| image::Luma([(x * y) as u8]));
        picture.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        let jpeg = jpeg.into_inner();
        assert!(!is_truncated(&jpeg));
        for length in 2..jpeg.len() - 1 {
            assert!(is_truncated(&jpeg[..length]), "{length} bytes");
        }
        // Phones append data after the picture, and put thumbnails with an end marker before it.
        assert!(!is_truncated(&[&jpeg[..], b"more"].concat()));
        let thumbnail = b"\xff\xe1\x00\x06\xff\xd8\xff\xd9";
        let tagged = [&jpeg[..2], thumbnail, &jpeg[2..]].concat();
        assert!(!is_truncated(&tagged));
        assert!(is_truncated(&tagged[..tagged.len() / 2]));
        assert!(!is_truncated(b"GIF89a"));
    }
}
