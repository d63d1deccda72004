//! Generates the sample pictures in `data/`: `scripts/sample-pictures` runs it.
//!
//! - `five.png`: a digit painted white on black, like a screenshot of a paint program, with an alpha
//!   channel.
//! - `eight.jpg`: a digit in dark ink on grey paper, like a phone's photo: uneven light, a shadow,
//!   noise, and rotated by its EXIF tag.
//! - `number.jpg`: two rows of digits, photographed in the same way, and `number.png`: what the
//!   program reads in it.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, ImageEncoder, Luma, RgbImage, RgbaImage, imageops};
use mnist_tch::dataset::synthetic;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The seed of the handwriting in the rows of digits.
const WRITER: u64 = 13;

fn main() -> Result<()> {
    // For measuring speed: as large as a phone's photo, too large for the repository.
    if let Some(path) = std::env::args().nth(1) {
        let large = place(drawn(8, 1600, 1)?, 1200, 700, GrayImage::new(4000, 3000));
        return save(&photographed(&large, 1), Path::new(&path));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    fs::create_dir_all(&folder)?;
    let five = folder.join("five.png");
    painted(5, 3)?
        .save(&five)
        .with_context(|| format!("writing {}", five.display()))?;
    let eight = place(drawn(8, 380, 1)?, 130, 190, GrayImage::new(600, 800));
    save(&photographed(&eight, 1), &folder.join("eight.jpg"))?;
    save(&photographed(&number()?, 2), &folder.join("number.jpg"))
}

/// Writes a picture on its side, as a sensor records it; the EXIF tag rotates it upright.
fn save(photo: &RgbImage, path: &Path) -> Result<()> {
    let file = File::create(path).with_context(|| format!("writing {}", path.display()))?;
    let mut encoder = JpegEncoder::new_with_quality(BufWriter::new(file), 80);
    encoder.set_exif_metadata(quarter_turn())?;
    let (width, height) = photo.dimensions();
    encoder.write_image(photo, width, height, image::ExtendedColorType::Rgb8)?;
    Ok(())
}

/// Two rows of digits in one handwriting, none quite in line.
fn number() -> Result<GrayImage> {
    let mut page = GrayImage::new(900, 560);
    for (row, digits) in [[3, 1, 4, 1, 5, 9], [2, 6, 5, 3, 5, 8]].iter().enumerate() {
        for (column, &digit) in digits.iter().enumerate() {
            let offset = (row * 5 + column * 3) as u32 % 7 * 4;
            let (left, top) = (40 + 135 * column as u32, 60 + 230 * row as u32);
            page = place(
                drawn(digit, 150 + offset, WRITER)?,
                left,
                top + offset,
                page,
            );
        }
    }
    Ok(page)
}

/// Adds ink to the page.
fn place(ink: GrayImage, left: u32, top: u32, mut page: GrayImage) -> GrayImage {
    for (x, y, tone) in ink.enumerate_pixels() {
        let spot = page.get_pixel_mut(left + x, top + y);
        spot[0] = spot[0].max(tone[0]);
    }
    page
}

fn drawn(digit: u8, side: u32, seed: u64) -> Result<GrayImage> {
    let pixels = synthetic::draw(digit, side as usize, seed);
    GrayImage::from_raw(side, side, pixels).context("building a drawing's image")
}

fn painted(digit: u8, seed: u64) -> Result<RgbaImage> {
    let side = 280;
    let ink = drawn(digit, side, seed)?;
    Ok(RgbaImage::from_fn(side, side, |x, y| {
        let value = ink.get_pixel(x, y).0[0];
        image::Rgba([value, value, value, 255])
    }))
}

/// A phone's photo of ink on a page.
fn photographed(ink: &GrayImage, seed: u64) -> RgbImage {
    let (width, height) = ink.dimensions();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let paper = GrayImage::from_fn(width, height, |x, y| {
        let (across, down) = (
            f64::from(x) / f64::from(width),
            f64::from(y) / f64::from(height),
        );
        // The lamp is at the upper left, and the hand with the phone shades a corner.
        let light = 196.0 - 60.0 * (0.4 * across * across + 0.6 * down);
        let shade = 40.0 / (1.0 + (-14.0 * (across + down - 1.55)).exp());
        let grain = 7.0 * (rng.random::<f64>() + rng.random::<f64>() - 1.0);
        let pen = ink.get_pixel(x, y)[0];
        let covered = f64::from(pen) / 255.0;
        let seen = (light - shade) * (1.0 - 0.72 * covered) + grain;
        Luma([seen.clamp(0.0, 255.0) as u8])
    });
    let soft = imageops::blur(&paper, 1.2);
    let tinted = RgbImage::from_fn(width, height, |x, y| {
        let value = f64::from(soft.get_pixel(x, y).0[0]);
        image::Rgb([value as u8, (value * 0.985) as u8, (value * 0.94) as u8])
    });
    imageops::rotate270(&tinted)
}

/// EXIF as a big-endian TIFF with the one tag Orientation (0x0112) of 6: rotate clockwise to view.
fn quarter_turn() -> Vec<u8> {
    let header = *b"MM\0\x2a\0\0\0\x08";
    let entry = *b"\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    [&header[..], &entry[..]].concat()
}
