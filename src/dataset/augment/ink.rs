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
            let extreme = match self.width.is_sign_positive() {
                true => f32::max,
                false => f32::min,
            };
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
mod tests;
