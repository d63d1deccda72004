//! Pictures without a camera: drawings made with the mouse, and parts of screenshots.

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::Picture;
use super::camera::{encoded, jpeg};
use super::colour::{Colour, between, doubling, grey, happens, mix, pick, to_bytes};
use super::layout::Layout;
use super::shape::Nib;

/// Sides in pixels of the canvas that people draw a digit on.
const CANVASES: [u32; 12] = [28, 28, 28, 28, 32, 56, 64, 100, 200, 256, 280, 400];

/// A small drawing, white on black or black on white.
pub fn paint(writing: &[GrayImage], rng: &mut ChaCha8Rng) -> Picture {
    // A row needs a larger canvas, or its digits are too small to read.
    let least = if writing.len() > 1 { 64 } else { 28 };
    let height = pick(rng, &CANVASES).max(least);
    let width = height * writing.len().max(1) as u32;
    let thickness = between(rng, 0.05, 0.14).max(1.2 / height as f32);
    let jagged = happens(rng, 0.4);
    let size = between(rng, 0.5, 0.9);
    let ink = covered(writing, (width, height), size, thickness, rng);
    let white_on_black = happens(rng, 0.5);
    let drawn = GrayImage::from_fn(width, height, |x, y| {
        let share = ink(x, y);
        let share = if jagged { share.round() } else { share };
        let tone = if white_on_black { share } else { 1.0 - share };
        Luma([to_bytes(grey(tone))[0]])
    });
    let drawn = DynamicImage::from(drawn);
    match rng.random_range(0..10) {
        0 => encoded(&drawn, ImageFormat::Bmp),
        1 => jpeg(drawn.to_rgb8(), 1, 90),
        2..5 => encoded(&drawn, ImageFormat::Png),
        5..8 => encoded(&drawn.to_rgb8().into(), ImageFormat::Png),
        _ => encoded(&drawn.to_rgba8().into(), ImageFormat::Png),
    }
}

/// Part of a screenshot: flat colours, with or without a background under the ink.
pub fn screenshot(writing: &[GrayImage], rng: &mut ChaCha8Rng) -> Picture {
    let height = doubling(rng, 90.0, 900.0) as u32;
    let aspect = between(rng, 0.8, 1.8).max(0.6 * writing.len() as f32);
    let width = (height as f32 * aspect) as u32;
    let (paper, pen) = colours(rng);
    let transparent = happens(rng, 0.2);
    let thickness = between(rng, 0.03, 0.12).max(2.0 / height as f32);
    let size = between(rng, 0.25, 0.9);
    let ink = covered(writing, (width, height), size, thickness, rng);
    let seen = RgbaImage::from_fn(width, height, |x, y| {
        let share = ink(x, y);
        let ([red, green, blue], alpha) = if transparent {
            (to_bytes(pen), share)
        } else {
            (to_bytes(mix(paper, pen, share)), 1.0)
        };
        Rgba([red, green, blue, (alpha * 255.0) as u8])
    });
    encoded(&seen.into(), ImageFormat::Png)
}

/// The paper's colour and the ink's.
fn colours(rng: &mut ChaCha8Rng) -> (Colour, Colour) {
    let black_on_white = (grey(1.0), grey(0.0));
    let white_on_black = (grey(0.0), grey(1.0));
    let coloured = [
        (grey(1.0), [0.1, 0.2, 0.9]),
        (grey(1.0), [0.9, 0.1, 0.1]),
        ([1.0, 0.97, 0.85], [0.3, 0.2, 0.1]),
        ([0.12, 0.13, 0.16], [0.4, 0.9, 0.5]),
        ([0.1, 0.2, 0.45], [1.0, 0.85, 0.2]),
        ([0.8, 0.9, 1.0], [0.0, 0.3, 0.1]),
        ([0.2, 0.5, 0.3], grey(1.0)),
    ];
    match rng.random_range(0..10) {
        0..4 => black_on_white,
        4..6 => white_on_black,
        _ => pick(rng, &coloured),
    }
}

/// The amount of ink on each pixel, 0 to 1, of digits whose longer side is `size` of the height
/// and whose strokes are `thickness` of it wide.
fn covered(
    writing: &[GrayImage],
    (width, height): (u32, u32),
    size: f32,
    thickness: f32,
    rng: &mut ChaCha8Rng,
) -> impl Fn(u32, u32) -> f32 + use<> {
    let page = (width as f32, height as f32);
    let rim = thickness * page.1 / 2.0;
    let is_in_view = move |(x, y): (f32, f32)| {
        (rim..page.0 - rim).contains(&x) && (rim..page.1 - rim).contains(&y)
    };
    let nib = Nib::Round(thickness / 2.0 / size);
    let layout = Layout::new(writing, nib, page, size * page.1, is_in_view, rng);
    move |x, y| {
        let distance = layout.distance(x as f32 + 0.5, y as f32 + 0.5);
        distance.map_or(0.0, |distance| (0.5 - distance).clamp(0.0, 1.0))
    }
}
