//! What is known of each box beside its own pixels: how it stands in its row and in the picture.

use super::detect::Ink;
use super::glance::Sighting;
use super::line::{Line, shared};
use crate::reader::judge::FEATURES;
use crate::scenes::Bounds;

/// Logarithms of probabilities are told up to here.
const SUREST: f64 = 8.0;

/// Gaps are told up to so many heights.
const FARTHEST: f32 = 4.0;

/// What all boxes of a picture have in common.
pub(super) struct Surroundings<'a> {
    /// All boxes, also such as are hardly digits.
    pub(super) all: &'a [Sighting],
    pub(super) ink: Option<&'a Ink>,
    /// Height of the picture.
    pub(super) height: f32,
}

impl Surroundings<'_> {
    /// What is known of one of a row's boxes.
    pub(super) fn of(&self, line: &Line, at: usize) -> [f32; FEATURES] {
        let own = &line.row[at];
        let bounds = &own.bounds;
        let height = bounds.height();
        let others = || (0..line.row.len()).filter(move |&other| other != at);
        let weight = |other: usize| line.row[other].digit() as f32;
        let total: f32 = others().map(weight).sum();
        let mean = |value: &dyn Fn(usize) -> f32| -> f32 {
            let sum: f32 = others().map(|other| weight(other) * value(other)).sum();
            sum / total.max(f32::MIN_POSITIVE)
        };
        let is_alone = line.row.len() == 1;
        let log_height = |b: &Bounds| b.height().max(1.0).ln();
        let off = |other: usize| line.off(other, at) / height.max(1.0);
        let gap = |other: usize| {
            let other = &line.row[other].bounds;
            (bounds.left - other.right).max(other.left - bounds.right) / height.max(1.0)
        };
        let beside = others().map(gap).fold(FARTHEST, f32::min).max(-1.0);
        let picture = self.all.iter().filter(|other| other.bounds != own.bounds);
        let (count, sum) = picture.fold((0.0, 0.0), |(count, sum), other| {
            (count + 1.0, sum + other.digit() as f32)
        });
        let hidden = others()
            .map(|other| shared(bounds, &line.row[other].bounds))
            .fold(0.0, f32::max);
        let [digit_ink, other_ink] = self.shares(bounds);
        let [_, other_around] = self.shares(&grown(bounds));
        let best = own.probabilities.iter().copied().fold(0.0, f64::max);
        [
            log_odds(own.digit()),
            log_odds(f64::from(own.seen)),
            (best / own.digit().max(1e-9)).max(1e-4).ln() as f32,
            if is_alone {
                0.0
            } else {
                (log_height(bounds) - mean(&|other| log_height(&line.row[other].bounds))).abs()
            },
            if is_alone { 0.0 } else { mean(&off).abs() },
            if is_alone {
                0.5
            } else {
                total / (line.row.len() - 1) as f32
            },
            f32::from(u8::from(is_alone)),
            (line.row.len() as f32).ln(),
            beside,
            if count > 0.0 { sum / count } else { 0.5 },
            (1.0 + count).ln(),
            other_ink,
            digit_ink,
            other_around,
            (own.seen_size / 32.0).max(0.1).ln(),
            hidden,
            (height / self.height.max(1.0)).max(1e-3).ln(),
            (bounds.width() / height.max(1.0)).clamp(0.02, 50.0).ln(),
        ]
    }

    /// How much of a box is ink of digits, and other ink.
    fn shares(&self, bounds: &Bounds) -> [f32; 2] {
        self.ink.map_or([0.0; 2], |ink| ink.shares(bounds))
    }
}

fn log_odds(probability: f64) -> f32 {
    let probability = probability.clamp(1e-9, 1.0 - 1e-9);
    (probability / (1.0 - probability))
        .ln()
        .clamp(-SUREST, SUREST) as f32
}

/// The box with its height around it on all sides.
fn grown(bounds: &Bounds) -> Bounds {
    let by = bounds.height();
    Bounds {
        left: bounds.left - by,
        top: bounds.top - by,
        right: bounds.right + by,
        bottom: bounds.bottom + by,
    }
}
