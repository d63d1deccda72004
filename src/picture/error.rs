//! Why a picture cannot be read.

use image::ImageFormat;
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
    /// The content is of no known picture format.
    #[error("not an image; give a PNG, JPEG, WebP, GIF, BMP or TIFF file")]
    NotAnImage,
    /// A picture of an unsupported format or variant, with its name.
    #[error("{0} files are not supported; save the picture as PNG or JPEG")]
    Unsupported(String),
    /// Decoding would take more memory than is allowed.
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
                ImageFormatHint::Exact(format) => format!("such {}", name_of(format)),
                _ => "such picture".into(),
            }),
            other => Self::Damaged(other.to_string()),
        }
    }
}

/// The usual spelling of the format's name.
pub(super) fn name_of(format: ImageFormat) -> String {
    match format {
        ImageFormat::WebP => "WebP".into(),
        ImageFormat::OpenExr => "OpenEXR".into(),
        ImageFormat::Hdr => "Radiance HDR".into(),
        ImageFormat::Farbfeld => "Farbfeld".into(),
        abbreviated => format!("{abbreviated:?}").to_uppercase(),
    }
}
