//! Digits as MNIST has them: as images, enlarged smoothly, and as the ways of the pens that wrote them.

use anyhow::{Result, ensure};
use image::GrayImage;

use super::super::glyph::{Glyph, Style};
use super::super::{Part, Point};
use super::samples::centred;
use super::skeleton;
use crate::chance::Chance;
use crate::tensors::{PIXELS, SIDE};

/// One image in so many is for validation: the last ones.
const VALIDATION: usize = 12;
/// Pixels of an enlarged image for one of MNIST's.
const ENLARGED: usize = 3;

/// Training images and where the digits of each class are among them.
pub struct Mnist {
    images: Vec<u8>,
    /// Indices by part and class, from the most left-leaning digit to the most right-leaning.
    by_slant: [[Vec<u32>; 10]; 2],
}

impl Mnist {
    /// Images (28x28 bytes each, 255 is ink) and their digits.
    pub fn new(images: &[u8], labels: &[u8]) -> Result<Self> {
        ensure!(
            images.len() == labels.len() * PIXELS && labels.iter().all(|&label| label < 10),
            "{} bytes of images do not fit {} labels of digits",
            images.len(),
            labels.len()
        );
        let first = labels.len() - labels.len() / VALIDATION;
        let slants: Vec<f32> = images.chunks_exact(PIXELS).map(slant).collect();
        let by_slant = [Part::Training, Part::Validation].map(|part| {
            std::array::from_fn(|class| {
                let in_part = |index: &usize| (*index >= first) == (part == Part::Validation);
                let mut indices: Vec<u32> = (0..labels.len())
                    .filter(|index| in_part(index) && usize::from(labels[*index]) == class)
                    .map(|index| index as u32)
                    .collect();
                indices.sort_by(|&a, &b| slants[a as usize].total_cmp(&slants[b as usize]));
                indices
            })
        });
        Ok(Self {
            images: images.to_vec(),
            by_slant,
        })
    }

    /// A digit of `class` that leans about as much as a share `lean` of its kind does.
    pub fn pick(&self, part: Part, class: u8, lean: f64, chance: &mut Chance) -> Option<&[u8]> {
        let indices = &self.by_slant[usize::from(part == Part::Validation)][usize::from(class)];
        let near = (lean + chance.bell(0.08)).clamp(0.0, 1.0) * indices.len() as f64;
        let &index = indices.get((near as usize).min(indices.len().checked_sub(1)?))?;
        let start = index as usize * PIXELS;
        self.images.get(start..start + PIXELS)
    }
}

/// Shift to the right per pixel down, by the ink's second moments.
fn slant(image: &[u8]) -> f32 {
    let mut sums = [0.0_f32; 5];
    for (at, &ink) in image.iter().enumerate().filter(|(_, ink)| **ink > 0) {
        let (x, y, ink) = ((at % SIDE) as f32, (at / SIDE) as f32, f32::from(ink));
        for (sum, value) in sums.iter_mut().zip([1.0, x, y, x * y, y * y]) {
            *sum += ink * value;
        }
    }
    let [mass, x, y, both, squares] = sums;
    (both * mass - x * y) / (squares * mass - y * y).max(1.0)
}

/// An image as smooth ink: `bolder` (about -0.2 to 0.2) makes its lines broader.
pub fn enlarged(image: &[u8], style: &Style, bolder: f32) -> Option<Glyph> {
    const LONG: usize = SIDE * ENLARGED;
    let values: Vec<f32> = (0..LONG * LONG)
        .map(|at| {
            // MNIST's digits are 20 pixels high, and styles are for heights.
            let share = |index: usize| ((index as f32 + 0.5) / LONG as f32 - 0.5) * SIDE as f32;
            let [x, y] = style.bend([share(at % LONG) / 20.0, share(at / LONG) / 20.0]);
            let middle = SIDE as f32 / 2.0 - 0.5;
            (at_place(image, x * 20.0 + middle, y * 20.0 + middle) + bolder).clamp(0.0, 1.0)
        })
        .collect();
    let inked = |at: usize| values[at] >= 0.5;
    let rows: Vec<usize> = (0..LONG * LONG).filter(|&at| inked(at)).collect();
    let (top, bottom) = (rows.first()? / LONG, rows.last()? / LONG);
    let left = rows.iter().map(|at| at % LONG).min()?;
    let right = rows.iter().map(|at| at % LONG).max()?;
    let size = [right + 1 - left, bottom + 1 - top].map(|side| side as u32);
    let pixel = |x: u32, y: u32| {
        image::Luma([(values[(top + y as usize) * LONG + left + x as usize] * 255.0) as u8])
    };
    Some(Glyph::of_bitmap(GrayImage::from_fn(
        size[0], size[1], pixel,
    )))
}

/// The pen's ways through an image, 1 high.
pub fn ways(image: &[u8]) -> Vec<Vec<Point>> {
    const LONG: usize = SIDE * 2;
    let values: Vec<f32> = (0..LONG * LONG)
        .map(|at| {
            let place = |index: usize| (index as f32 + 0.5) / 2.0 - 0.5;
            at_place(image, place(at % LONG), place(at / LONG))
        })
        .collect();
    // Where more ink counts as empty, small loops open; where less does, thin lines hold.
    let threshold = [0.45, 0.6, 0.75]
        .into_iter()
        .min_by_key(|&threshold| pieces_less_holes(&values, LONG, threshold))
        .unwrap_or(0.5);
    let ink: Vec<bool> = values.iter().map(|&value| value > threshold).collect();
    centred(skeleton::trace(&ink, LONG, LONG))
}

/// Number of pieces of ink less number of holes in it (the Euler number, counted by 2x2 blocks: Gray,
/// 1971, "Local properties of binary images in two dimensions").
fn pieces_less_holes(values: &[f32], width: usize, threshold: f32) -> i32 {
    let ink = |at: usize| values[at] > threshold;
    let mut total = 0;
    for row in 0..values.len() / width - 1 {
        for left in row * width..(row + 1) * width - 1 {
            let block = [
                ink(left),
                ink(left + 1),
                ink(left + width),
                ink(left + width + 1),
            ];
            total += match block.iter().filter(|&&ink| ink).count() {
                1 => 1,
                2 if block[0] == block[3] => -2,
                3 => -1,
                _ => 0,
            };
        }
    }
    total / 4
}

/// Ink 0 to 1 between pixels: a Catmull-Rom cubic (Keys, 1981), as it keeps small holes open.
fn at_place(image: &[u8], x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (weights(x - left), weights(y - top));
    let (left, top) = (left as i32 - 1, top as i32 - 1);
    if left < -3 || top < -3 || left >= SIDE as i32 || top >= SIDE as i32 {
        return 0.0;
    }
    let mut sum = 0.0;
    for (row, weight) in (top..).zip(down) {
        if !(0..SIDE as i32).contains(&row) {
            continue;
        }
        for (column, share) in (left..).zip(across) {
            if (0..SIDE as i32).contains(&column) {
                sum += weight * share * f32::from(image[row as usize * SIDE + column as usize]);
            }
        }
    }
    sum / 255.0
}

fn weights(t: f32) -> [f32; 4] {
    let (square, cube) = (t * t, t * t * t);
    [
        (2.0 * square - cube - t) / 2.0,
        (3.0 * cube - 5.0 * square + 2.0) / 2.0,
        (4.0 * square - 3.0 * cube + t) / 2.0,
        (cube - square) / 2.0,
    ]
}
