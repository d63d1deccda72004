//! Decompression of untrusted gzip data.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use thiserror::Error;

/// The first bytes of gzip data.
pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// An error in gzip data.
#[derive(Debug, Error)]
pub enum GzipError {
    /// It is not gzip data, is truncated, or fails its checksum.
    #[error("the file is damaged or cut short")]
    Damaged(#[source] io::Error),
    /// It decompresses to more than the limit.
    #[error("it decompresses to more than {0} bytes")]
    TooLarge(u64),
}

/// Decompresses gzip data, up to `max` bytes.
///
/// # Errors
/// When the data is damaged or truncated, or decompresses to more than that.
pub fn decompress(compressed: &[u8], max: u64) -> Result<Vec<u8>, GzipError> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(compressed)
        .take(max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(GzipError::Damaged)?;
    if bytes.len() as u64 > max {
        return Err(GzipError::TooLarge(max));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn compressed(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn truncation_and_damage_are_detected() {
        let content: Vec<u8> = (0..5000_u32)
            .map(|index| (index * index / 7) as u8)
            .collect();
        let whole = compressed(&content);
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
    fn a_bomb_is_decompressed_only_up_to_the_limit() {
        let bomb = compressed(&[0; 1 << 20]);
        assert!(matches!(
            decompress(&bomb, 999),
            Err(GzipError::TooLarge(999))
        ));
        assert_eq!(decompress(&bomb, 1 << 20).unwrap().len(), 1 << 20);
    }
}
