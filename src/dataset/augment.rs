//! Distortion of training images: a hand that leans, shrinks, wanders and bends, and other pens.

mod ink;

pub use ink::Ink;

use std::array;
use std::sync::LazyLock;

use rand::{Rng, RngExt};
use serde::Serialize;

use crate::tensors::{PIXELS, SIDE};

/// Values of all pixels of an image, row by row, 0..=1.
type Values = [f32; PIXELS];

/// Places in a row, and rows, whose shifts are drawn; those between follow smoothly.
const BENDS: usize = 6;

/// Rows and columns of 0 around an image that is sampled, so that no sample needs a test.
const MARGIN: usize = 2;
const PADDED: usize = SIDE + 2 * MARGIN;

/// The coordinate of an image's middle.
const MIDDLE: f32 = (SIDE as f32 - 1.0) / 2.0;

/// How far an image is distorted at most; amounts are drawn evenly, on both sides of none where
/// both make sense.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Augmentation {
    /// Rotation in degrees.
    pub rotation: f64,
    /// Change of size, as a fraction, of width and height each.
    pub scale: f64,
    /// Slant, as a fraction of the height.
    pub shear: f64,
    /// Shift in pixels, across and down.
    pub shift: f64,
    /// Bends of the strokes in pixels: the standard deviation of a smooth field of shifts in the
    /// image that is bent most; others are bent less, all amounts alike.
    pub bend: f64,
    /// Another pen; `None` leaves the ink as it is.
    pub ink: Option<Ink>,
}

impl Augmentation {
    /// What `--augment` means, and the default of this project's own networks; chosen on the
    /// validation split.
    pub const LIGHT: Self = Self {
        rotation: 10.0,
        scale: 0.1,
        shear: 0.1,
        shift: 2.0,
        bend: 0.0,
        ink: None,
    };

    /// What people's own pictures differ by from MNIST's, once they have been fitted as MNIST was.
    pub const WIDE: Self = Self {
        rotation: 12.0,
        scale: 0.12,
        shear: 0.15,
        shift: 2.0,
        bend: 0.9,
        ink: Some(Ink::WIDE),
    };

    /// Distorts an image, by bilinear sampling; beyond the edge is 0.
    ///
    /// `pixels` are one image's, row by row; the amounts come from `rng` alone.
    pub fn apply(&self, pixels: &[u8; PIXELS], rng: &mut impl Rng) -> [u8; PIXELS] {
        let map = self.draw(rng);
        let bends = (self.bend > 0.0).then(|| self.bends(rng));
        let mut distorted = sample(pixels, &map, bends.as_ref());
        if let Some(ink) = &self.ink {
            distorted = ink.apply(&distorted, rng);
        }
        distorted.map(|value| (value * 255.0 + 0.5) as u8)
    }

    /// The map from places of the result to places of the image, in pixels from the middle, as a 2×3
    /// matrix.
    fn draw(&self, rng: &mut impl Rng) -> [f32; 6] {
        let mut within = |most: f64| most * (rng.random::<f64>() * 2.0 - 1.0);
        let (sin, cos) = within(self.rotation).to_radians().sin_cos();
        let (width, height) = (1.0 + within(self.scale), 1.0 + within(self.scale));
        let shear = within(self.shear);
        let (across, down) = (within(self.shift), within(self.shift));
        let map = [
            cos / width,
            shear - sin / width,
            across,
            sin / height,
            cos / height,
            down,
        ];
        map.map(|entry| entry as f32)
    }

    /// Smooth shifts for each pixel in pixels, across and down: noise on a coarse grid, interpolated
    /// (elastic distortion, Simard and others, 2003).
    fn bends(&self, rng: &mut impl Rng) -> [Values; 2] {
        // Evenly drawn numbers in -a..a have the standard deviation a / √3.
        let most = self.bend * 3f64.sqrt() * rng.random::<f64>();
        array::from_fn(|_| {
            let noise = array::from_fn(|_| {
                array::from_fn(|_| (most * (rng.random::<f64>() * 2.0 - 1.0)) as f32)
            });
            interpolate(&noise)
        })
    }
}

