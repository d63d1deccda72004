use image::{Luma, imageops};

use super::*;
use crate::dataset::synthetic;
use crate::random::SeededRng;

/// Height of the boxes of the forms, in pixels.
const BOX: u32 = 70;

/// A form of 800×1000 pixels: words that say what to fill in, and rows of boxes, with the top left
/// of each box.
fn blank(seed: u64) -> (GrayImage, Vec<[u32; 2]>) {
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

/// A filled form, photographed at an angle of at most 15 degrees and in perspective, in uneven
/// light, on a darker table; with the map to it.
fn photo(form: &GrayImage, boxes: &[[u32; 2]], seed: u64) -> (GrayImage, PlaneMap) {
    let mut rng = SeededRng::new(seed, 1);
    let mut filled = form.clone();
    for &[left, top] in boxes {
        let digit = GrayImage::from_raw(48, 48, synthetic::draw(rng.below(10) as u8, 48, seed));
        for (x, y, ink) in digit.unwrap().enumerate_pixels() {
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

/// The greatest distance between two maps of the corners of boxes, in heights of a box.
fn error(boxes: &[[u32; 2]], found: &PlaneMap, truth: &PlaneMap) -> f64 {
    let corners = boxes.iter().flat_map(|&[left, top]| {
        let [left, top] = [left, top].map(f64::from);
        [[left, top], [left + 60.0, top + 70.0]]
    });
    let [a, b] = [[0.0, 0.0], [0.0, f64::from(BOX)]].map(|point| truth.at(point));
    let height = (a[0] - b[0]).hypot(a[1] - b[1]);
    let distance = |corner: [f64; 2]| {
        let ([x, y], [u, v]) = (found.at(corner), truth.at(corner));
        (x - u).hypot(y - v) / height
    };
    corners.map(distance).fold(0.0, f64::max)
}

#[test]
fn a_filled_form_is_found_in_a_photo_at_an_angle() {
    for seed in 0..4 {
        let (form, boxes) = blank(seed);
        let (photo, truth) = photo(&form, &boxes, seed);
        let found = align(&form, &photo).unwrap();
        let error = error(&boxes, &found.map, &truth);
        assert!(error < 0.03, "{seed}: {error} {}", found.similarity);
    }
}

#[test]
fn another_form_is_less_alike() {
    let (form, boxes) = blank(3);
    let (other, _) = blank(4);
    let (photo, _) = photo(&form, &boxes, 5);
    let same = align(&form, &photo).unwrap().similarity;
    let different = align(&other, &photo).map_or(0.0, |found| found.similarity);
    assert!(same > 0.6 && different < 0.3, "{same} {different}");
    let blank = GrayImage::from_pixel(300, 300, Luma([200]));
    assert!(align(&form, &blank).is_none_or(|found| found.similarity < 0.2));
}
