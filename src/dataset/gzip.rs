//! Unpacking gzip data that nobody vouches for.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use thiserror::Error;

/// How gzip data begins.
pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What is wrong with gzip data.
#[derive(Debug, Error)]
pub enum GzipError {
    /// It is no gzip data, or not all of it, or fails its own checksum.
    #[error("the file is damaged or cut short")]
    Damaged(#[source] io::Error),
    /// It holds more than it may.
    #[error("it unpacks to more than {0} bytes")]
    TooLarge(u64),
}

/// Unpacks gzip data, up to `most` bytes.
///
/// # Errors
/// When the data is damaged or cut short, or holds more than that.
pub fn decompress(packed: &[u8], most: u64) -> Result<Vec<u8>, GzipError> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed)
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(GzipError::Damaged)?;
    if bytes.len() as u64 > most {
        return Err(GzipError::TooLarge(most));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn cuts_and_damage_are_noticed() {
        let content: Vec<u8> = (0..5000_u32)
            .map(|index| (index * index / 7) as u8)
            .collect();
        let whole = packed(&content);
        assert_eq!(decompress(&whole, 5000).unwrap(), content);
        for length in [0, 1, 9, whole.len() / 2, whole.len() - 1] {
            let cut = decompress(&whole[..length], 5000);
            assert!(matches!(cut, Err(GzipError::Damaged(_))), "{length} bytes");
        }
        let mut damaged = whole.clone();
        damaged[whole.len() / 2] ^= 1;
        let damaged = decompress(&damaged, 5000);
        assert!(matches!(damaged, Err(GzipError::Damaged(_))));
    }

    #[test]
    fn a_bomb_is_unpacked_no_further_than_the_limit() {
        let bomb = packed(&[0; 1 << 20]);
        assert!(matches!(
            decompress(&bomb, 999),
            Err(GzipError::TooLarge(999))
        ));
        assert_eq!(decompress(&bomb, 1 << 20).unwrap().len(), 1 << 20);
    }
}
