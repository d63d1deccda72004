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
        let weight = |other: usize| line.row[other].any() as f32;
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
            (count + 1.0, sum + other.any() as f32)
        });
        let hidden = others()
            .map(|other| overlap(bounds, &line.row[other].bounds))
            .fold(0.0, f32::max);
        let [digit_ink, other_ink] = self.shares(bounds);
        let [_, other_around] = self.shares(&grown(bounds));
        let best = own.probabilities.iter().copied().fold(0.0, f64::max);
        [
            log_odds(own.any()),
            log_odds(f64::from(own.detector_score)),
            (best / own.any().max(1e-9)).max(1e-4).ln() as f32,
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
            (own.sign() / own.any().max(1e-9)) as f32,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognizer::testing::{bounds, ink, near, scored_box};

    /// What is said of a box in a row, by place in the features.
    fn assert_features(features: [f32; FEATURES], expected: [f32; FEATURES]) {
        for (at, (own, expected)) in features.into_iter().zip(expected).enumerate() {
            assert!(near(own, expected), "{at}: {own}, not {expected}");
        }
    }

    #[test]
    fn a_box_is_described_by_its_scores_its_row_and_its_picture() {
        let mut own = scored_box(3, bounds(16.0, 2.0, 28.0, 26.0), 0.6);
        (own.probabilities[8], own.probabilities[12]) = (0.15, 0.05);
        own.detector_score = 0.6;
        own.detected_size = 48.0;
        let before = scored_box(1, bounds(0.0, 0.0, 10.0, 20.0), 0.5);
        // It overlaps the own box by 2 × 14 of its 10 × 16 pixels.
        let after = scored_box(2, bounds(26.0, 0.0, 36.0, 16.0), 0.25);
        let elsewhere = scored_box(7, bounds(100.0, 100.0, 110.0, 120.0), 0.1);
        let row = vec![before, own, after];
        let all = [&row[..], &[elsewhere]].concat();
        // The own box covers columns 4 to 6 and rows 0 to 6 of these cells, its surroundings
        // columns 0 to 12 and rows 0 to 12.
        let digits: Vec<[usize; 2]> = (0..7).map(|y| [5, y]).collect();
        let other = [[4, 0], [4, 1], [9, 7], [0, 12], [15, 3], [3, 20]];
        let ink = ink([16, 24], [4.0, 4.0], [&digits, &other]);
        let surroundings = Surroundings {
            all: &all,
            ink: Some(&ink),
            height: 96.0,
        };
        let line = Line { row, slope: 0.5 };
        let mean_log_height = (0.5 * 20f32.ln() + 0.25 * 16f32.ln()) / 0.75;
        let expected = [
            4f32.ln(),
            1.5f32.ln(),
            0.75f32.ln(),
            24f32.ln() - mean_log_height,
            // It lies 4.5 above the line through the first, and 10.5 below that through the last.
            (0.5 * -4.5 + 0.25 * 10.5) / 0.75 / 24.0,
            0.75 / 2.0,
            0.0,
            3f32.ln(),
            -2.0 / 24.0,
            0.85 / 3.0,
            4f32.ln(),
            2.0 / 21.0,
            7.0 / 21.0,
            4.0 / 169.0,
            1.5f32.ln(),
            28.0 / 160.0,
            0.25f32.ln(),
            0.5f32.ln(),
            0.05 / 0.8,
        ];
        assert_features(surroundings.of(&line, 1), expected);
        // The first box is beside the own one, 6 pixels away.
        let first = surroundings.of(&line, 0);
        assert!(near(first[8], 6.0 / 20.0), "{}", first[8]);
        let last = surroundings.of(&line, 2);
        assert!(near(last[8], -2.0 / 16.0), "{}", last[8]);
    }

    #[test]
    fn a_box_alone_has_no_neighbours_to_compare_with() {
        let alone = [scored_box(3, bounds(0.0, 0.0, 10.0, 20.0), 0.5)];
        let surroundings = Surroundings {
            all: &alone,
            ink: None,
            height: 20.0,
        };
        let line = Line {
            row: alone.to_vec(),
            slope: 0.0,
        };
        let mut expected = [0.0; FEATURES];
        (expected[5], expected[6], expected[9]) = (0.5, 1.0, 0.5);
        expected[8] = MAX_GAP;
        expected[14] = (20f32 / 32.0).ln();
        expected[17] = 0.5f32.ln();
        assert_features(surroundings.of(&line, 0), expected);
    }

    #[test]
    fn a_neighbour_far_away_counts_as_none() {
        let row = [0.0, 500.0].map(|x| scored_box(3, bounds(x, 0.0, x + 10.0, 20.0), 0.5));
        let surroundings = Surroundings {
            all: &row,
            ink: None,
            height: 20.0,
        };
        let line = Line {
            row: row.to_vec(),
            slope: 0.0,
        };
        assert_eq!(surroundings.of(&line, 0)[8], MAX_GAP);
        assert_eq!(surroundings.of(&line, 1)[8], MAX_GAP);
    }

    #[test]
    fn log_odds_are_bounded_whatever_rounding_does() {
        assert!(near(log_odds(0.8), 4f64.ln()));
        assert!(near(log_odds(0.2), -(4f64.ln())));
        assert_eq!(log_odds(0.5), 0.0);
        assert_eq!([0.0, 1.0, 1.0 + 1e-12].map(log_odds), [-8.0, 8.0, 8.0]);
    }

    #[test]
    fn the_surroundings_reach_a_height_beyond_the_box() {
        let around = grown(&bounds(30.0, 50.0, 40.0, 70.0));
        assert_eq!(around, bounds(10.0, 30.0, 60.0, 90.0));
    }
}
