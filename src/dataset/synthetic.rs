//! Synthetic handwritten digits, so that everything runs without a download.
//!
//! A digit is written as a person would: `glyphs` defines common ways of writing it as strokes,
//! `hand` gives the strokes one writer's slant, proportions and tremor, and `pen` renders them.
//! Non-digits, on which a network learns to be unsure, are drawn in the same way: letters as in
//! `letters`, signs as in `shapes`, pieces and rows of digits, and scribbles. The image is then
//! fitted like MNIST's: scaled into a box of 20×20 pixels with its aspect ratio kept, and placed in
//! 28×28 by its centre of mass (<http://yann.lecun.com/exdb/mnist/>).

mod glyphs;
mod hand;
mod letters;
mod nondigits;
mod pen;
mod pieces;
mod scribbles;
mod shapes;
mod sketch;
mod stroke;

use rayon::prelude::*;

use crate::random::SeededRng;
use crate::tensors::SIDE;

/// Width and height in pixels of the box of an image's ink.
const BOX: usize = 20;
/// Empty margin on each edge of a picture by [`draw`], as a fraction of its side.
const MARGIN: f64 = 0.1;

/// Images of handwritten digits with labels.
pub struct Digits {
    /// White ink (255) on black (0), `[count, 28, 28]`, row by row.
    pub pixels: Vec<u8>,
    /// The digit in each image, 0 to 9, `[count]`.
    pub labels: Vec<u8>,
}

/// Draws `count` digits in MNIST's format, each in another handwriting; all ten are equally likely.
///
/// Image `i` depends only on `seed` and `i`: the same seed gives the same bytes on any number of
/// threads, and a longer set starts with the shorter one. Between platforms a pixel may differ by
/// one level, where their sines differ in the last bit.
pub fn digits(count: usize, seed: u64) -> Digits {
    let mut pixels = vec![0; count * SIDE * SIDE];
    let mut labels = vec![0; count];
    pixels
        .par_chunks_exact_mut(SIDE * SIDE)
        .zip(labels.par_iter_mut())
        .enumerate()
        .for_each(|(i, (image, label))| {
            let mut rng = SeededRng::new(seed, i as u64);
            *label = rng.below(10) as u8;
            let boxed = pen::ink(&hand::write(*label, &mut rng), BOX, BOX as f64);
            place_by_mass(&boxed, image);
        });
    Digits { pixels, labels }
}

/// Draws `count` images of ink that is no digit, fitted like those of [`digits`].
///
/// Letters, signs and small drawings, pieces and rows of digits, scribbles and textures, but
/// nothing that could be read as a digit. Returns white ink (255) on black (0), `[count, 28, 28]`,
/// row by row. Image `i` depends only on `seed` and `i`.
pub fn non_digits(count: usize, seed: u64) -> Vec<u8> {
    let mut pixels = vec![0; count * SIDE * SIDE];
    pixels
        .par_chunks_exact_mut(SIDE * SIDE)
        .enumerate()
        .for_each(|(i, image)| {
            let writing = nondigits::write(&mut SeededRng::new(seed, i as u64));
            place_by_mass(&pen::ink(&writing, BOX, BOX as f64), image);
        });
    pixels
}

/// Draws one digit of any size in a random handwriting.
///
/// Returns white ink (255) on black (0), `[side, side]`, row by row, with a margin of about a tenth
/// of the side. Only the last decimal digit of `digit` is drawn.
pub fn draw(digit: u8, side: usize, seed: u64) -> Vec<u8> {
    let mut rng = SeededRng::new(seed, 0);
    let extent = side as f64 * (1.0 - 2.0 * MARGIN);
    pen::ink(&hand::write(digit % 10, &mut rng), side, extent)
}

/// The pen's path for one digit in a random handwriting, as lines of points.
///
/// Coordinates are in heights of a digit, to the right and down. Only the last decimal digit of
/// `digit` is written.
pub fn strokes(digit: u8, rng: &mut SeededRng) -> Vec<Vec<(f64, f64)>> {
    lines(hand::write(digit % 10, rng))
}

