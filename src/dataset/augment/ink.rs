//! Changes of the ink: wider and thinner strokes, outlines, soft or faint ink, gaps.

use std::array;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::values::{MIDDLE, Values};
use crate::tensors::SIDE;

/// Maximum changes of the ink; amounts are drawn for each image, small widths more often.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ink {
    /// Widening of strokes, as a blend with strokes one pixel wider on either side.
    pub wider: f64,
    /// Thinning of strokes, as a blend with strokes one pixel thinner on either side.
    pub thinner: f64,
    /// Blur, as a blend with the mean of 3×3 pixels.
    pub blur: f64,
    /// Smallest and largest factor on the ink, which is clamped at solid ink.
    pub strength: (f64, f64),
    /// Radius in pixels of the holes in the strokes.
    pub gap: f64,
    /// Fraction of the images that get holes.
    pub torn: f64,
    /// Fraction of the images of which only the outline is drawn; runs of older versions had none.
    #[serde(default)]
    pub hollow: f64,
}

/// Holes in an image that gets some.
pub(super) const GAPS: usize = 3;
/// Maximum distance of holes from the centre in pixels, horizontally and vertically: further out
/// there is hardly any ink.
const REACH: f64 = 9.0;

impl Ink {
    /// The differences between the strokes of pens and paint programs, scaled to about the same
    /// width, and MNIST's.
    pub(super) const WIDE: Self = Self {
        wider: 0.7,
        thinner: 0.5,
        blur: 0.6,
        strength: (0.7, 1.6),
        gap: 1.5,
        torn: 0.12,
        hollow: 0.04,
    };

    /// Draws the changes for one image.
    pub(super) fn draw(&self, rng: &mut impl Rng) -> Pen {
        let mut between = |low: f64, high: f64| low + (high - low) * rng.random::<f64>();
        // Most pens are similar to MNIST's.
        let scale = between(0.0, 1.0);
        Pen {
            width: (between(-self.thinner, self.wider) * scale) as f32,
            blur: between(0.0, self.blur) as f32,
            strength: between(self.strength.0, self.strength.1) as f32,
            holes: (rng.random::<f64>() < self.torn).then(|| array::from_fn(|_| self.hole(rng))),
            hollow: rng.random::<f64>() < self.hollow,
        }
    }

    fn hole(&self, rng: &mut impl Rng) -> Hole {
        let mut place = || MIDDLE + (REACH * (rng.random::<f64>() * 2.0 - 1.0)) as f32;
        let (x, y) = (place(), place());
        Hole {
            x,
            y,
            radius: (self.gap * rng.random::<f64>()) as f32,
        }
    }
}

/// The changes of the ink of one image.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pen {
    /// Widening, or thinning if negative, as in [`Ink`].
    pub(super) width: f32,
    /// Blur, as in [`Ink`].
    pub(super) blur: f32,
    /// Factor on the ink.
    pub(super) strength: f32,
    pub(super) holes: Option<[Hole; GAPS]>,
    /// Whether only the outline is drawn.
    pub(super) hollow: bool,
}

/// A hole in the ink with a soft edge: centre and radius in pixels, from the centre of the first
/// pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hole {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) radius: f32,
}

impl Pen {
    /// Changes the ink of an image.
    pub(super) fn apply(&self, values: &Values) -> Values {
        let mut inked = *values;
        if self.width != 0.0 {
            let extreme = if self.width > 0.0 { f32::max } else { f32::min };
            blend(&mut inked, &around(values, extreme), self.width.abs());
        }
        if self.hollow {
            let (outer, inner) = (around(&inked, f32::max), around(&inked, f32::min));
            inked = array::from_fn(|pixel| outer[pixel] - inner[pixel]);
        }
        if self.blur != 0.0 {
            let soft = sums_around(&inked).map(|sum| sum / 9.0);
            blend(&mut inked, &soft, self.blur);
        }
        inked = inked.map(|value| (value * self.strength).clamp(0.0, 1.0));
        for hole in self.holes.iter().flatten() {
            hole.tear(&mut inked);
        }
        inked
    }
}

