//! Which ink was decisive: the image is classified again with one spot after another wiped out
//! (occlusion: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014).

use anyhow::{Context, Result};
use image::GrayImage;

use super::{Prediction, Recognizer};
use crate::reader::crops::Crop;
use crate::tensors::CLASSES;

/// Spots per side, whatever the size of the image.
const SPOTS: usize = 14;
/// Standard deviation of a spot's Gaussian weights, in units of the distance between spots: about a
/// pen's width.
const SPOT_DEVIATION: f32 = 0.8;
/// Spots with less ink than this share of their weight are skipped.
const MIN_INK: f32 = 0.02;

/// A spot: its weight on each pixel, in 0..=1, row by row.
type Spot = Vec<f32>;

/// What a network saw of a digit, and which of its ink was decisive.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// A square, white ink on black: 28×28 where the network for such images answered, 40×40 where the
    /// reader did.
    pub seen: GrayImage,
    /// How much each pixel's ink speaks for the most probable digit (above 0) or against it (below
    /// 0), in -1..=1 and row by row, the strongest 1 or -1: how far the digit's log odds fall when
    /// a spot around the pixel is wiped out. Paper has 0.
    pub decisive: Vec<f32>,
}

impl Recognizer {
    /// Explains the answer of the network for 28×28 images to one; classifies up to 197 images.
    ///
    /// # Errors
    /// When the network fails, as for an image of another size.
    pub(super) fn explain_image(&self, image: &GrayImage) -> Result<Explanation> {
        explain(image, image, 0.0, &|images| {
            self.classify(images.iter().copied())
        })
    }

    /// Explains the answer of the reader's second network to a crop; classifies up to 197 crops.
    ///
    /// # Errors
    /// When the network fails.
    pub(super) fn explain_crop(&self, crop: &Crop) -> Result<Explanation> {
        let picture = crop.to_image();
        let paper = f32::from(paper(&picture));
        let strongest = picture
            .iter()
            .map(|&value| (f32::from(value) - paper).abs())
            .fold(1.0, f32::max);
        let mut ink = picture.clone();
        for value in ink.iter_mut() {
            *value = (255.0 * (f32::from(*value) - paper).abs() / strongest).round() as u8;
        }
        explain(&picture, &ink, paper, &|images| {
            let crops: Vec<Crop> = images.iter().filter_map(|image| Crop::of(image)).collect();
            let answers = self.reader.classify(&crops)?;
            let digits = |answers: &[f64; CLASSES + 1]| Prediction {
                probabilities: std::array::from_fn(|digit| answers[digit]),
            };
            Ok(answers.iter().map(digits).collect())
        })
    }
}

/// The median tone of the border.
fn paper(picture: &GrayImage) -> u8 {
    let last = picture.width() - 1;
    let border = picture
        .enumerate_pixels()
        .filter(|(x, y, _)| [*x, *y].iter().any(|&at| at == 0 || at == last));
    let mut tones: Vec<u8> = border.map(|(_, _, pixel)| pixel[0]).collect();
    tones.sort_unstable();
    tones[tones.len() / 2]
}

/// Runs `predict` on the image and on copies with spots of its `ink` replaced by `paper`.
fn explain(
    image: &GrayImage,
    ink: &GrayImage,
    paper: f32,
    predict: &dyn Fn(&[&GrayImage]) -> Result<Vec<Prediction>>,
) -> Result<Explanation> {
    let spots: Vec<Spot> = spots(image.width() as usize)
        .into_iter()
        .filter(|spot| inked(ink, spot) >= MIN_INK)
        .collect();
    let wiped: Vec<GrayImage> = spots.iter().map(|spot| wipe(image, spot, paper)).collect();
    let all: Vec<&GrayImage> = [image].into_iter().chain(&wiped).collect();
    let predictions = predict(&all)?;
    let (whole, wiped) = predictions.split_first().context("no prediction")?;
    let digit = whole.ranking()[0].0;
    let falls = wiped
        .iter()
        .map(|wiped| log_odds(whole, digit) - log_odds(wiped, digit));
    let falls: Vec<f32> = falls.map(|fall| fall as f32).collect();
    Ok(Explanation {
        seen: ink.clone(),
        decisive: map(ink, &spots, &falls),
    })
}

/// All spots on a square image, row by row.
fn spots(side: usize) -> Vec<Spot> {
    let step = side as f32 / SPOTS as f32;
    let row = |y| (0..SPOTS).map(move |x| spot(side, step, [x, y]));
    (0..SPOTS).flat_map(row).collect()
}

