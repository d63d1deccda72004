//! Augmentation of training images: affine and elastic distortion, and changes of the ink.

mod batch;
#[cfg(test)]
mod fractions;
mod ink;
mod values;
mod warp;

pub use batch::Batch;
pub use ink::Ink;

use std::array;

use anyhow::{Result, ensure};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::tensors::{PIXELS, SIDE};
use ink::Pen;
use warp::{Coarse, interpolate, sample};

/// Maximum distortions of an image; amounts are drawn uniformly, in both directions where that
/// makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Augmentation {
    /// Rotation in degrees.
    pub rotation: f64,
    /// Scaling of width and of height, as a fraction.
    pub scale: f64,
    /// Shear, as a fraction of the height.
    pub shear: f64,
    /// Shift in pixels, horizontally and vertically.
    pub shift: f64,
    /// Elastic distortion in pixels: the largest standard deviation of the smooth displacement
    /// field; the actual one is drawn uniformly for each image.
    pub bend: f64,
    /// Changes of the ink; `None` leaves it as it is.
    pub ink: Option<Ink>,
}

impl Augmentation {
    /// The meaning of `--augment`, and the default of this project's own networks; tuned on the
    /// validation split.
    pub const LIGHT: Self = Self {
        rotation: 10.0,
        scale: 0.1,
        shear: 0.1,
        shift: 2.0,
        bend: 0.0,
        ink: None,
    };

    /// For long training, against overfitting; tuned on the validation split.
    pub const STRONG: Self = Self {
        rotation: 15.0,
        scale: 0.15,
        shear: 0.2,
        shift: 3.0,
        bend: 0.5,
        ink: None,
    };

    /// The differences between people's own pictures, fitted like MNIST's, and MNIST.
    pub const WIDE: Self = Self {
        rotation: 12.0,
        scale: 0.12,
        shear: 0.15,
        shift: 2.0,
        bend: 0.9,
        ink: Some(Ink::WIDE),
    };

    /// Validates all values, for instance after reading them from a file.
    ///
    /// # Errors
    /// When an amount is NaN or out of range.
    pub fn check(&self) -> Result<()> {
        let side = SIDE as f64;
        let mut amounts = vec![
            ("a rotation", self.rotation, 180.0),
            ("a change of size", self.scale, 0.9),
            ("a slant", self.shear, 10.0),
            ("a shift", self.shift, side),
            ("a bend", self.bend, side),
        ];
        if let Some(ink) = &self.ink {
            amounts.extend([
                ("a wider pen", ink.wider, 1.0),
                ("a thinner pen", ink.thinner, 1.0),
                ("a blur", ink.blur, 1.0),
                ("a weak pen", ink.strength.0, 10.0),
                ("a strong pen", ink.strength.1, 10.0),
                ("a gap", ink.gap, side),
                ("a share of torn images", ink.torn, 1.0),
                ("a share of outlines", ink.hollow, 1.0),
            ]);
        }
        for (name, amount, most) in amounts {
            ensure!(
                (0.0..=most).contains(&amount),
                "{name} is a number from 0 to {most}, not {amount}"
            );
        }
        Ok(())
    }

    /// Draws the distortion of one image.
    pub fn draw(&self, rng: &mut impl Rng) -> Distortion {
        Distortion {
            map: self.map(rng),
            bends: (self.bend > 0.0).then(|| self.bends(rng)),
            pen: self.ink.as_ref().map(|ink| ink.draw(rng)),
        }
    }

    fn map(&self, rng: &mut impl Rng) -> [f32; 6] {
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

    /// Noise on a coarse grid (elastic distortion: Simard and others, 2003).
    fn bends(&self, rng: &mut impl Rng) -> [Coarse; 2] {
        // The uniform distribution on -a..a has the standard deviation a / √3.
        let most = self.bend * 3f64.sqrt() * rng.random::<f64>();
        array::from_fn(|_| {
            array::from_fn(|_| {
                array::from_fn(|_| (most * (rng.random::<f64>() * 2.0 - 1.0)) as f32)
            })
        })
    }
}

/// The distortion of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Distortion {
    /// The affine map from result to image coordinates, in pixels from the centre, as a 2×3 matrix.
    map: [f32; 6],
    /// Displacements in pixels, horizontal and vertical, on a coarse grid that is interpolated
    /// smoothly.
    bends: Option<[Coarse; 2]>,
    pen: Option<Pen>,
}

impl Distortion {
    /// Distorts an image, with bilinear sampling and zeros beyond the edge.
    ///
    /// `pixels` are row by row.
    pub fn apply(&self, pixels: &[u8; PIXELS]) -> [u8; PIXELS] {
        let bends = self
            .bends
            .as_ref()
            .map(|bends| array::from_fn(|axis| interpolate(&bends[axis])));
        let mut distorted = sample(pixels, &self.map, bends.as_ref());
        if let Some(pen) = &self.pen {
            distorted = pen.apply(&distorted);
        }
        distorted.map(|value| (value * 255.0 + 0.5) as u8)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::fractions::Fractions;
    use super::*;

    const NONE: Augmentation = Augmentation {
        rotation: 0.0,
        scale: 0.0,
        shear: 0.0,
        shift: 0.0,
        bend: 0.0,
        ink: None,
    };

    fn distorted(
        augmentation: &Augmentation,
        pixels: &[u8; PIXELS],
        rng: &mut ChaCha8Rng,
    ) -> [u8; PIXELS] {
        augmentation.draw(rng).apply(pixels)
    }

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
        assert_eq!(
            distorted(&NONE, &noise, &mut ChaCha8Rng::seed_from_u64(1)),
            noise
        );
    }

