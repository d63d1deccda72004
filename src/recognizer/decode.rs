//! From the bytes of a picture to an upright colour picture of bounded size.

use std::io::Cursor;

use image::error::ImageFormatHint;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, imageops};

use super::backdrop::on_paper;
pub use super::grey::grey;
use super::{budget, reduce};

/// Longest side of [`Upright::colour`], in pixels: a pen stroke of a phone photo is still several
/// wide.
const MAX_SIDE: u32 = 1000;

/// Why a picture cannot be read, or why no digit was seen in it.
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
        budget::BYTES >> 20
    )]
    TooLarge,
    /// The content starts like a picture but does not decode.
    #[error("damaged or cut short ({0})")]
    Damaged(String),
    /// Nothing on the paper could be a digit; says why.
    #[error("{0}")]
    NoInk(&'static str),
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

/// A picture as a person sees it: upright, opaque, of bounded size.
pub struct Upright {
    /// At most 1000 pixels on the longest side.
    pub colour: RgbImage,
    /// So many pixels of the picture's own lie side by side in one of `colour`; at least 1.
    pub scale: f64,
    /// The same picture with more pixels, where there are more: at most 3000 on the longest side.
    pub fine: Option<RgbImage>,
}

/// Decodes `bytes` by their content, turns them as EXIF says, lays transparent parts on paper and
/// reduces the picture.
///
/// Takes at most 512 MB, whatever the file claims and however many threads decode at once: larger
/// pictures are refused, and those that together are too large wait for each other.
///
/// # Errors
/// Every kind of [`ImageError`] except [`ImageError::NoInk`].
pub fn decode(bytes: &[u8]) -> Result<Upright, ImageError> {
    let (mut decoder, cost) = open(bytes)?;
    let (width, height) = decoder.dimensions();
    // A tag that cannot be read is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let has_alpha = decoder.color_type().has_alpha();
    let reduced = {
        let _share = budget::reserve(cost);
        reduce::reduced(&DynamicImage::from_decoder(decoder)?)
    };
    let opaque = if has_alpha {
        on_paper(&reduced)
    } else {
        DynamicImage::ImageRgba8(reduced).into_rgb8()
    };
    let mut upright = DynamicImage::ImageRgb8(opaque);
    upright.apply_orientation(orientation);
    let fine = upright.into_rgb8();
    let longest = fine.width().max(fine.height());
    if longest <= MAX_SIDE {
        let scale = f64::from(width.max(height)) / f64::from(longest);
        return Ok(Upright {
            colour: fine,
            scale,
            fine: None,
        });
    }
    let side = |length: u32| (length * MAX_SIDE / longest).max(1);
    Ok(Upright {
        colour: imageops::thumbnail(&fine, side(fine.width()), side(fine.height())),
        scale: f64::from(width.max(height)) / f64::from(MAX_SIDE),
        fine: Some(fine),
    })
}

/// The decoder for what the bytes are, whatever the file was called, and the memory it will take.
fn open(bytes: &[u8]) -> Result<(impl ImageDecoder + '_, u64), ImageError> {
    if bytes.is_empty() {
        return Err(ImageError::Empty);
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
        return Err(ImageError::Unsupported(format!("{format:?}")));
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

/// Most bytes that decoding takes: the picture, and what the decoder keeps beside it.
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
    // A header that is not understood is taken for the worst: four components of full size.
    8 * pixels
}

/// Samples of all components that a frame header, marker first, announces for so many pixels.
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
mod tests {
    use image::{GrayImage, ImageFormat, Rgb, Rgba, RgbaImage};

    use super::*;

    fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture
            .into()
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        bytes.into_inner()
    }

    /// Grey values of paper and of a square of ink in its middle.
    fn paper_and_ink(picture: impl Into<DynamicImage>) -> (u8, u8) {
        let grey = grey(&decode(&png(picture)).unwrap().colour);
        let middle = (grey.width() / 2, grey.height() / 2);
        (
            grey.get_pixel(1, 1)[0],
            grey.get_pixel(middle.0, middle.1)[0],
        )
    }

    fn square<T>(x: u32, y: u32, ink: T, paper: T) -> T {
        if (20..30).contains(&x) && (20..30).contains(&y) {
            ink
        } else {
            paper
        }
    }

    #[test]
    fn bytes_that_are_no_picture_are_told_apart() {
        let cut = &png(GrayImage::new(90, 90))[..60];
        let mut huge_bmp = vec![0; 54];
        huge_bmp[..2].copy_from_slice(b"BM");
        huge_bmp[10] = 54;
        huge_bmp[14] = 40;
        huge_bmp[18..22].copy_from_slice(&60_000u32.to_le_bytes());
        huge_bmp[22..26].copy_from_slice(&60_000u32.to_le_bytes());
        huge_bmp[26] = 1;
        huge_bmp[28] = 24;
        assert!(matches!(decode(b""), Err(ImageError::Empty)));
        assert!(matches!(decode(b"five\n"), Err(ImageError::NotAnImage)));
        assert!(matches!(decode(cut), Err(ImageError::Damaged(_))));
        assert!(matches!(decode(&huge_bmp), Err(ImageError::TooLarge)));
        for foreign in [
            &b"\0\0\0\x18ftypheic\0\0\0\0mif1"[..],
            b"qoif\0\0\0\x01\0\0\0\x01\x04\0",
        ] {
            assert!(matches!(decode(foreign), Err(ImageError::Unsupported(_))));
        }
    }

    #[test]
    fn a_huge_png_is_refused_by_its_header() {
        let mut bytes = png(GrayImage::new(1, 1));
        bytes[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        let checksum = !bytes[12..29].iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
            })
        });
        bytes[29..33].copy_from_slice(&checksum.to_be_bytes());
        assert!(matches!(decode(&bytes), Err(ImageError::TooLarge)));
    }

    #[test]
    fn ink_without_paper_gets_paper_it_shows_on() {
        for tone in [0, 255] {
            let picture = RgbaImage::from_fn(50, 50, |x, y| {
                Rgba([tone, tone, tone, square(x, y, 255, 0)])
            });
            assert_eq!(paper_and_ink(picture), (255 - tone, tone));
        }
    }

    #[test]
    fn transparent_corners_of_a_screenshot_turn_into_its_paper() {
        let picture = RgbaImage::from_fn(50, 50, |x, y| {
            let tone = square(x, y, 10, 240);
            Rgba([tone, tone, tone, if x + y < 5 { 0 } else { 255 }])
        });
        assert_eq!(paper_and_ink(picture), (240, 10));
    }

    #[test]
    fn coloured_ink_stays_visible() {
        let pens = [
            ([255, 240, 0], [255, 255, 255]),
            ([230, 30, 30], [40, 60, 200]),
            ([255, 255, 255], [0, 0, 255]),
        ];
        for (ink, paper) in pens {
            let picture = RgbImage::from_fn(50, 50, |x, y| Rgb(square(x, y, ink, paper)));
            let (paper, ink) = paper_and_ink(picture);
            assert!(paper.abs_diff(ink) > 120, "{paper} {ink}");
        }
    }

    #[test]
    fn large_pictures_are_reduced_and_long_ones_keep_a_side() {
        let size = |width, height| {
            decode(&png(GrayImage::new(width, height)))
                .unwrap()
                .colour
                .dimensions()
        };
        assert_eq!(size(4000, 3000), (1000, 750));
        assert_eq!(size(8_000_000, 1), (1000, 1));
        assert_eq!(size(30, 20), (30, 20));
    }
}
