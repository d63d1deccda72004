//! MNIST's digits: as images, enlarged smoothly, and as traced strokes.

use anyhow::{Result, ensure};
use image::GrayImage;
use rayon::prelude::*;

use super::super::glyph::{Glyph, Style};
use super::super::{Point, Split};
use super::legible::is_blot;
use super::samples::centred;
use super::skeleton;
use crate::random::SeededRng;
use crate::tensors::{PIXELS, SIDE};

/// One image in this many is for validation: the last ones.
const VALIDATION: usize = 12;
/// Pixels of an enlarged image per pixel of MNIST's, along one side.
const ENLARGED: usize = 3;

/// Training images, with an index of the digits of each class.
pub struct Mnist {
    images: Vec<u8>,
    /// Indices by split and class, from the most left-leaning digit to the most right-leaning.
    by_slant: [[Vec<u32>; 10]; 2],
}

impl Mnist {
    /// Images (28×28 bytes each, 255 is ink) and their labels.
    pub fn new(images: &[u8], labels: &[u8]) -> Result<Self> {
        ensure!(
            images.len() == labels.len() * PIXELS && labels.iter().all(|&label| label < 10),
            "{} bytes of images do not match {} digit labels",
            images.len(),
            labels.len()
        );
        let first = labels.len() - labels.len() / VALIDATION;
        let measured = |image: &[u8]| (slant(image), !is_blot(image));
        let measured: Vec<(f32, bool)> = images.par_chunks_exact(PIXELS).map(measured).collect();
        let by_slant = [Split::Training, Split::Validation].map(|split| {
            std::array::from_fn(|class| {
                let in_split = |index: &usize| (*index >= first) == (split == Split::Validation);
                let mut indices: Vec<u32> = (0..labels.len())
                    .filter(|index| in_split(index) && usize::from(labels[*index]) == class)
                    .filter(|index| measured[*index].1)
                    .map(|index| index as u32)
                    .collect();
                indices.sort_by(|&a, &b| measured[a as usize].0.total_cmp(&measured[b as usize].0));
                indices
            })
        });
        Ok(Self {
            images: images.to_vec(),
            by_slant,
        })
    }

    /// A digit of `class` whose slant is about at the quantile `lean`, without specks.
    pub fn pick(&self, split: Split, class: u8, lean: f64, rng: &mut SeededRng) -> Option<Vec<u8>> {
        let indices = &self.by_slant[usize::from(split == Split::Validation)][usize::from(class)];
        // Values beyond an end are reflected, so that the most slanted are not chosen more often.
        let share = (lean + rng.approx_normal(0.08)).abs();
        let near = share.min(2.0 - share).max(0.0) * indices.len() as f64;
        let &index = indices.get((near as usize).min(indices.len().checked_sub(1)?))?;
        let start = index as usize * PIXELS;
        self.images.get(start..start + PIXELS).map(without_specks)
    }
}

/// The image without pieces of only a few pixels, which would enlarge its box.
fn without_specks(image: &[u8]) -> Vec<u8> {
    const SMALLEST: usize = 18;
    let mut clean = image.to_vec();
    let mut seen = [false; PIXELS];
    for start in 0..PIXELS {
        if seen[start] || image[start] == 0 {
            continue;
        }
        seen[start] = true;
        let mut piece = vec![start];
        let mut next = 0;
        while let Some(&at) = piece.get(next) {
            next += 1;
            let (x, y) = (at % SIDE, at / SIDE);
            for y in y.saturating_sub(1)..(y + 2).min(SIDE) {
                for x in x.saturating_sub(1)..(x + 2).min(SIDE) {
                    let beside = y * SIDE + x;
                    if image[beside] > 0 && !seen[beside] {
                        seen[beside] = true;
                        piece.push(beside);
                    }
                }
            }
        }
        if piece.len() < SMALLEST {
            piece.into_iter().for_each(|at| clean[at] = 0);
        }
    }
    clean
}