fn spot(side: usize, step: f32, place: [usize; 2]) -> Spot {
    let middle = place.map(|at| (at as f32 + 0.5) * step - 0.5);
    let deviation = SPOT_DEVIATION * step;
    let weight = |at: usize| {
        let across = (at % side) as f32 - middle[0];
        let down = (at / side) as f32 - middle[1];
        (-(across * across + down * down) / (2.0 * deviation * deviation)).exp()
    };
    (0..side * side).map(weight).collect()
}

/// The share of the spot that lies on ink.
fn inked(ink: &GrayImage, spot: &Spot) -> f32 {
    let pixels = ink.iter().zip(spot);
    let covered: f32 = pixels
        .map(|(&value, weight)| f32::from(value) / 255.0 * weight)
        .sum();
    covered / spot.iter().sum::<f32>()
}

/// The image with paper under the spot.
fn wipe(image: &GrayImage, spot: &Spot, paper: f32) -> GrayImage {
    let mut wiped = image.clone();
    for (value, weight) in wiped.iter_mut().zip(spot) {
        let before = f32::from(*value);
        *value = (before + weight * (paper - before)).round() as u8;
    }
    wiped
}

/// The log odds of a digit. The probabilities of all others are summed, since near certainty 1
/// minus the digit's own probability is mostly rounding error.
fn log_odds(prediction: &Prediction, digit: usize) -> f64 {
    let probabilities = prediction.probabilities.iter().enumerate();
    let others = probabilities.filter(|(other, _)| *other != digit);
    let others: f64 = others.map(|(_, probability)| probability).sum();
    (prediction.probabilities[digit].max(f64::MIN_POSITIVE) / others.max(f64::MIN_POSITIVE)).ln()
}

/// The mean effect of the spots around each pixel, in proportion to its ink.
fn map(ink: &GrayImage, spots: &[Spot], falls: &[f32]) -> Vec<f32> {
    let value = |at: usize, ink: u8| {
        let weights = spots.iter().map(|spot| spot[at]);
        let sum: f32 = weights.clone().sum();
        let said: f32 = weights.zip(falls).map(|(weight, fall)| weight * fall).sum();
        f32::from(ink) / 255.0 * said / sum.max(f32::MIN_POSITIVE)
    };
    let map = ink.iter().enumerate().map(|(at, &ink)| value(at, ink));
    let map: Vec<f32> = map.collect();
    let strongest = map.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let scale = strongest.max(f32::MIN_POSITIVE);
    map.into_iter().map(|value| value / scale).collect()
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::dataset::synthetic;

    fn recognizer() -> Recognizer {
        Recognizer::builtin(Device::Cpu).unwrap()
    }

    #[test]
    fn decisive_pixels_are_ink_and_support_the_answer() {
        let recognizer = recognizer();
        let image = GrayImage::from_raw(28, 28, synthetic::draw(5, 28, 3)).unwrap();
        let map = recognizer.explain_image(&image).unwrap().decisive;
        let paper = map.iter().zip(image.iter()).filter(|(_, ink)| **ink == 0);
        assert!(paper.into_iter().all(|(value, _)| *value == 0.0));
        assert!(map.contains(&1.0) && map.iter().all(|value| value.abs() <= 1.0));
        assert!(map.iter().sum::<f32>() > 0.0);
        // Removing the decisive ink lowers the odds more than removing other ink.
        let digit = recognizer.classify([&image]).unwrap()[0].ranking()[0].0;
        let without = |wanted: &dyn Fn(f32) -> bool| {
            let mut wiped = image.clone();
            for (value, said) in wiped.iter_mut().zip(&map) {
                *value = if wanted(*said) { 0 } else { *value };
            }
            log_odds(&recognizer.classify([&wiped]).unwrap()[0], digit)
        };
        assert!(without(&|said| said > 0.5) < without(&|said| said != 0.0 && said < 0.1));
    }

    #[test]
    fn a_crop_is_explained_in_white_on_black_whatever_its_tones() {
        let recognizer = recognizer();
        let mut picture = GrayImage::from_raw(40, 40, synthetic::draw(7, 40, 3)).unwrap();
        let white = recognizer
            .explain_crop(&Crop::of(&picture).unwrap())
            .unwrap();
        image::imageops::invert(&mut picture);
        let black = recognizer
            .explain_crop(&Crop::of(&picture).unwrap())
            .unwrap();
        assert_eq!(white.seen, black.seen);
        assert_eq!(white.decisive.len(), 1600);
    }
}
