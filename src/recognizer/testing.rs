//! What several tests of this module need.

use tch::Device;

use super::Recognizer;
use super::classify::ScoredBox;
use super::detect::Ink;
use crate::characters::CHARACTERS;
use crate::scenes::Bounds;

pub(super) fn recognizer() -> Recognizer {
    Recognizer::builtin(Device::Cpu).unwrap()
}

pub(super) fn bounds(left: f32, top: f32, right: f32, bottom: f32) -> Bounds {
    Bounds {
        left,
        top,
        right,
        bottom,
    }
}

/// A box that is this digit with probability `sure`, and otherwise none.
pub(super) fn scored_box(digit: usize, bounds: Bounds, sure: f64) -> ScoredBox {
    let mut probabilities = [0.0; CHARACTERS];
    probabilities[digit] = sure;
    ScoredBox {
        bounds,
        probabilities,
        detector_score: sure as f32,
        detected_size: 20.0,
        quality: sure,
    }
}

/// Ink of digits, and other ink, in these cells of a map of `size`, each of `step` pixels.
pub(super) fn ink(size: [usize; 2], step: [f32; 2], places: [&[[usize; 2]]; 2]) -> Ink {
    let [width, height] = size;
    let [digit_ink, other_ink] = places.map(|places| {
        let mut cells = vec![false; width * height];
        for [x, y] in places {
            cells[y * width + x] = true;
        }
        cells
    });
    Ink {
        size,
        digit_ink,
        other_ink,
        step,
    }
}

/// Whether two numbers are the same but for rounding.
pub(super) fn near(a: impl Into<f64>, b: impl Into<f64>) -> bool {
    (a.into() - b.into()).abs() < 1e-5
}
