//! Changes to a picture that do not affect its digit change no answer.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageEncoder, ImageFormat, Luma, imageops};
use mnist_tch::dataset::synthetic;
use mnist_tch::recognizer::{Recognizer, prepare};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tch::Device;

/// Digits that are read with less confidence are ambiguous: a pixel may change the answer.
const PLAIN: f64 = 0.99;
/// Digits that fill more of the box around them are blobs, which can be distinguished from spots, sheets
/// and shadows in small drawings only.
const MAX_FILL: f64 = 0.45;

/// A digit in ink on paper.
#[derive(Clone, Debug)]
struct Written {
    digit: u8,
    hand: u64,
    /// Side of the square that the digit nearly fills, in pixels.
    side: u32,
    /// Paper around that square: left, top, right and bottom, as shares of its side.
    around: [f64; 4],
    paper: u8,
    ink: u8,
    /// Amplitude of the paper's noise.
    grain: u8,
}

fn written() -> impl Strategy<Value = Written> {
    let side = 40..=160u32;
    let around = prop::array::uniform4(0.0..0.5);
    let tones = (180..=250u8, 0..=90u8, 0..=4u8);
    (0..10u8, any::<u64>(), side, around, tones).prop_map(
        |(digit, hand, side, around, (paper, ink, grain))| Written {
            digit,
            hand,
            side,
            around,
            paper,
            ink,
            grain,
        },
    )
}

impl Written {
    /// The share of the box around the digit that its strokes fill.
    fn fill(&self) -> f64 {
        const SIDE: usize = 80;
        let drawn = synthetic::draw(self.digit, SIDE, self.hand);
        let inked: Vec<usize> = (0..drawn.len()).filter(|&i| drawn[i] > 127).collect();
        let extent = |place: fn(usize) -> usize| {
            let places = || inked.iter().map(|&i| place(i));
            places().max().unwrap() - places().min().unwrap() + 1
        };
        inked.len() as f64 / (extent(|i| i % SIDE) * extent(|i| i / SIDE)) as f64
    }

    fn picture(&self) -> GrayImage {
        let Self { side, hand, .. } = *self;
        let drawn = synthetic::draw(self.digit, side as usize, hand);
        let [left, top, right, bottom] = self.around.map(|share| (share * f64::from(side)) as u32);
        let (width, height) = (left + side + right, top + side + bottom);
        GrayImage::from_fn(width, height, |x, y| {
            let inked = |x: u32, y: u32| drawn[(y * side + x) as usize];
            let within = |x: &u32| *x < side;
            let place = x
                .checked_sub(left)
                .filter(within)
                .zip(y.checked_sub(top).filter(within));
            let ink = place.map_or(0.0, |(x, y)| f64::from(inked(x, y)) / 255.0);
            let tone = f64::from(self.paper) * (1.0 - ink) + f64::from(self.ink) * ink;
            Luma([(tone + self.grain_at(x, y)).round() as u8])
        })
    }

    /// Noise that is the same at each call.
    fn grain_at(&self, x: u32, y: u32) -> f64 {
        let mixed = (u64::from(x) << 32 | u64::from(y)) ^ self.hand;
        let mixed = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let share = (mixed >> 40) as f64 / f64::from(1 << 24);
        f64::from(self.grain) * (2.0 * share - 1.0)
    }
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    encoded(picture, ImageFormat::Png)
}

/// A PNG file with an EXIF orientation that makes it upright.
fn turned_png(picture: &GrayImage, exif: u8) -> Vec<u8> {
    let inverse = match exif {
        6 => Orientation::Rotate270,
        8 => Orientation::Rotate90,
        other => Orientation::from_exif(other).unwrap(),
    };
    let mut stored = DynamicImage::from(picture.clone());
    stored.apply_orientation(inverse);
    let stored = stored.into_luma8();
    let mut tag = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    tag.extend([exif, 0, 0, 0, 0, 0, 0, 0]);
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_exif_metadata(tag).unwrap();
    let (width, height) = stored.dimensions();
    let kind = image::ExtendedColorType::L8;
    encoder.write_image(&stored, width, height, kind).unwrap();
    bytes
}

fn jpeg(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90)
        .encode_image(picture)
        .unwrap();
    bytes
}

