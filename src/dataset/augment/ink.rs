//! Other pens: wider and thinner strokes, soft or faint ink, gaps.

use rand::{Rng, RngExt};
use serde::Serialize;
use tch::{Kind, Tensor};

use crate::tensors::SIDE;

/// How far the ink is changed at most; each image has amounts of its own, small ones more often.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ink {
    /// Share of the way to strokes that are a pixel wider on either side.
    pub wider: f64,
    /// Share of the way to strokes that are a pixel thinner on either side.
    pub thinner: f64,
    /// Share of the way to ink that is averaged over 3×3 pixels.
    pub blur: f64,
    /// Factors on the ink, clamped at solid ink: the smallest and the greatest.
    pub strength: (f64, f64),
    /// Radius in pixels of the holes that are torn into the strokes.
    pub gap: f64,
    /// Share of the images that get holes.
    pub torn: f64,
}

/// Holes in an image that gets some.
const GAPS: usize = 3;
/// Holes are torn so far from the middle at most, in pixels: further out is hardly any ink.
const REACH: f64 = 9.0;

impl Ink {
    /// What pens and paint programs differ by from MNIST's, once their strokes have been made about
    /// as wide.
    pub(super) const WIDE: Self = Self {
        wider: 0.7,
        thinner: 0.5,
        blur: 0.6,
        strength: (0.7, 1.6),
        gap: 1.5,
        torn: 0.12,
    };

    /// Changes the ink of each image in its own way.
    ///
    /// # Shapes
    /// `f32 [B, 1, 28, 28]` in 0..1 to the same.
    pub(super) fn apply(&self, images: &Tensor, rng: &mut impl Rng) -> Tensor {
        let count = images.size()[0] as usize;
        let mut drawn = |low: f64, high: f64| {
            let amounts: Vec<f32> = (0..count)
                .map(|_| (low + (high - low) * rng.random::<f64>()) as f32)
                .collect();
            let amounts = Tensor::from_slice(&amounts).view([-1, 1, 1, 1]);
            amounts.to_device(images.device())
        };
        // Most people's pens are much like MNIST's.
        let seldom = drawn(0.0, 1.0);
        let pen = drawn(-self.thinner, self.wider) * seldom;
        let wide = greatest_around(images);
        let thin = -greatest_around(&-images);
        let inked =
            images + pen.clamp_min(0.0) * (wide - images) - pen.clamp_max(0.0) * (thin - images);
        let soft = inked.avg_pool2d([3, 3], [1, 1], [1, 1], false, true, None);
        let inked = &inked + drawn(0.0, self.blur) * (soft - &inked);
        let inked = (inked * drawn(self.strength.0, self.strength.1)).clamp(0.0, 1.0);
        inked * self.gaps(count, rng).to_device(images.device())
    }

    /// 0 in the holes and 1 elsewhere, `[count, 1, 28, 28]`, with soft edges.
    fn gaps(&self, count: usize, rng: &mut impl Rng) -> Tensor {
        let middle = (SIDE as f64 - 1.0) / 2.0;
        let mut holes = Vec::with_capacity(count * GAPS * 3);
        for _ in 0..count {
            let torn = rng.random::<f64>() < self.torn;
            for _ in 0..GAPS {
                let mut place = || middle + REACH * (rng.random::<f64>() * 2.0 - 1.0);
                let (x, y) = (place() as f32, place() as f32);
                // A radius far below none leaves the image whole.
                let radius = if torn {
                    self.gap * rng.random::<f64>()
                } else {
                    -9.0
                };
                holes.extend([x, y, radius as f32]);
            }
        }
        let holes = Tensor::from_slice(&holes).view([count as i64, GAPS as i64, 1, 1, 3]);
        let pixels = Tensor::arange(SIDE as i64, (Kind::Float, tch::Device::Cpu));
        let across = pixels.view([1, 1, 1, -1]) - holes.select(4, 0);
        let down = pixels.view([1, 1, -1, 1]) - holes.select(4, 1);
        let distance = (across.square() + down.square()).sqrt() - holes.select(4, 2);
        (distance + 0.5).clamp(0.0, 1.0).amin([1].as_slice(), true)
    }
}

/// The greatest value among the 3×3 pixels around each.
fn greatest_around(images: &Tensor) -> Tensor {
    images.max_pool2d([3, 3], [1, 1], [1, 1], [1, 1], false)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use tch::Device;

    use super::*;

    const NONE: Ink = Ink {
        wider: 0.0,
        thinner: 0.0,
        blur: 0.0,
        strength: (1.0, 1.0),
        gap: 0.0,
        torn: 0.0,
    };

    /// Upright strokes, three pixels wide.
    fn strokes(count: i64) -> Tensor {
        let images = Tensor::zeros([count, 1, 28, 28], (Kind::Float, Device::Cpu));
        let _ = images.narrow(2, 6, 16).narrow(3, 13, 3).fill_(1.0);
        images
    }

    /// The ink of each image, as a share of what it was.
    fn ink_left(ink: Ink) -> Vec<f64> {
        let inked = ink.apply(&strokes(200), &mut ChaCha8Rng::seed_from_u64(1));
        assert!(inked.min().double_value(&[]) >= 0.0 && inked.max().double_value(&[]) <= 1.0);
        let left = inked.sum_dim_intlist([1, 2, 3].as_slice(), false, Kind::Double) / 48.0;
        Vec::try_from(left).unwrap()
    }

    fn extremes(values: &[f64]) -> (f64, f64) {
        values
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), &value| {
                (low.min(value), high.max(value))
            })
    }

    #[test]
    fn no_change_changes_nothing() {
        let same = NONE.apply(&strokes(3), &mut ChaCha8Rng::seed_from_u64(1));
        assert_eq!(same, strokes(3));
    }

    #[test]
    fn pens_get_wider_and_thinner_within_their_bounds() {
        let pen = Ink {
            wider: 0.8,
            thinner: 0.5,
            ..NONE
        };
        let (thinnest, widest) = extremes(&ink_left(pen));
        // A pixel more on either side makes 5 × 18 of 3 × 16 pixels, one less 1 × 14.
        assert!((0.64..0.8).contains(&thinnest), "{thinnest}");
        assert!((1.4..1.71).contains(&widest), "{widest}");
    }

    #[test]
    fn faint_ink_and_holes_take_ink_away() {
        let faint = Ink {
            strength: (0.6, 1.5),
            ..NONE
        };
        let (least, most) = extremes(&ink_left(faint));
        assert!(
            (0.6..0.63).contains(&least) && most == 1.0,
            "{least} {most}"
        );
        let torn = Ink {
            gap: 2.0,
            torn: 0.5,
            ..NONE
        };
        let left = ink_left(torn);
        let whole = left.iter().filter(|share| **share == 1.0).count();
        assert!((80..180).contains(&whole), "{whole} of 200 are whole");
        assert!(left.iter().any(|share| *share < 0.9));
    }
}
