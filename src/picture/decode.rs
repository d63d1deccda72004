//! From the bytes of a picture to an upright colour picture of bounded size.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, imageops};

use super::backdrop::on_paper;
use super::error::name_of;
use super::{ImageError, budget, jpeg, reduce};

/// Longest side of [`Upright::colour`], in pixels: a pen stroke in a phone photo is still several
/// pixels wide.
const MAX_SIDE: u32 = 1000;

/// The same for [`decode_sheet`]: on a sheet, digits are small.
const SHEET_SIDE: u32 = 1600;

/// A picture as a person sees it: upright, opaque, of bounded size.
pub struct Upright {
    /// At most 1000 pixels on the longest side; of a sheet 1600.
    pub colour: RgbImage,
    /// Pixels of the original picture per pixel of `colour`, along one side; at least 1.
    pub scale: f64,
    /// Width and height of the original picture, upright.
    pub size: [u32; 2],
}

/// Decodes `bytes` by their content, applies the EXIF orientation, composites transparent parts
/// over a background and reduces the picture.
///
/// Takes at most 512 MB, whatever the file claims and however many threads decode at once: pictures
/// that are too large are refused, and those that are too large together wait for each other.
///
/// # Errors
/// Every kind of [`ImageError`].
pub fn decode(bytes: &[u8]) -> Result<Upright, ImageError> {
    decode_within(bytes, MAX_SIDE)
}

/// The same for a picture of a whole sheet, which is reduced less.
///
/// # Errors
/// Every kind of [`ImageError`].
pub fn decode_sheet(bytes: &[u8]) -> Result<Upright, ImageError> {
    decode_within(bytes, SHEET_SIDE)
}

fn decode_within(bytes: &[u8], most: u32) -> Result<Upright, ImageError> {
    let (mut decoder, cost) = open(bytes)?;
    let (width, height) = decoder.dimensions();
    // An unreadable tag is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let has_alpha = decoder.color_type().has_alpha();
    let opaque = {
        let _share = budget::reserve(cost);
        let picture = DynamicImage::from_decoder(decoder)?;
        match reduce::as_is(&picture) {
            Some(opaque) => opaque,
            None => {
                let reduced = reduce::reduced(&picture);
                match has_alpha {
                    true => on_paper(&reduced),
                    false => DynamicImage::ImageRgba8(reduced).into_rgb8(),
                }
            }
        }
    };
    let mut upright = DynamicImage::ImageRgb8(opaque);
    upright.apply_orientation(orientation);
    let upright = upright.into_rgb8();
    let longest = upright.width().max(upright.height());
    let side = |length: u32| (length * most / longest).max(1);
    let colour = if longest <= most {
        upright
    } else {
        imageops::thumbnail(&upright, side(upright.width()), side(upright.height()))
    };
    let scale = f64::from(width.max(height)) / f64::from(longest.min(most));
    Ok(Upright {
        colour,
        scale,
        size: match orientation {
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => [height, width],
            _ => [width, height],
        },
    })
}

/// The decoder for the format of the bytes, whatever the file's name, and the memory it will take.
fn open(bytes: &[u8]) -> Result<(impl ImageDecoder + '_, u64), ImageError> {
    if bytes.is_empty() {
        return Err(ImageError::Empty);
    }
    if jpeg::is_truncated(bytes) {
        return Err(ImageError::Damaged("its end is missing".into()));
    }
    // Phones store HEIC and AVIF in this container, which the image crate does not tell apart.
    if bytes.get(4..8) == Some(b"ftyp") {
        return Err(ImageError::Unsupported("HEIC or AVIF".into()));
    }
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(image::ImageError::IoError)?;
    let format = reader.format().ok_or(ImageError::NotAnImage)?;
    if !format.reading_enabled() {
        return Err(ImageError::Unsupported(name_of(format)));
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(budget::BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(ImageError::Damaged("it has no pixels".into()));
    }
    let cost = cost(format, &decoder, bytes);
    if cost > budget::BYTES {
        return Err(ImageError::TooLarge);
    }
    Ok((decoder, cost))
}

/// Most bytes that decoding takes: the picture, and the decoder's own buffers.
fn cost(format: ImageFormat, decoder: &impl ImageDecoder, bytes: &[u8]) -> u64 {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let picture = decoder.total_bytes();
    let beside = match format {
        // The decoder copies the file.
        ImageFormat::Jpeg => bytes.len() as u64 + coefficients(bytes, pixels),
        // The lossless format decodes to four channels, the lossy one to three planes.
        ImageFormat::WebP | ImageFormat::Gif => pixels * 4,
        ImageFormat::Tiff => picture,
        _ => 0,
    };
    picture
        .saturating_add(beside)
        .saturating_add(bytes.len() as u64)
}

/// Bytes of the coefficients that the decoder of a JPEG keeps until the end: none, unless the
/// frame is progressive.
fn coefficients(jpeg: &[u8], pixels: u64) -> u64 {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    while let [0xff, marker, high, low, ..] = *rest {
        match marker {
            0xff => rest = &rest[1..],
            0xc0 | 0xc1 => return 0,
            0xc2 => return 2 * samples(rest, pixels),
            _ => {
                let length = 2 + usize::from(u16::from_be_bytes([high, low]));
                rest = rest.get(length..).unwrap_or_default();
            }
        }
    }
    // For an unknown header the worst is assumed: four components of full size.
    8 * pixels
}

/// Samples of all components that a frame header, marker first, declares for `pixels` pixels.
fn samples(frame: &[u8], pixels: u64) -> u64 {
    let count = frame.get(9).map_or(4, |count| usize::from(*count));
    let components = frame
        .get(10..)
        .unwrap_or_default()
        .chunks_exact(3)
        .take(count);
    let areas =
        components.map(|component| u64::from(component[1] >> 4) * u64::from(component[1] & 15));
    let (sum, most) = areas.fold((0, 1), |(sum, most), area| (sum + area, area.max(most)));
    (pixels * sum).div_ceil(most)
}

#[cfg(test)]
mod tests;
