//! From the bytes of a picture to an upright grey picture of bounded size.

use std::io::Cursor;

use image::error::ImageFormatHint;
use image::metadata::Orientation;
use image::{
    DynamicImage, GrayImage, ImageDecoder, ImageReader, Limits, RgbImage, RgbaImage, imageops,
};
use imageproc::filter::box_filter;

/// Pictures of more pixels than this are refused before anything is decoded.
const MAX_PIXELS: u64 = 100_000_000;
/// Most memory the decoder may ask for, in bytes.
const MAX_BYTES: u64 = 512 << 20;
/// Longest side after reduction, in pixels: a pen stroke of a phone photo is still several wide.
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
    /// More pixels or memory than a picture may claim.
    #[error(
        "too large; reduce the picture to at most {} megapixels",
        MAX_PIXELS / 1_000_000
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
}

/// Decodes `bytes` by their content, turns them as EXIF says, lays transparent parts on paper and
/// reduces the picture.
///
/// # Errors
/// Every kind of [`ImageError`] except [`ImageError::NoInk`].
pub fn decode(bytes: &[u8]) -> Result<Upright, ImageError> {
    let mut decoder = open(bytes)?;
    // A tag that cannot be read is no reason to refuse the picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder)?;
    let opaque = if picture.color().has_alpha() {
        on_paper(&picture.into_rgba8())
    } else {
        picture.into_rgb8()
    };
    let longest = opaque.width().max(opaque.height());
    let mut upright = DynamicImage::ImageRgb8(reduce(opaque));
    let scale = f64::from(longest) / f64::from(upright.width().max(upright.height()));
    upright.apply_orientation(orientation);
    Ok(Upright {
        colour: upright.into_rgb8(),
        scale,
    })
}

/// The decoder for what the bytes are, whatever the file was called, within the limits.
fn open(bytes: &[u8]) -> Result<impl ImageDecoder + '_, ImageError> {
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
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_BYTES {
        return Err(ImageError::TooLarge);
    }
    if width == 0 || height == 0 {
        return Err(ImageError::Damaged("it has no pixels".into()));
    }
    Ok(decoder)
}

/// Composites a picture with alpha over the paper it was meant for.
///
/// Ink drawn on nothing needs a backdrop at the other end of the scale, or white ink would vanish
/// over white. Where the visible part holds its own paper, holes take that paper's tone.
fn on_paper(picture: &RgbaImage) -> RgbImage {
    let backdrop = f32::from(backdrop(picture));
    let mut opaque = RgbImage::new(picture.width(), picture.height());
    for (to, from) in opaque.pixels_mut().zip(picture.pixels()) {
        let alpha = f32::from(from[3]) / 255.0;
        for channel in 0..3 {
            to[channel] = (f32::from(from[channel]) * alpha + backdrop * (1.0 - alpha)) as u8;
        }
    }
    opaque
}

/// The tone to lay behind a picture with alpha, judged from its visible pixels alone.
fn backdrop(picture: &RgbaImage) -> u8 {
    let mut tones = [0u64; 256];
    for pixel in picture.pixels() {
        let [r, g, b, alpha] = pixel.0.map(usize::from);
        tones[(r * 2 + g * 5 + b) / 8] += alpha as u64;
    }
    let visible: u64 = tones.iter().sum();
    let all = u64::from(picture.width()) * u64::from(picture.height()) * 255;
    let mut seen = 0;
    let median = tones
        .iter()
        .position(|weight| {
            seen += weight;
            seen * 2 >= visible
        })
        .unwrap_or(0);
    let near = median.saturating_sub(32)..=(median + 32).min(255);
    let one_tone = tones[near].iter().sum::<u64>() * 10 >= visible * 9;
    // The fattest digit leaves a quarter of its box free.
    let ink_alone = visible * 2 < all || (one_tone && visible * 4 < all * 3);
    match (ink_alone, median < 128) {
        (true, true) => 255,
        (true, false) => 0,
        (false, _) => median as u8,
    }
}

/// Area-averages down to [`MAX_SIDE`]; smaller pictures stay as they are.
fn reduce(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= MAX_SIDE {
        return picture;
    }
    let side = |length: u32| {
        ((u64::from(length) * u64::from(MAX_SIDE) / u64::from(longest)) as u32).max(1)
    };
    imageops::thumbnail(&picture, side(width), side(height))
}

/// Luminance, or the colour channel that shows the ink much better: a yellow pen hardly darkens
/// white paper, but its blue channel is black.
pub fn grey(picture: &RgbImage) -> GrayImage {
    let channel = |c: usize| {
        GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
            image::Luma([picture.get_pixel(x, y)[c]])
        })
    };
    let luma = imageops::grayscale(picture);
    let enough = detail(&luma) * 1.5;
    (0..3)
        .map(channel)
        .map(|grey| (detail(&grey), grey))
        .filter(|(detail, _)| *detail > enough)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(luma, |(_, grey)| grey)
}

/// Root mean square of what differs from the surroundings, on a small copy without sensor noise.
fn detail(grey: &GrayImage) -> f64 {
    let side = |length: u32| length.min((length / 8).max(64));
    let small = imageops::thumbnail(grey, side(grey.width()), side(grey.height()));
    let surroundings = box_filter(&small, small.width() / 8, small.height() / 8);
    imageproc::stats::root_mean_squared_error(&small, &surroundings)
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgb, Rgba};

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