/// The image's values at the mapped places, each shifted by its bends.
fn sample(pixels: &[u8; PIXELS], map: &[f32; 6], bends: Option<&[Values; 2]>) -> Values {
    let mut padded = [[0f32; PADDED]; PADDED];
    for (row, values) in pixels.chunks_exact(SIDE).enumerate() {
        for (column, &value) in values.iter().enumerate() {
            padded[row + MARGIN][column + MARGIN] = f32::from(value) / 255.0;
        }
    }
    // Just outside of the image all is 0 already.
    let place = |value: f32| {
        let within = (value + MIDDLE).clamp(-1.0, SIDE as f32) + MARGIN as f32;
        let whole = within as i32;
        (whole as usize, within - whole as f32)
    };
    let mut sampled = [0.0; PIXELS];
    for row in 0..SIDE {
        let y = row as f32 - MIDDLE;
        for column in 0..SIDE {
            let (x, pixel) = (column as f32 - MIDDLE, row * SIDE + column);
            let (mut across, mut down) = (
                map[0] * x + map[1] * y + map[2],
                map[3] * x + map[4] * y + map[5],
            );
            if let Some([right, low]) = bends {
                across += right[pixel];
                down += low[pixel];
            }
            let ((left, x), (top, y)) = (place(across), place(down));
            let between = |row: &[f32; PADDED]| row[left] + x * (row[left + 1] - row[left]);
            let (above, below) = (between(&padded[top]), between(&padded[top + 1]));
            sampled[pixel] = above + y * (below - above);
        }
    }
    sampled
}

/// A coarse grid, from corner to corner of the image, as one value a pixel.
fn interpolate(coarse: &[[f32; BENDS]; BENDS]) -> Values {
    static SHARES: LazyLock<[[f32; BENDS]; SIDE]> = LazyLock::new(|| array::from_fn(shares));
    let shares = &*SHARES;
    let rows: [[f32; BENDS]; SIDE] = array::from_fn(|y| {
        array::from_fn(|column| {
            (0..BENDS)
                .map(|row| shares[y][row] * coarse[row][column])
                .sum()
        })
    });
    array::from_fn(|pixel| {
        let (x, y) = (pixel % SIDE, pixel / SIDE);
        (0..BENDS)
            .map(|column| shares[x][column] * rows[y][column])
            .sum()
    })
}

/// What each place of a coarse row adds to one pixel of a row: cubic convolution (Keys, 1981) with
/// the first and last place repeated beyond the ends.
fn shares(pixel: usize) -> [f32; BENDS] {
    let last = BENDS as i64 - 1;
    let at = pixel as f32 * last as f32 / (SIDE as f32 - 1.0);
    let mut shares = [0.0; BENDS];
    let first = at.floor() as i64 - 1;
    for place in first..first + 4 {
        shares[place.clamp(0, last) as usize] += cubic((at - place as f32).abs());
    }
    shares
}

