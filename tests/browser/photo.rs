//! A photo of a sheet: a ruled table in blue ink on a desk, seen a little from the side.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, Luma, Rgb, RgbImage, imageops};
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp};
use mnist_tch::dataset::synthetic;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Number, meter, hours and share.
const TABLE: [[&str; 4]; 9] = [
    ["1", "4207", "38", "615"],
    ["2", "4231", "24", "590"],
    ["3", "4286", "55", "608"],
    ["4", "4302", "16", "573"],
    ["5", "4319", "17", "566"],
    ["6", "4350", "31", ""],
    ["7", "4392", "42", "584"],
    ["8", "4418", "26", "601"],
    ["9", "4475", "57", "612"],
];

/// The digit that was written over another, by row, column and place in the number.
const OVERWRITTEN: (usize, usize, usize, u8) = (3, 1, 2, 6);
/// The cell with a word.
const WORD: (usize, usize) = (5, 3);

/// Seed of the handwriting.
const WRITER: u64 = 13;
const SIZE: (u32, u32) = (1000, 1160);
/// Left and top of the table, and width and height of a cell, in pixels.
const TABLE_AT: [u32; 2] = [130, 130];
const CELL: [u32; 2] = [184, 98];

const INK: [f64; 3] = [38.0, 62.0, 128.0];
const PRINT: [f64; 3] = [128.0, 140.0, 152.0];
const PAPER: [f64; 3] = [250.0, 247.0, 238.0];
const DESK: [u8; 3] = [116, 88, 64];

/// The photo as JPEG.
pub fn photo() -> Vec<u8> {
    let [writing, lines] = [writing(), lines()];
    let page = RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let share = |of: &GrayImage| f64::from(of.get_pixel(x, y)[0]) / 255.0;
        let (pen, print) = (share(&writing), share(&lines));
        Rgb([0, 1, 2].map(|channel| {
            let sheet = PAPER[channel] + print * (PRINT[channel] - PAPER[channel]);
            (sheet + pen * (INK[channel] - sheet)) as u8
        }))
    });
    let (width, height) = (SIZE.0 as f32, SIZE.1 as f32);
    let flat = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    let seen = [(58.0, 34.0), (952.0, 62.0), (974.0, 1122.0), (22.0, 1100.0)];
    let view = Projection::from_control_points(flat, seen).unwrap();
    let seen = warp(
        &page,
        view,
        Interpolation::Bilinear,
        Border::Constant(Rgb(DESK)),
    );
    let photo = imageops::blur(&lit(&seen), 0.8);
    let mut file = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut file, 88);
    photo.write_with_encoder(encoder).unwrap();
    file.into_inner()
}

/// The pen's strokes, 255 where it covers the paper.
fn writing() -> GrayImage {
    let mut ink = GrayImage::new(SIZE.0, SIZE.1);
    for (row, cells) in TABLE.iter().enumerate() {
        for (column, number) in cells.iter().enumerate() {
            for (at, digit) in number.bytes().map(|byte| byte - b'0').enumerate() {
                write(&mut ink, [row, column], at, digit);
            }
        }
    }
    let (row, column, at, digit) = OVERWRITTEN;
    write(&mut ink, [row, column], at, digit);
    let [left, top] = corner([WORD.0, WORD.1]);
    for step in 0..1100 {
        let along = f64::from(step) / 1100.0;
        let loops = (along * 38.0).sin() * (1.0 - 0.4 * along);
        let x = f64::from(left) + 26.0 + 120.0 * along + 5.0 * (along * 38.0).cos();
        let y = f64::from(top) + 52.0 - 14.0 * loops;
        dot(&mut ink, x, y);
    }
    ink
}

fn corner([row, column]: [usize; 2]) -> [u32; 2] {
    let at = [column, row];
    [0, 1].map(|axis| TABLE_AT[axis] + CELL[axis] * at[axis] as u32)
}

/// A digit of a number, none quite in line.
fn write(ink: &mut GrayImage, [row, column]: [usize; 2], at: usize, digit: u8) {
    let [left, top] = corner([row, column]);
    let offset = ((row * 5 + column * 3 + at) % 4) as u32;
    let side = 62 + offset;
    let drawn = synthetic::draw(digit, side as usize, WRITER);
    let drawn = GrayImage::from_raw(side, side, drawn).unwrap();
    let (left, top) = (left + 12 + 38 * at as u32, top + 14 + 2 * offset);
    for (x, y, tone) in drawn.enumerate_pixels() {
        let spot = ink.get_pixel_mut(left + x, top + y);
        spot[0] = spot[0].max(tone[0]);
    }
}

fn dot(ink: &mut GrayImage, x: f64, y: f64) {
    for (down, across) in (-2..=2).flat_map(|down| (-2..=2).map(move |across| (down, across))) {
        if down * down + across * across <= 4 {
            let place = |at: f64, by: i32| (at as i32 + by) as u32;
            ink.put_pixel(place(x, across), place(y, down), Luma([255]));
        }
    }
}

/// The printed lines, 255 where they are.
fn lines() -> GrayImage {
    let [left, top] = TABLE_AT;
    let [right, bottom] = corner([TABLE.len(), TABLE[0].len()]);
    GrayImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let within = (left..right + 3).contains(&x) && (top..bottom + 3).contains(&y);
        let is_line = within && ((x - left) % CELL[0] < 3 || (y - top) % CELL[1] < 3);
        Luma([if is_line { 255 } else { 0 }])
    })
}

/// Light from the upper left, a soft shadow in the lower right, and noise.
fn lit(page: &RgbImage) -> RgbImage {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let (across, down) = (
            f64::from(x) / f64::from(SIZE.0),
            f64::from(y) / f64::from(SIZE.1),
        );
        let light = 0.97 - 0.16 * (0.4 * across + 0.6 * down);
        let shadow = 0.1 / (1.0 + (-11.0 * (across + down - 1.6)).exp());
        let grain = 5.0 * (rng.random::<f64>() + rng.random::<f64>() - 1.0);
        let seen = page.get_pixel(x, y).0;
        Rgb(seen.map(|tone| (f64::from(tone) * (light - shadow) + grain).clamp(0.0, 255.0) as u8))
    })
}