/// The same for a letter that cannot be mistaken for a digit.
pub fn letter_strokes(rng: &mut SeededRng) -> Vec<Vec<(f64, f64)>> {
    lines(nondigits::one_letter(rng))
}

/// The same for a sign, a small drawing or a scribble, without any digit in it.
pub fn drawing_strokes(rng: &mut SeededRng) -> Vec<Vec<(f64, f64)>> {
    lines(nondigits::drawing(rng))
}

fn lines(writing: hand::Writing) -> Vec<Vec<(f64, f64)>> {
    let lines = writing.lines.into_iter();
    lines
        .map(|line| line.into_iter().map(|dot| (dot.x, dot.y)).collect())
        .collect()
}

/// Copies the 20×20 box into the 28×28 image so that the ink's centre of mass is at the centre.
fn place_by_mass(boxed: &[u8], image: &mut [u8]) {
    let (mut mass, mut moment_x, mut moment_y) = (0.0, 0.0, 0.0);
    for (i, &ink) in boxed.iter().enumerate() {
        mass += f64::from(ink);
        moment_x += f64::from(ink) * ((i % BOX) as f64 + 0.5);
        moment_y += f64::from(ink) * ((i / BOX) as f64 + 0.5);
    }
    // The ink must stay inside the image, however lopsided the digit.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// First and last index of a row and of a column with ink: top, bottom, left, right.
    fn ink_box(image: &[u8], side: usize) -> (usize, usize, usize, usize) {
        let inked = || {
            image
                .iter()
                .enumerate()
                .filter(|(_, ink)| **ink > 0)
                .map(|(i, _)| i)
        };
        inked().fold((side, 0, side, 0), |(top, bottom, left, right), i| {
            let (y, x) = (i / side, i % side);
            (top.min(y), bottom.max(y), left.min(x), right.max(x))
        })
    }

    #[test]
    fn a_seed_fixes_every_byte_on_any_number_of_threads() -> Result<(), rayon::ThreadPoolBuildError>
    {
        let on_threads = |count| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build()?;
            Ok(pool.install(|| (digits(64, 7), non_digits(64, 7))))
        };
        let (one, four) = (on_threads(1)?, on_threads(4)?);
        assert_eq!(one.0.pixels, four.0.pixels);
        assert_eq!(one.0.labels, four.0.labels);
        assert_eq!(one.1, four.1);
        Ok(())
    }

    #[test]
    fn a_longer_set_starts_with_the_shorter_one() {
        let (short, long) = (digits(10, 7), digits(30, 7));
        assert_eq!(short.pixels, long.pixels[..short.pixels.len()]);
        assert_eq!(short.labels, long.labels[..10]);
    }

    #[test]
    fn seeds_and_indices_give_different_images() {
        let (first, second) = (digits(200, 1), digits(200, 2));
        let images = |set: &Digits| -> Vec<Vec<u8>> {
            set.pixels.chunks(SIDE * SIDE).map(<[u8]>::to_vec).collect()
        };
        let mut all = [images(&first), images(&second)].concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 400);
        assert_ne!(draw(3, SIDE, 1), draw(3, SIDE, 2));
    }

    /// `tests/synthetic.png`: 400 digits above 400 non-digits. Networks and runs that were trained
    /// on a seed's images rely on them.
    #[test]
    fn a_seed_draws_the_same_images_in_every_version() {
        const COLUMNS: usize = 20;
        let images = [digits(400, 1).pixels, non_digits(400, 1)].concat();
        let sheet = image::GrayImage::from_fn(560, 1120, |x, y| {
            let (x, y) = (x as usize, y as usize);
            let index = y / SIDE * COLUMNS + x / SIDE;
            image::Luma([images[(index * SIDE + y % SIDE) * SIDE + x % SIDE]])
        });
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/synthetic.png");
        let expected = image::open(path).map_or_else(|_| Default::default(), |it| it.into_luma8());
        let same = expected.dimensions() == sheet.dimensions()
            && (expected.iter().zip(sheet.iter())).all(|(a, b)| a.abs_diff(*b) <= 2);
        if !same {
            let new = std::env::temp_dir().join("synthetic.png");
            sheet.save(&new).unwrap();
            let new = new.display();
            panic!("the images have changed: if that is intended, copy {new} to {path}");
        }
    }

    #[test]
    fn strokes_have_the_height_of_a_digit_and_differ() {
        let mut rng = SeededRng::new(6, 0);
        let mut all = vec![];
        for digit in 0..20 {
            all.push((strokes(digit, &mut rng), 0.6..2.0));
        }
        for _ in 0..20 {
            all.push((letter_strokes(&mut rng), 0.2..3.0));
            all.push((drawing_strokes(&mut rng), 0.01..3.0));
        }
        for (index, (lines, heights)) in all.iter().enumerate() {
            let points: Vec<_> = lines.iter().flatten().collect();
            assert!(points.len() > 1, "{index}: {} points", points.len());
            let range = |get: fn(&(f64, f64)) -> f64| {
                let values = points.iter().map(|point| get(point));
                let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), value| {
                    (low.min(value), high.max(value))
                });
                high - low
            };
            let (width, height) = (range(|point| point.0), range(|point| point.1));
            assert!(
                heights.contains(&height.max(width)),
                "{index}: {width} by {height}"
            );
        }
        let unlike = all.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
        assert_eq!(unlike, all.len() - 1);
    }

    #[test]
    fn all_digits_are_about_equally_frequent() {
        let mut counts = [0; 10];
        for label in digits(2000, 3).labels {
            counts[usize::from(label)] += 1;
        }
        assert!(
            counts.iter().all(|count| (140..=260).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn images_are_fitted_like_mnists() {
        let pixels = [digits(2000, 4).pixels, non_digits(4000, 4)].concat();
        for (i, image) in pixels.chunks(SIDE * SIDE).enumerate() {
            let (top, bottom, left, right) = ink_box(image, SIDE);
            let longer = (bottom + 1 - top).max(right + 1 - left);
            assert!(
                (BOX - 1..=BOX).contains(&longer),
                "image {i}: ink is {longer} pixels long"
            );
            assert!(image.iter().any(|ink| *ink > 100), "image {i} is faint");
            let mean = |place: fn(usize) -> usize| {
                let mass: f64 = image.iter().map(|ink| f64::from(*ink)).sum();
                let moment = |(i, ink): (usize, &u8)| f64::from(*ink) * (place(i) as f64 + 0.5);
                image.iter().enumerate().map(moment).sum::<f64>() / mass
            };
            let (x, y) = (mean(|i| i % SIDE), mean(|i| i / SIDE));
            // Lopsided ink is shifted only up to the image's edge.
            let centred =
                |mean: f64, low, high| (mean - 14.0).abs() < 1.0 || low == 0 || high == SIDE - 1;
            assert!(
                centred(x, left, right) && centred(y, top, bottom),
                "image {i}: mass at {x}, {y}"
            );
        }
    }

    #[test]
    fn drawings_of_any_size_fill_all_but_the_margin() {
        for side in [28, 75, 300] {
            for digit in 0..10 {
                let (top, bottom, left, right) = ink_box(&draw(digit, side, 5), side);
                let longer = (bottom + 1 - top).max(right + 1 - left) as f64;
                let extent = side as f64 * (1.0 - 2.0 * MARGIN);
                assert!(
                    (longer - extent).abs() <= 2.0,
                    "{digit} at {side}: {longer}"
                );
                let lopsided = (top + bottom)
                    .abs_diff(side - 1)
                    .max((left + right).abs_diff(side - 1));
                assert!(
                    lopsided <= 2,
                    "{digit} at {side} is off the middle by {lopsided} half pixels"
                );
            }
        }
    }
}