    #[test]
    fn the_seed_determines_the_distortion() {
        let dot = block(12..15, 10..16);
        let distort = |seed| {
            distorted(
                &Augmentation::WIDE,
                &dot,
                &mut ChaCha8Rng::seed_from_u64(seed),
            )
        };
        assert_eq!(distort(1), distort(1));
        assert_ne!(distort(1), distort(2));
    }

    #[test]
    fn shifts_reach_both_sides_and_average_zero() {
        let shift = Augmentation { shift: 2.0, ..NONE };
        let (dot, mut rng) = (block(13..15, 0..28), ChaCha8Rng::seed_from_u64(3));
        let shifts: Vec<f64> = (0..512)
            .map(|_| column_of_ink(&distorted(&shift, &dot, &mut rng)[14 * SIDE..15 * SIDE]))
            .collect();
        assert!(shifts.iter().copied().fold(f64::MIN, f64::max) > 1.8);
        assert!(shifts.iter().copied().fold(f64::MAX, f64::min) < -1.8);
        assert!((shifts.iter().sum::<f64>() / 512.0).abs() < 0.2);
    }

    #[test]
    fn an_image_is_enlarged_as_far_as_it_is_reduced_and_stays_rectangular() {
        let scale = Augmentation {
            rotation: 30.0,
            scale: 0.4,
            ..NONE
        };
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let mut lengths = vec![];
        for _ in 0..512 {
            let [a, b, _, c, d, _] = scale.draw(&mut rng).map.map(f64::from);
            // Rows at right angles, in the orientation of the image.
            assert!((a * c + b * d).abs() < 1e-5 && a * d - b * c > 0.0);
            lengths.extend([a.hypot(b), c.hypot(d)]);
        }
        let least = lengths.iter().copied().fold(f64::MAX, f64::min);
        let most = lengths.iter().copied().fold(f64::MIN, f64::max);
        assert!((least - 1.0 / 1.4).abs() < 0.02, "{least}");
        assert!((most - 1.0 / 0.6).abs() < 0.05, "{most}");
    }

    #[test]
    fn bends_displace_parts_of_an_image_independently() {
        let bend = Augmentation { bend: 1.0, ..NONE };
        let (line, mut rng) = (block(13..15, 0..28), ChaCha8Rng::seed_from_u64(5));
        let mut spreads = 0.0;
        for _ in 0..64 {
            let bent = distorted(&bend, &line, &mut rng);
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
    fn the_map_turns_stretches_slants_and_shifts_by_what_is_drawn() {
        let amounts = Augmentation {
            rotation: 60.0,
            scale: 0.4,
            shear: 0.2,
            shift: 4.0,
            ..NONE
        };
        // Of what is allowed, +1/2 or -1/2: 30°, 1.2 as wide, 0.8 as high, slanted by 0.1, shifted
        // 2 to the right and 2 up.
        let mut rng = Fractions::new([0.75, 0.75, 0.25, 0.75, 0.75, 0.25]);
        let map = amounts.draw(&mut rng).map;
        let (sin, cos) = (0.5, 3f32.sqrt() / 2.0);
        let expected = [cos / 1.2, 0.1 - sin / 1.2, 2.0, sin / 0.8, cos / 0.8, -2.0];
        for (found, expected) in map.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{map:?}");
        }
        assert!(rng.is_used_up());
    }

    #[test]
    fn each_point_of_the_grid_is_displaced_up_to_a_common_limit() {
        let bend = Augmentation { bend: 2.0, ..NONE };
        let middle = [0.5; 6];
        let points = (0..72).map(|point| f64::from(point) / 72.0);
        // The limit is half of the largest, 2·√3.
        let mut rng = Fractions::new(middle.into_iter().chain([0.5]).chain(points));
        let drawn = bend.draw(&mut rng);
        assert!(rng.is_used_up());
        let bends = drawn.bends.unwrap();
        let bends = bends.as_flattened().as_flattened();
        for (point, found) in bends.iter().enumerate() {
            let expected = 3f32.sqrt() * (point as f32 / 36.0 - 1.0);
            assert!((found - expected).abs() < 1e-5, "{point}: {found}");
        }
    }

    #[test]
    fn what_is_not_asked_for_is_not_drawn() {
        let mut rng = Fractions::new([0.5; 6]);
        let drawn = NONE.draw(&mut rng);
        assert_eq!((drawn.bends, drawn.pen), (None, None));
        assert_eq!(drawn.map, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn amounts_out_of_range_are_refused_by_name() {
        for amounts in [
            Augmentation::LIGHT,
            Augmentation::STRONG,
            Augmentation::WIDE,
        ] {
            amounts.check().unwrap();
        }
        let wide = Augmentation::WIDE;
        let too_much = Augmentation {
            scale: 0.91,
            ..wide
        };
        let text = too_much.check().unwrap_err().to_string();
        assert_eq!(text, "a change of size is a number from 0 to 0.9, not 0.91");
        let nan = Augmentation {
            bend: f64::NAN,
            ..wide
        };
        assert!(nan.check().is_err());
        let torn = Ink {
            torn: -0.1,
            ..Ink::WIDE
        };
        let torn = Augmentation {
            ink: Some(torn),
            ..wide
        };
        let text = torn.check().unwrap_err().to_string();
        assert!(text.starts_with("a share of torn images is"), "{text}");
    }
}
