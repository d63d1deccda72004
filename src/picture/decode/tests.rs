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
