//! The second stage: each box that may hold a digit is cut out and classified by itself.

use anyhow::Result;
use image::GrayImage;
use rayon::prelude::*;

use super::detect::Candidate;
use super::settings::{DETECTOR_WEIGHT, LARGE, SMALL};
use crate::characters::CHARACTERS;
use crate::reader::FrozenReader;
use crate::reader::crops::Crop;
use crate::scenes::Bounds;
use crate::tensors::CLASSES;

/// A box with the scores of both networks.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScoredBox {
    /// In pixels of the upright picture.
    pub(super) bounds: Bounds,
    /// Of each character, in 0..1; 1 minus their sum is the probability of none.
    pub(super) probabilities: [f64; CHARACTERS],
    /// The detector's highest score of any character, 0 to 1.
    pub(super) detector_score: f32,
    /// Height or width of the box on the level where it was detected, in pixels, whichever is
    /// greater.
    pub(super) detected_size: f32,
    /// How far the box can be trusted compared with others on the same digit, 0 to 1.
    pub(super) quality: f64,
}

impl ScoredBox {
    /// The probability that it is any character.
    pub(super) fn any(&self) -> f64 {
        self.probabilities.iter().sum()
    }

    /// The probability that it is a sign of a number.
    pub(super) fn sign(&self) -> f64 {
        self.probabilities[CLASSES..].iter().sum()
    }

    /// Takes it for a digit or nothing: what remains are the probabilities of the digits.
    pub(super) fn rule_out_signs(&mut self) {
        self.probabilities[CLASSES..].fill(0.0);
    }

    /// Whether the most probable character is a sign of a number.
    pub(super) fn is_sign(&self) -> bool {
        let most = |classes: &[f64]| classes.iter().copied().fold(0.0, f64::max);
        most(&self.probabilities[CLASSES..]) > most(&self.probabilities[..CLASSES])
    }

    /// Scales the probabilities so that it is any character with this probability, in 0..1.
    pub(super) fn set_probability(&mut self, any: f64) {
        let factor = any / self.any().max(f64::MIN_POSITIVE);
        self.probabilities = self.probabilities.map(|own| (own * factor).min(1.0));
    }
}

/// Classifies the candidates of several pictures.
///
/// # Errors
/// When the network fails.
pub(super) fn classify(
    reader: &FrozenReader,
    pictures: &[(&GrayImage, &[Candidate])],
) -> Result<Vec<Vec<ScoredBox>>> {
    let all: Vec<(&GrayImage, &Candidate)> = pictures
        .iter()
        .flat_map(|(grey, candidates)| candidates.iter().map(move |candidate| (*grey, candidate)))
        .collect();
    let crops: Vec<Crop> = all
        .par_iter()
        .map(|(grey, candidate)| Crop::cut(grey, &candidate.bounds))
        .collect();
    let answers = reader.classify(&crops)?;
    let mut scored = all
        .iter()
        .zip(&answers)
        .map(|((_, candidate), answers)| join(candidate, answers));
    let of_each = |(_, candidates): &(&GrayImage, &[Candidate])| {
        scored.by_ref().take(candidates.len()).collect()
    };
    Ok(pictures.iter().map(of_each).collect())
}