impl Hole {
    fn tear(&self, values: &mut Values) {
        for (pixel, value) in values.iter_mut().enumerate() {
            let (across, down) = (
                (pixel % SIDE) as f32 - self.x,
                (pixel / SIDE) as f32 - self.y,
            );
            *value *= (across.hypot(down) - self.radius + 0.5).clamp(0.0, 1.0);
        }
    }
}

/// Interpolates from `values` to `target` by `share`.
fn blend(values: &mut Values, target: &Values, share: f32) {
    for (value, target) in values.iter_mut().zip(target) {
        *value += share * (target - *value);
    }
}

/// The maximum or minimum, by `extreme`, of the 3×3 pixels around each.
fn around(values: &Values, extreme: fn(f32, f32) -> f32) -> Values {
    let rows = along(values, 1, |before, own, after| {
        extreme(extreme(before.unwrap_or(own), own), after.unwrap_or(own))
    });
    along(&rows, SIDE, |before, own, after| {
        extreme(extreme(before.unwrap_or(own), own), after.unwrap_or(own))
    })
}

/// The sum of the 3×3 pixels around each, with zeros beyond the edge.
fn sums_around(values: &Values) -> Values {
    let sum = |before: Option<f32>, own: f32, after: Option<f32>| {
        before.unwrap_or(0.0) + own + after.unwrap_or(0.0)
    };
    along(&along(values, 1, sum), SIDE, sum)
}

/// Combines each value with its neighbours along rows (`step` 1) or columns (`step` of a row).
fn along(
    values: &Values,
    step: usize,
    combine: impl Fn(Option<f32>, f32, Option<f32>) -> f32,
) -> Values {
    array::from_fn(|pixel| {
        let place = if step == 1 {
            pixel % SIDE
        } else {
            pixel / SIDE
        };
        let before = (place > 0).then(|| values[pixel - step]);
        let after = (place + 1 < SIDE).then(|| values[pixel + step]);
        combine(before, values[pixel], after)
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const NONE: Ink = Ink {
        wider: 0.0,
        thinner: 0.0,
        blur: 0.0,
        strength: (1.0, 1.0),
        gap: 0.0,
        torn: 0.0,
        hollow: 0.0,
    };

    /// An upright stroke, three pixels wide.
    fn stroke() -> Values {
        array::from_fn(|pixel| {
            let inside = (13..16).contains(&(pixel % SIDE)) && (6..22).contains(&(pixel / SIDE));
            f32::from(u8::from(inside))
        })
    }

    /// The remaining fraction of the stroke's ink in each of 200 images.
    fn ink_left(ink: Ink) -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let shares = (0..200).map(|_| {
            let inked = ink.draw(&mut rng).apply(&stroke());
            assert!(inked.iter().all(|value| (0.0..=1.0).contains(value)));
            inked.iter().sum::<f32>() / 48.0
        });
        shares.collect()
    }

    fn extremes(values: &[f32]) -> (f32, f32) {
        values
            .iter()
            .fold((f32::MAX, f32::MIN), |(low, high), &value| {
                (low.min(value), high.max(value))
            })
    }

    #[test]
    fn no_change_changes_nothing() {
        let same = NONE
            .draw(&mut ChaCha8Rng::seed_from_u64(1))
            .apply(&stroke());
        assert_eq!(same, stroke());
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
    fn a_hollow_stroke_keeps_only_its_outline() {
        let pen = Ink {
            hollow: 0.5,
            ..NONE
        };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let drawn: Vec<Values> = (0..200)
            .map(|_| pen.draw(&mut rng).apply(&stroke()))
            .collect();
        let middle = 14 * SIDE + 14;
        let hollow = drawn.iter().filter(|values| values[middle] == 0.0);
        assert!(hollow.clone().all(|values| values[middle - 1] == 1.0));
        assert!((70..130).contains(&hollow.count()));
    }

    #[test]
    fn faint_ink_and_holes_remove_ink() {
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
