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
mod tests {
    use image::codecs::gif::GifEncoder;
    use image::{Frame, GrayImage, Luma, Rgb, Rgb32FImage, Rgba, RgbaImage};

    use super::super::grey;
    use super::*;

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
        encoded(picture, ImageFormat::Png)
    }

    /// A chunk of a PNG file with its checksum.
    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let body = [&kind[..], data].concat();
        let checksum = !body.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
            })
        });
        let length = data.len() as u32;
        [&length.to_be_bytes()[..], &body, &checksum.to_be_bytes()].concat()
    }

    /// A PNG file of two pixels, the left one bit 0 and the right one bit 1.
    fn one_bit_png(colour_type: u8, palette: &[u8]) -> Vec<u8> {
        let header = [0, 0, 0, 2, 0, 0, 0, 1, 1, colour_type, 0, 0, 0];
        // One stored block of deflate: no filter, then the two bits; its Adler checksum.
        let data = [0x78, 1, 1, 2, 0, 0xfd, 0xff, 0, 0x40, 0, 0x42, 0, 0x41];
        let palette = match palette {
            [] => Vec::new(),
            colours => chunk(b"PLTE", colours),
        };
        let parts = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &header),
            palette,
            chunk(b"IDAT", &data),
            chunk(b"IEND", &[]),
        ];
        parts.concat()
    }

    #[test]
    fn the_size_of_the_original_is_known_to_the_pixel() {
        let decoded = decode(&png(image::GrayImage::new(1240, 901))).unwrap();
        assert_eq!(decoded.size, [1240, 901]);
        assert_eq!(decoded.colour.width(), 1000);
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
    fn bytes_that_are_not_a_picture_are_refused() {
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
        for (foreign, name) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0mif1"[..], "HEIC or AVIF"),
            (b"qoif\0\0\0\x01\0\0\0\x01\x04\0", "QOI"),
            (b"P5\n1 1\n255\n\0", "PNM"),
        ] {
            let failure = decode(foreign).map(|_| ()).unwrap_err();
            assert!(matches!(&failure, ImageError::Unsupported(what) if what == name));
            assert!(failure.to_string().starts_with(&format!("{name} files ")));
        }
    }

    #[test]
    fn a_huge_png_is_refused_by_its_header() {
        let mut bytes = png(GrayImage::new(1, 1));
        bytes[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        bytes[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        let header = chunk(b"IHDR", &bytes[16..29]);
        bytes[8..33].copy_from_slice(&header);
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

    #[test]
    fn bits_and_palettes_become_colours() {
        let colours = |bytes: &[u8]| decode(bytes).unwrap().colour.into_raw();
        assert_eq!(colours(&one_bit_png(0, &[])), [0, 0, 0, 255, 255, 255]);
        let palette = [10, 20, 30, 40, 50, 60];
        assert_eq!(colours(&one_bit_png(3, &palette)), palette);
    }

    #[test]
    fn lossless_formats_decode_to_the_same_colours() {
        let picture = RgbImage::from_fn(50, 50, |x, y| Rgb(square(x, y, [9, 20, 90], [240; 3])));
        for format in [ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff] {
            let decoded = decode(&encoded(picture.clone(), format)).unwrap();
            assert!(decoded.colour == picture, "{format:?}");
        }
    }

    #[test]
    fn only_the_first_frame_of_an_animation_is_decoded() {
        let mut bytes = Vec::new();
        let frame = |tone| Frame::new(RgbaImage::from_pixel(9, 9, Rgba([tone, tone, tone, 255])));
        let mut encoder = GifEncoder::new(&mut bytes);
        encoder.encode_frames([frame(40), frame(200)]).unwrap();
        drop(encoder);
        let tone = decode(&bytes).unwrap().colour.get_pixel(4, 4)[0];
        assert!(tone.abs_diff(40) < 8, "{tone}");
    }

    #[test]
    fn every_exif_orientation_comes_out_upright() {
        // Blocks of JPEG's own size survive compression without affecting each other.
        let upright = GrayImage::from_fn(32, 48, |x, y| Luma([(x / 16 * 80 + y / 16 * 40) as u8]));
        for tag in 1..=8u8 {
            let inverse = match tag {
                6 => Orientation::Rotate270,
                8 => Orientation::Rotate90,
                other => Orientation::from_exif(other).unwrap(),
            };
            let mut stored = DynamicImage::from(upright.clone());
            stored.apply_orientation(inverse);
            let jpeg = encoded(stored, ImageFormat::Jpeg);
            let mut exif =
                b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
            exif.extend([tag, 0, 0, 0, 0, 0, 0, 0]);
            let decoded = decode(&[&jpeg[..2], &exif, &jpeg[2..]].concat()).unwrap();
            let seen = grey(&decoded.colour);
            assert_eq!(seen.dimensions(), (32, 48), "{tag}");
            let most = seen
                .iter()
                .zip(upright.iter())
                .map(|(a, b)| a.abs_diff(*b))
                .max();
            assert!(most < Some(12), "{tag}: {most:?}");
        }
    }

    #[test]
    fn nan_is_paper() {
        let mut picture = Rgb32FImage::from_pixel(9, 9, Rgb([0.0; 3]));
        picture.put_pixel(4, 4, Rgb([f32::NAN; 3]));
        let decoded = decode(&encoded(picture, ImageFormat::Tiff)).unwrap();
        assert_eq!(*decoded.colour.get_pixel(4, 4), Rgb([255; 3]));
        assert_eq!(*decoded.colour.get_pixel(0, 0), Rgb([0; 3]));
    }

    #[test]
    fn pictures_without_pixels_are_refused() {
        let mut bmp = encoded(GrayImage::new(1, 1), ImageFormat::Bmp);
        bmp[18..26].fill(0);
        let answer = decode(&bmp).map(|picture| picture.colour.dimensions());
        assert!(
            matches!(
                answer,
                Err(ImageError::Damaged(_) | ImageError::Unsupported(_))
            ),
            "{answer:?}"
        );
    }
}