fn padded(picture: &GrayImage, [left, top, right, bottom]: [u32; 4], paper: u8) -> GrayImage {
    let (width, height) = picture.dimensions();
    let size = (left + width + right, top + height + bottom);
    let mut sheet = GrayImage::from_pixel(size.0, size.1, Luma([paper]));
    imageops::replace(&mut sheet, picture, left.into(), top.into());
    sheet
}

fn rescaled(picture: &GrayImage, factor: f64) -> GrayImage {
    let side = |length: u32| (f64::from(length) * factor).round() as u32;
    let (width, height) = (side(picture.width()), side(picture.height()));
    imageops::resize(picture, width, height, imageops::FilterType::Triangle)
}

/// What the built-in networks read: the digit, if there is exactly one, and the confidence of the whole.
fn read(bytes: &[u8]) -> (Option<u8>, f64) {
    thread_local! {
        static RECOGNIZER: Recognizer = Recognizer::builtin(Device::Cpu).unwrap();
    }
    let reading = RECOGNIZER.with(|recognizer| recognizer.read(bytes));
    let reading = reading.unwrap();
    (reading.digit(), reading.confidence())
}

fn prepared(bytes: &[u8]) -> GrayImage {
    prepare(bytes).unwrap().grey().clone()
}

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        // Each prepares a dozen pictures. PROPTEST_CASES=8000 tries a thousand.
        cases: default.cases / 8,
        // A failing input is printed, and a case depends on nothing else.
        failure_persistence: None,
        max_shrink_iters: 100,
        // A few in many thousands of random digits are read differently in some copy. A fixed seed gives
        // the same digits each time, so a failure is a regression. PROPTEST_RNG_SEED sets another.
        rng_seed: match default.rng_seed {
            RngSeed::Random => RngSeed::Fixed(0),
            given => given,
        },
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_picture_rotated_by_exif_or_encoded_losslessly_is_prepared_to_the_same_bytes(
        written in written(), exif in 1..=8u8
    ) {
        let picture = written.picture();
        let expected = prepared(&png(picture.clone()));
        prop_assert!(prepared(&turned_png(&picture, exif)) == expected, "turned");
        let grey = DynamicImage::from(picture);
        for format in [ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP] {
            prop_assert!(prepared(&encoded(grey.clone(), format)) == expected, "{format:?}");
        }
        prop_assert!(prepared(&encoded(grey.to_rgb8(), ImageFormat::Gif)) == expected, "GIF");
        prop_assert!(prepared(&png(grey.to_rgb8())) == expected, "colour");
        prop_assert!(prepared(&png(grey.to_rgba8())) == expected, "opaque");
        prop_assert!(prepared(&png(grey.to_luma16())) == expected, "sixteen bits");
    }

    #[test]
    fn a_plain_digit_inverted_padded_rescaled_or_compressed_is_read_the_same(
        written in written(),
        factor in 0.5..4.0,
        more in prop::array::uniform4(0.0..1.0),
    ) {
        let picture = written.picture();
        let (digit, confidence) = read(&png(picture.clone()));
        prop_assume!(confidence >= PLAIN && written.fill() <= MAX_FILL);
        let mut inverted = picture.clone();
        imageops::invert(&mut inverted);
        prop_assert_eq!(read(&png(inverted)).0, digit, "inverted");
        let more = more.map(|share| (share * f64::from(written.side)) as u32);
        prop_assert_eq!(read(&png(padded(&picture, more, written.paper))).0, digit, "padded");
        prop_assert_eq!(read(&png(rescaled(&picture, factor))).0, digit, "rescaled");
        prop_assert_eq!(read(&jpeg(&picture)).0, digit, "compressed");
    }

    #[test]
    fn nothing_is_read_on_paper_without_ink(
        written in written(), factor in 0.5..4.0
    ) {
        let paper = Written { ink: written.paper, ..written }.picture();
        let mut inverted = paper.clone();
        imageops::invert(&mut inverted);
        let copies = [
            ("as it is", png(paper.clone())),
            ("inverted", png(inverted)),
            ("rescaled", png(rescaled(&paper, factor))),
            ("compressed", jpeg(&paper)),
        ];
        for (copy, bytes) in copies {
            prop_assert_eq!(read(&bytes).0, None, "{}", copy);
        }
    }
}