/// Combines both networks: the product of their probabilities, the detector's with its weight.
fn join(candidate: &Candidate, answers: &[f64]) -> ScoredBox {
    let share = |score: f32| f64::from(score).clamp(1e-4, 1.0).powf(DETECTOR_WEIGHT);
    let best = candidate.scores.iter().copied().fold(0.0, f32::max);
    let mut joined = [0.0; CHARACTERS];
    for (class, joined) in joined.iter_mut().enumerate() {
        *joined = answers[class] * share(candidate.scores[class]);
    }
    let none = answers[CHARACTERS] * share(1.0 - best);
    let sum = joined.iter().sum::<f64>() + none;
    let probabilities = joined.map(|joined| joined / sum.max(f64::MIN_POSITIVE));
    // Too small to be clear, or so large that another level shows it better.
    let size = candidate.detected_size;
    let trust = (size / SMALL).min(1.0) * (LARGE / size).min(1.0);
    ScoredBox {
        bounds: candidate.bounds,
        probabilities,
        detector_score: best,
        detected_size: size,
        quality: probabilities.iter().sum::<f64>() * f64::from(best.sqrt() * trust.sqrt()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::synthetic;
    use crate::recognizer::testing::{bounds, near, recognizer, scored_box};

    /// A candidate for a 3, and a little for a 5.
    fn candidate(detected_size: f32) -> Candidate {
        let mut scores = [0.0; CHARACTERS];
        (scores[3], scores[5]) = (1.0, 1.0 / 1024.0);
        Candidate {
            bounds: bounds(12.0, 12.0, 108.0, 108.0),
            scores,
            detected_size,
        }
    }

    fn answers() -> [f64; CHARACTERS + 1] {
        let mut answers = [0.0; CHARACTERS + 1];
        (answers[3], answers[5], answers[CHARACTERS]) = (0.5, 0.4, 0.1);
        answers
    }

    #[test]
    fn both_networks_are_combined() {
        let joined = join(&candidate(30.0), &answers());
        // The weight of 0.3 makes 1/1024 an eighth, and the least score, 1e-4, 10^-1.2.
        let shares = [0.5, 0.4 / 8.0, 0.1 * 10f64.powf(-1.2)];
        let sum: f64 = shares.iter().sum();
        assert!(near(joined.probabilities[3], shares[0] / sum));
        assert!(near(joined.probabilities[5], shares[1] / sum));
        assert!(near(joined.any(), (shares[0] + shares[1]) / sum));
        assert_eq!(joined.detector_score, 1.0);
        assert_eq!(joined.detected_size, 30.0);
        assert_eq!(joined.bounds, candidate(30.0).bounds);
    }

    #[test]
    fn a_digit_of_a_good_size_is_trusted_most() {
        let quality = |size: f32| {
            let joined = join(&candidate(size), &answers());
            joined.quality / joined.any()
        };
        let half = 0.5f64.sqrt();
        for (size, expected) in [
            (SMALL / 2.0, half),
            (SMALL, 1.0),
            (LARGE, 1.0),
            (2.0 * LARGE, half),
        ] {
            assert!(near(quality(size), expected), "{size}: {}", quality(size));
        }
    }

    #[test]
    fn the_detectors_doubt_lowers_the_quality() {
        let mut unsure = candidate(30.0);
        unsure.scores[3] = 0.25;
        let joined = join(&unsure, &answers());
        assert!(near(joined.quality, joined.any() / 2.0));
    }

    #[test]
    fn all_digits_share_a_new_probability_in_proportion() {
        let mut scored = scored_box(4, bounds(0.0, 0.0, 9.0, 9.0), 0.4);
        scored.probabilities[6] = 0.3;
        assert!(near(scored.any(), 0.7));
        scored.set_probability(0.35);
        assert!(near(scored.probabilities[4], 0.2));
        assert!(near(scored.probabilities[6], 0.15));
        assert_eq!(scored.probabilities[0], 0.0);
    }

    #[test]
    fn every_picture_gets_its_own_boxes() {
        let drawn = |digit| GrayImage::from_raw(120, 120, synthetic::draw(digit, 120, 13)).unwrap();
        let (three, five) = (drawn(3), drawn(5));
        let both = [candidate(30.0), candidate(60.0)];
        let pictures = [(&three, &both[..]), (&five, &[]), (&five, &both[1..])];
        let scored = classify(&recognizer().reader, &pictures).unwrap();
        let counts: Vec<usize> = scored.iter().map(Vec::len).collect();
        assert_eq!(counts, [2, 0, 1]);
        assert_eq!(scored[0][1].detected_size, 60.0);
        // The detector's 3 is confirmed in the first picture and refused in the last.
        assert!(scored[0][0].probabilities[3] > 0.9);
        assert!(scored[2][0].probabilities[3] < 0.1);
    }
}