/// Shift to the right per pixel down, from the ink's second moments.
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

/// An image as smooth ink: `bolder` (about -0.2 to 0.2) makes its lines wider.
pub fn enlarged(image: &[u8], style: &Style, bolder: f32) -> Option<Glyph> {
    const LONG: usize = SIDE * ENLARGED;
    // The distortion is computed every this many pixels, and interpolated linearly in between.
    const STEP: usize = 7;
    const NODES: usize = LONG / STEP + 1;
    let nodes: Vec<Point> = (0..NODES * NODES)
        .map(|at| {
            // MNIST's digits are 20 pixels high, and styles work in heights.
            let share = |index: usize| ((index * STEP) as f32 + 0.5) / ENLARGED as f32;
            let middle = SIDE as f32 / 2.0;
            let place = [at % NODES, at / NODES].map(|index| (share(index) - middle) / 20.0);
            style.bend(place).map(|bent| bent * 20.0 + middle - 0.5)
        })
        .collect();
    let source = Padded::new(image);
    let values: Vec<f32> = (0..LONG * LONG)
        .map(|at| {
            let (x, y) = (at % LONG, at / LONG);
            let node = y / STEP * NODES + x / STEP;
            let across = (x % STEP) as f32 / STEP as f32;
            let down = (y % STEP) as f32 / STEP as f32;
            let [x, y] = [0, 1].map(|axis| {
                let above = nodes[node][axis] * (1.0 - across) + nodes[node + 1][axis] * across;
                let (left, right) = (nodes[node + NODES][axis], nodes[node + NODES + 1][axis]);
                let under = left * (1.0 - across) + right * across;
                above * (1.0 - down) + under * down
            });
            (source.at(x, y) + bolder).clamp(0.0, 1.0)
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

/// The strokes traced in an image, 1 high.
pub fn strokes(image: &[u8]) -> Vec<Vec<Point>> {
    const LONG: usize = SIDE * 2;
    let source = Padded::new(image);
    let values: Vec<f32> = (0..LONG * LONG)
        .map(|at| {
            let place = |index: usize| (index as f32 + 0.5) / 2.0 - 0.5;
            source.at(place(at % LONG), place(at / LONG))
        })
        .collect();
    // A high threshold keeps small loops open; a low one keeps thin lines connected.
    let threshold = [0.45, 0.6, 0.75]
        .into_iter()
        .min_by_key(|&threshold| euler_number(&values, LONG, threshold))
        .unwrap_or(0.5);
    let ink: Vec<bool> = values.iter().map(|&value| value > threshold).collect();
    centred(skeleton::trace(&ink, LONG, LONG))
}

/// Number of pieces of ink minus number of holes in it (the Euler number, counted by 2×2 blocks:
/// Gray, 1971, "Local properties of binary images in two dimensions").
fn euler_number(values: &[f32], width: usize, threshold: f32) -> i32 {
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

/// An image with empty pixels around it, 0 to 1.
struct Padded {
    values: Vec<f32>,
    /// The first and the last row with ink, counted with the margin.
    rows: [f32; 2],
    /// The weights of the four pixels around a position, for each of the positions between two
    /// pixels.
    weights: [[f32; 4]; Self::POSITIONS + 1],
}

impl Padded {
    /// Empty pixels on each side.
    const MARGIN: usize = 4;
    /// Pixels per row.
    const WIDTH: usize = SIDE + 2 * Self::MARGIN;
    /// Number of distinct positions between one pixel and the next.
    const POSITIONS: usize = 16;

    fn new(image: &[u8]) -> Self {
        let mut values = vec![0.0; Self::WIDTH * Self::WIDTH];
        for (row, line) in image.chunks_exact(SIDE).enumerate() {
            let start = (row + Self::MARGIN) * Self::WIDTH + Self::MARGIN;
            for (value, &ink) in values[start..start + SIDE].iter_mut().zip(line) {
                *value = f32::from(ink) / 255.0;
            }
        }
        let inked = |row: &usize| {
            image[row * SIDE..(row + 1) * SIDE]
                .iter()
                .any(|&ink| ink > 0)
        };
        let first = (0..SIDE).find(inked).unwrap_or(SIDE);
        let last = (0..SIDE).rev().find(inked).unwrap_or(0);
        let share = |place: usize| place as f32 / Self::POSITIONS as f32;
        Self {
            values,
            rows: [first, last].map(|row| (row + Self::MARGIN) as f32),
            weights: std::array::from_fn(|place| weights(share(place))),
        }
    }

    /// Interpolated ink: smooth, yet small holes stay open.
    fn at(&self, x: f32, y: f32) -> f32 {
        const MAX: f32 = (Padded::WIDTH - 4) as f32;
        let x = (x + Self::MARGIN as f32 - 1.0).clamp(0.0, MAX);
        let y = (y + Self::MARGIN as f32 - 1.0).clamp(0.0, MAX);
        if y + 3.0 < self.rows[0] || y > self.rows[1] {
            return 0.0;
        }
        let (left, top) = (x as usize, y as usize);
        let near = |share: f32| self.weights[(share * Self::POSITIONS as f32 + 0.5) as usize];
        let (across, down) = (near(x - left as f32), near(y - top as f32));
        let mut columns = [0.0; 4];
        for (row, weight) in (top..).zip(down) {
            let start = row * Self::WIDTH + left;
            let line = &self.values[start..start + 4];
            for (sum, ink) in columns.iter_mut().zip(line) {
                *sum += weight * ink;
            }
        }
        columns
            .iter()
            .zip(across)
            .map(|(ink, share)| ink * share)
            .sum()
    }
}

/// The mean of a Catmull-Rom spline and a B-spline, a good compromise after Mitchell and Netravali
/// (1988).
fn weights(t: f32) -> [f32; 4] {
    let (square, cube) = (t * t, t * t * t);
    let rest = 1.0 - t;
    let through = [
        (2.0 * square - cube - t) / 2.0,
        (3.0 * cube - 5.0 * square + 2.0) / 2.0,
        (4.0 * square - 3.0 * cube + t) / 2.0,
        (cube - square) / 2.0,
    ];
    let smooth = [
        rest * rest * rest / 6.0,
        (3.0 * cube - 6.0 * square + 4.0) / 6.0,
        (3.0 * (t + square - cube) + 1.0) / 6.0,
        cube / 6.0,
    ];
    [0, 1, 2, 3].map(|index| (through[index] + smooth[index]) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring, and a speck far from it.
    fn image() -> Vec<u8> {
        let ring = |at: usize| {
            let (x, y) = ((at % SIDE) as f32 - 13.5, (at / SIDE) as f32 - 13.5);
            (4.0..7.5).contains(&(x / 0.7).hypot(y))
        };
        let ink = |at: usize| {
            if ring(at) || at == 3 * SIDE + 25 {
                255
            } else {
                0
            }
        };
        (0..PIXELS).map(ink).collect()
    }

    #[test]
    fn digits_are_enlarged_and_traced_without_their_specks() {
        let images = image().repeat(12);
        let mnist = Mnist::new(&images, &[0; 12]).unwrap();
        let mut rng = SeededRng::new(1, 1);
        let digit = mnist.pick(Split::Validation, 0, 0.5, &mut rng).unwrap();
        let strokes = strokes(&digit);
        assert_eq!(strokes.len(), 1, "one closed stroke");
        let style = Style::new(0.0, &mut rng);
        let width = enlarged(&digit, &style, 0.0).unwrap().width;
        assert!((width - 0.71).abs() < 0.05, "{width}");
        assert!(mnist.pick(Split::Training, 1, 0.5, &mut rng).is_none());
    }
}
