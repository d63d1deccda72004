//! Handwritten digits drawn by the program itself, so that everything runs without a download.
//!
//! A digit is written as a person would: [`glyphs`] knows the ways people write it as strokes,
//! [`hand`] gives the strokes one writer's slant, proportions and tremor, and [`pen`] inks them.
//! The picture is then fitted as MNIST's were: scaled with kept aspect into a box of 20×20 pixels,
//! and placed in 28×28 by its centre of mass (<http://yann.lecun.com/exdb/mnist/>).

mod chance;
mod glyphs;
mod hand;
mod pen;

use chance::Chance;
use rayon::prelude::*;

/// Width and height of a dataset image in pixels.
const SIDE: usize = 28;
/// Width and height in pixels of the box that holds a dataset image's ink.
const BOX: usize = 20;
/// Share of the side of a free-standing picture that stays empty on each edge.
const MARGIN: f64 = 0.1;

/// Images of handwritten digits and what they show.
pub struct Digits {
    /// White ink (255) on black (0), `[count, 28, 28]`, row by row.
    pub pixels: Vec<u8>,
    /// The digit in each image, 0 to 9, `[count]`.
    pub labels: Vec<u8>,
}

/// Writes `count` digits in MNIST's format, each by another hand; all ten are equally likely.
///
/// Image `i` depends on `seed` and `i` alone: the same seed gives the same bytes on any number of
/// threads, and a longer set starts with the shorter one.
pub fn digits(count: usize, seed: u64) -> Digits {
    let mut pixels = vec![0; count * SIDE * SIDE];
    let mut labels = vec![0; count];
    pixels
        .par_chunks_exact_mut(SIDE * SIDE)
        .zip(labels.par_iter_mut())
        .enumerate()
        .for_each(|(i, (image, label))| {
            let mut chance = Chance::new(seed, i as u64);
            *label = chance.below(10) as u8;
            let boxed = pen::ink(&hand::write(*label, &mut chance), BOX, BOX as f64);
            place_by_mass(&boxed, image);
        });
    Digits { pixels, labels }
}

/// Draws one digit of any size in one of the hands of [`digits`].
///
/// Returns white ink (255) on black (0), `[side, side]`, row by row, with about a tenth of the
/// side left empty around the ink. Of `digit` only the last decimal place is drawn.
pub fn draw(digit: u8, side: usize, seed: u64) -> Vec<u8> {
    let mut chance = Chance::new(seed, 0);
    let extent = side as f64 * (1.0 - 2.0 * MARGIN);
    pen::ink(&hand::write(digit % 10, &mut chance), side, extent)
}

/// Copies the 20×20 box into the 28×28 image so that the ink's centre of mass lies in its middle.
fn place_by_mass(boxed: &[u8], image: &mut [u8]) {
    let (mut mass, mut moment_x, mut moment_y) = (0.0, 0.0, 0.0);
    for (i, &ink) in boxed.iter().enumerate() {
        mass += f64::from(ink);
        moment_x += f64::from(ink) * ((i % BOX) as f64 + 0.5);
        moment_y += f64::from(ink) * ((i / BOX) as f64 + 0.5);
    }
    // Ink may never leave the image, however lopsided the digit.
    let offset = |moment: f64| {
        let exact = SIDE as f64 / 2.0 - moment / mass;
        exact.round().clamp(0.0, (SIDE - BOX) as f64) as usize
    };
    let (left, top) = (offset(moment_x), offset(moment_y));
    for (y, row) in boxed.chunks_exact(BOX).enumerate() {
        let start = (top + y) * SIDE + left;
        image[start..start + BOX].copy_from_slice(row);
    }
}