/// The kernel of cubic convolution at a distance, with a slope of -0.75 at 1.
fn cubic(distance: f32) -> f32 {
    const SLOPE: f32 = -0.75;
    let d = distance;
    if d <= 1.0 {
        ((SLOPE + 2.0) * d - (SLOPE + 3.0)) * d * d + 1.0
    } else if d < 2.0 {
        SLOPE * (((d - 5.0) * d + 8.0) * d - 4.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const NONE: Augmentation = Augmentation {
        rotation: 0.0,
        scale: 0.0,
        shear: 0.0,
        shift: 0.0,
        bend: 0.0,
        ink: None,
    };

    /// Solid ink in a rectangle of these columns and rows.
    fn block(columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> [u8; PIXELS] {
        array::from_fn(|pixel| {
            let inside = columns.contains(&(pixel % SIDE)) && rows.contains(&(pixel / SIDE));
            if inside { 255 } else { 0 }
        })
    }

    /// The mean column of the ink in one row, from the middle; NaN where there is none.
    fn column_of_ink(row: &[u8]) -> f64 {
        let ink: f64 = row.iter().map(|&value| f64::from(value)).sum();
        let moment = row.iter().enumerate();
        let moment: f64 = moment
            .map(|(x, &value)| (x as f64 - 13.5) * f64::from(value))
            .sum();
        moment / ink
    }

    #[test]
    fn no_distortion_changes_nothing() {
        let noise: [u8; PIXELS] = array::from_fn(|pixel| (pixel * 37 % 256) as u8);
        assert_eq!(NONE.apply(&noise, &mut ChaCha8Rng::seed_from_u64(1)), noise);
    }

    #[test]
    fn the_seed_decides() {
        let dot = block(12..15, 10..16);
        let distort = |seed| Augmentation::WIDE.apply(&dot, &mut ChaCha8Rng::seed_from_u64(seed));
        assert_eq!(distort(1), distort(1));
        assert_ne!(distort(1), distort(2));
    }

    #[test]
    fn shifts_reach_both_sides_and_centre_on_none() {
        let wander = Augmentation { shift: 2.0, ..NONE };
        let (dot, mut rng) = (block(13..15, 0..28), ChaCha8Rng::seed_from_u64(3));
        let shifts: Vec<f64> = (0..512)
            .map(|_| column_of_ink(&wander.apply(&dot, &mut rng)[14 * SIDE..15 * SIDE]))
            .collect();
        assert!(shifts.iter().copied().fold(f64::MIN, f64::max) > 1.8);
        assert!(shifts.iter().copied().fold(f64::MAX, f64::min) < -1.8);
        assert!((shifts.iter().sum::<f64>() / 512.0).abs() < 0.2);
    }

    #[test]
    fn images_turn_and_stretch_about_their_middle() {
        let upright = block(13..15, 4..24);
        let turned = sample(&upright, &[0.0, -1.0, 0.0, 1.0, 0.0, 0.0], None);
        let lying = block(4..24, 13..15).map(|value| f32::from(value) / 255.0);
        assert_eq!(turned, lying);
        let halved = sample(&upright, &[1.0, 0.0, 0.0, 0.0, 2.0, 0.0], None);
        assert!((halved.iter().sum::<f32>() - 20.0).abs() < 0.1);
    }

    #[test]
    fn bends_move_parts_of_an_image_on_their_own() {
        let bend = Augmentation { bend: 1.0, ..NONE };
        let (line, mut rng) = (block(13..15, 0..28), ChaCha8Rng::seed_from_u64(5));
        let mut spreads = 0.0;
        for _ in 0..64 {
            let bent = bend.apply(&line, &mut rng);
            // The ends of a line may have been bent out of the image.
            let middles: Vec<f64> = (4..24)
                .map(|row| column_of_ink(&bent[row * SIDE..(row + 1) * SIDE]))
                .collect();
            assert!(
                middles.iter().all(|middle| middle.abs() < 3.0),
                "{middles:?}"
            );
            let mean = middles.iter().sum::<f64>() / 20.0;
            let spread = middles
                .iter()
                .map(|middle| (middle - mean).powi(2))
                .sum::<f64>();
            assert!(spread > 0.0, "a line stayed straight");
            spreads += (spread / 20.0).sqrt();
        }
        assert!(spreads / 64.0 > 0.2, "{spreads}");
    }

    #[test]
    fn a_coarse_grid_is_met_at_its_corners_and_even_ground_stays_even() {
        let mut coarse = [[0.0; BENDS]; BENDS];
        (coarse[0][0], coarse[5][5]) = (1.0, -2.0);
        let fine = interpolate(&coarse);
        assert!((fine[0] - 1.0).abs() < 1e-5 && (fine[PIXELS - 1] + 2.0).abs() < 1e-5);
        let even = interpolate(&[[0.7; BENDS]; BENDS]);
        assert!(even.iter().all(|value| (value - 0.7).abs() < 1e-5));
    }
}
