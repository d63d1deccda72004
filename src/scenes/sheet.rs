//! A contact sheet: many scenes in one picture, with their labels, for visual inspection.

use image::{Rgb, RgbImage};

use super::{Digit, Scene};
use crate::characters::CHARACTERS;

/// Pixels between two scenes.
const GAP: u32 = 4;

const BACKGROUND: Rgb<u8> = Rgb([60, 50, 70]);
const READABLE: Rgb<u8> = Rgb([0, 200, 0]);
/// Alternating, so that they are visible on any grey.
const UNREADABLE: [Rgb<u8>; 2] = [Rgb([220, 220, 220]), Rgb([40, 40, 40])];

/// A 3×5 bitmap of each character, the top row in the highest bits.
const CHARACTER_BITS: [u16; CHARACTERS] = [
    0b111_101_101_101_111,
    0b010_110_010_010_111,
    0b111_001_111_100_111,
    0b111_001_111_001_111,
    0b101_101_111_001_001,
    0b111_100_111_001_111,
    0b111_100_111_101_111,
    0b111_001_010_010_010,
    0b111_101_111_101_111,
    0b111_101_111_001_111,
    0b000_000_000_000_010,
    0b000_000_000_010_100,
    0b000_000_111_000_000,
    0b001_001_010_100_100,
    0b000_010_000_010_000,
];

/// Scenes of one size in a grid: ink of digits tinted red, other ink blue, boxes of readable digits
/// green and of others grey, each with its class at its top left.
pub fn sheet(scenes: &[Scene], columns: usize) -> RgbImage {
    let side = scenes.first().map_or(1, |scene| scene.grey.width());
    let columns = columns.max(1);
    let rows = scenes.len().div_ceil(columns) as u32;
    let pitch = side + GAP;
    let mut sheet = RgbImage::from_pixel(columns as u32 * pitch, rows * pitch, BACKGROUND);
    for (place, scene) in scenes.iter().enumerate() {
        let left = (place % columns) as u32 * pitch;
        let top = (place / columns) as u32 * pitch;
        for (x, y, pixel) in scene.grey.enumerate_pixels() {
            let grey = pixel[0];
            let tint = |ink: u8| grey.saturating_add(if ink > 0 { 70 } else { 0 });
            let red = tint(scene.digit_ink.get_pixel(x, y)[0]);
            let blue = tint(scene.other_ink.get_pixel(x, y)[0]);
            sheet.put_pixel(left + x, top + y, Rgb([red, grey, blue]));
        }
        for digit in &scene.digits {
            mark(&mut sheet, digit, [left, top]);
        }
    }
    sheet
}

/// Draws a digit's box and class; anything outside the sheet is clipped.
fn mark(sheet: &mut RgbImage, digit: &Digit, [left, top]: [u32; 2]) {
    let at = |value: f32, start: u32| start + value.max(0.0) as u32;
    let (x0, x1) = (at(digit.bounds.left, left), at(digit.bounds.right, left));
    let (y0, y1) = (at(digit.bounds.top, top), at(digit.bounds.bottom, top));
    let mut put = |x: u32, y: u32| {
        if x < sheet.width() && y < sheet.height() {
            let colour = match digit.readable {
                true => READABLE,
                false => UNREADABLE[((x + y) / 2 % 2) as usize],
            };
            sheet.put_pixel(x, y, colour);
        }
    };
    for x in x0..=x1 {
        put(x, y0);
        put(x, y1);
    }
    for y in y0..=y1 {
        put(x0, y);
        put(x1, y);
    }
    let bits = CHARACTER_BITS[usize::from(digit.class) % CHARACTERS];
    for bit in (0..15_u32).filter(|bit| bits >> (14 - bit) & 1 == 1) {
        // Beside the top left corner, outside the box.
        put((x0 + bit % 3).saturating_sub(4), y0 + bit / 3);
    }
}
