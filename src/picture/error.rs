//! Why a picture has no answer.

use image::error::ImageFormatHint;

use super::budget::BYTES as DECODING;

/// Why a picture cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// The file holds no bytes.
    #[error("the file is empty")]
    Empty,
    /// The content is that of no known picture format.
    #[error("not an image; give a PNG, JPEG, WebP, GIF, BMP or TIFF file")]
    NotAnImage,
    /// A picture, but of a format or variant that is not read; names it.
    #[error("{0} is not supported; save the picture as PNG or JPEG")]
    Unsupported(String),
    /// Decoding would take more memory than a picture may.
    #[error(
        "too large to decode within {} MB; reduce the picture to 24 megapixels",
        DECODING >> 20
    )]
    TooLarge,
    /// The content starts like a picture but does not decode.
    #[error("damaged or cut short ({0})")]
    Damaged(String),
}

impl From<image::ImageError> for ImageError {
    fn from(error: image::ImageError) -> Self {
        match error {
            image::ImageError::Limits(_) => Self::TooLarge,
            image::ImageError::Unsupported(what) => Self::Unsupported(match what.format_hint() {
                ImageFormatHint::Exact(format) => format!("this kind of {format:?}"),
                _ => "this kind of picture".into(),
            }),
            other => Self::Damaged(other.to_string()),
        }
    }
}
