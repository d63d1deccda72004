//! Photos of filled forms, drawn for tests.

use image::{GrayImage, Luma, imageops};

use super::plane_map::PlaneMap;
use crate::dataset::synthetic;
use crate::random::SeededRng;

/// Height of the boxes of the forms, in pixels.
pub(super) const BOX: u32 = 70;

/// A form of 800×1000 pixels: words that say what to fill in, and rows of boxes, with the top left
/// of each box.
pub(super) fn blank(seed: u64) -> (GrayImage, Vec<[u32; 2]>) {
    let mut rng = SeededRng::new(seed, 0);
    let mut form = GrayImage::from_pixel(800, 1000, Luma([235]));
    let mut boxes = vec![];
    let mut fill = |[left, top]: [u32; 2], [width, height]: [u32; 2]| {
        for y in top..(top + height).min(1000) {
            for x in left..(left + width).min(800) {
                form.put_pixel(x, y, Luma([60]));
            }
        }
    };
    let mut y = 60 + rng.below(60);
    while y < 850 {
        let mut x = 60 + rng.below(80);
        for _ in 0..4 + rng.below(14) {
            let letter = 6 + rng.below(14);
            fill([x, y], [3, 18]);
            fill([x, y + rng.below(16)], [letter, 3]);
            x += letter + 5;
        }
        y += 34;
        let left = 60 + rng.below(120);
        for place in 0..2 + rng.below(8) {
            let left = left + place * (BOX - 10);
            fill([left, y], [BOX - 10, 3]);
            fill([left, y + BOX], [BOX - 7, 3]);
            fill([left, y], [3, BOX]);
            fill([left + BOX - 10, y], [3, BOX]);
            boxes.push([left, y]);
        }
        y += BOX + 30 + rng.below(80);
    }
    (form, boxes)
}

/// A form filled with these digits, any digit where none is given, photographed at an angle of at most 15 degrees and in perspective, in uneven
/// light, on a darker table; with the map to it.
pub(super) fn photo(
    form: &GrayImage,
    (boxes, digits): (&[[u32; 2]], &[Option<u8>]),
    seed: u64,
) -> (GrayImage, PlaneMap) {
    let mut rng = SeededRng::new(seed, 1);
    let mut filled = form.clone();
    for (&[left, top], digit) in boxes.iter().zip(digits) {
        let digit = digit.unwrap_or(rng.below(10) as u8);
        let drawn = synthetic::draw(digit, 48, seed + u64::from(left));
        let drawn = GrayImage::from_raw(48, 48, drawn).unwrap();
        for (x, y, ink) in drawn.enumerate_pixels() {
            let paper = filled.get_pixel_mut(left + 6 + x, top + 10 + y);
            paper.0[0] = paper.0[0].saturating_sub((u32::from(ink[0]) * 2 / 3) as u8);
        }
    }
    let angle = rng.uniform(-15.0, 15.0).to_radians();
    let scale = rng.uniform(0.6, 0.9);
    let centre = PlaneMap::similarity(0.0, 1.0, [-400.0, -500.0]);
    let turned = PlaneMap::similarity(angle, scale, [0.0, 0.0]);
    let lean = [0, 1].map(|_| rng.uniform(-2.5e-4, 2.5e-4));
    let leaned = PlaneMap::new([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, lean[0], lean[1], 1.0]).unwrap();
    let place = [
        450.0 + rng.uniform(-40.0, 40.0),
        600.0 + rng.uniform(-40.0, 40.0),
    ];
    let map = centre
        .then(&turned)
        .then(&leaned)
        .then(&PlaneMap::similarity(0.0, 1.0, place));
    let back = map.inverse();
    let light = [0, 1].map(|_| rng.uniform(-3e-4, 3e-4));
    let photo = GrayImage::from_fn(900, 1200, |x, y| {
        let [u, v] = back.at([f64::from(x), f64::from(y)]);
        let paper = match imageops::interpolate_bilinear(&filled, u as f32, v as f32) {
            Some(Luma([value])) if u >= 0.0 && v >= 0.0 => f64::from(value),
            _ => 110.0 + 12.0 * (f64::from(x) / 17.0).sin(),
        };
        let lit = 0.8 + light[0] * f64::from(x) + light[1] * f64::from(y);
        Luma([(paper * lit + rng.approx_normal(3.0)).clamp(0.0, 255.0) as u8])
    });
    (photo, map)
}
