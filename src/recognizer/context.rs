//! The judge's features of each box: scores, and how it relates to its row and to the picture.

use super::classify::ScoredBox;
use super::detect::Ink;
use super::line::{Line, overlap};
use crate::reader::judge::FEATURES;
use crate::scenes::Bounds;

/// Log odds are clamped to this absolute value.
const MAX_LOG_ODDS: f64 = 8.0;

/// Gaps are clamped to this many heights.
const MAX_GAP: f32 = 4.0;

/// What all boxes of a picture share.
pub(super) struct Surroundings<'a> {
    /// All boxes, including unlikely ones.
    pub(super) all: &'a [ScoredBox],
    pub(super) ink: Option<&'a Ink>,
    /// Height of the picture.
    pub(super) height: f32,
}

impl Surroundings<'_> {
    /// The features of one of a row's boxes.
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
        let offset = |other: usize| line.offset(other, at) / height.max(1.0);
        let gap = |other: usize| {
            let other = &line.row[other].bounds;
            (bounds.left - other.right).max(other.left - bounds.right) / height.max(1.0)
        };
        let beside = others().map(gap).fold(MAX_GAP, f32::min).max(-1.0);
        let picture = self.all.iter().filter(|other| other.bounds != own.bounds);
        let (count, sum) = picture.fold((0.0, 0.0), |(count, sum), other| {
            (count + 1.0, sum + other.digit() as f32)
        });
        let hidden = others()
            .map(|other| overlap(bounds, &line.row[other].bounds))
            .fold(0.0, f32::max);
        let [digit_ink, other_ink] = self.shares(bounds);
        let [_, other_around] = self.shares(&grown(bounds));
        let best = own.probabilities.iter().copied().fold(0.0, f64::max);
        [
            log_odds(own.digit()),
            log_odds(f64::from(own.detector_score)),
            (best / own.digit().max(1e-9)).max(1e-4).ln() as f32,
            if is_alone {
                0.0
            } else {
                (log_height(bounds) - mean(&|other| log_height(&line.row[other].bounds))).abs()
            },
            if is_alone { 0.0 } else { mean(&offset).abs() },
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
            (own.detected_size / 32.0).max(0.1).ln(),
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
        .clamp(-MAX_LOG_ODDS, MAX_LOG_ODDS) as f32
}

/// The box, enlarged by its height on all sides.
fn grown(bounds: &Bounds) -> Bounds {
    let by = bounds.height();
    Bounds {
        left: bounds.left - by,
        top: bounds.top - by,
        right: bounds.right + by,
        bottom: bounds.bottom + by,
    }
}
