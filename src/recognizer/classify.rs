//! The second stage: each box that may hold a digit is cut out and classified by itself.

use anyhow::Result;
use image::GrayImage;
use rayon::prelude::*;

use super::detect::Candidate;
use super::settings::{DETECTOR_WEIGHT, LARGE, SMALL};
use crate::reader::FrozenReader;
use crate::reader::crops::Crop;
use crate::scenes::Bounds;
use crate::tensors::CLASSES;

/// A box with the scores of both networks.
#[derive(Clone, Copy, Debug)]
pub(super) struct ScoredBox {
    /// In pixels of the upright picture.
    pub(super) bounds: Bounds,
    /// Of each digit, in 0..1; 1 minus their sum is the probability of no digit.
    pub(super) probabilities: [f64; CLASSES],
    /// The detector's highest score of any digit, 0 to 1.
    pub(super) detector_score: f32,
    /// Height or width of the box on the level where it was detected, in pixels, whichever is
    /// greater.
    pub(super) detected_size: f32,
    /// How far the box can be trusted compared with others on the same digit, 0 to 1.
    pub(super) quality: f64,
}

impl ScoredBox {
    /// The probability that it is any digit.
    pub(super) fn digit(&self) -> f64 {
        self.probabilities.iter().sum()
    }

    /// Scales the probabilities so that it is any digit with this probability, in 0..1.
    pub(super) fn set_digit_probability(&mut self, digit: f64) {
        let factor = digit / self.digit().max(f64::MIN_POSITIVE);
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
    let mut joined = [0.0; CLASSES];
    for (class, joined) in joined.iter_mut().enumerate() {
        *joined = answers[class] * share(candidate.scores[class]);
    }
    let none = answers[CLASSES] * share(1.0 - best);
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
