//! Which ink was decisive: the image is classified again with one spot after another wiped out
//! (occlusion: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014).

use anyhow::{Context, Result};
use image::GrayImage;

use super::{Prediction, Recognizer};
use crate::reader::CROP_CLASSES;
use crate::reader::crops::Crop;

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
            let characters = |answers: &[f64; CROP_CLASSES]| Prediction {
                probabilities: std::array::from_fn(|class| answers[class]),
            };
            Ok(answers.iter().map(characters).collect())
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
    use image::Luma;

    use super::*;
    use crate::characters::CHARACTERS;
    use crate::dataset::synthetic;
    use crate::recognizer::testing::{near, recognizer};

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

    #[test]
    fn a_crops_contrast_is_stretched_whatever_its_paper() {
        let digit = GrayImage::from_raw(40, 40, synthetic::draw(7, 40, 3)).unwrap();
        assert_eq!(digit.iter().max(), Some(&255));
        let mut faint = digit.clone();
        for value in faint.iter_mut() {
            *value = (40.0 + f32::from(*value) * 100.0 / 255.0).round() as u8;
        }
        let explained = recognizer()
            .explain_crop(&Crop::of(&faint).unwrap())
            .unwrap();
        assert!(explained.decisive.contains(&1.0));
        for (seen, ink) in explained.seen.iter().zip(digit.iter()) {
            assert!(seen.abs_diff(*ink) <= 2, "{seen} {ink}");
        }
    }

    #[test]
    fn paper_is_the_median_of_the_border() {
        let tones = [
            [10, 10, 10, 50],
            [10, 250, 250, 200],
            [50, 250, 250, 200],
            [50, 200, 200, 200],
        ];
        let picture = GrayImage::from_fn(4, 4, |x, y| Luma([tones[y as usize][x as usize]]));
        assert_eq!(paper(&picture), 50);
    }

    #[test]
    fn spots_lie_side_by_side_and_fade_around_their_middles() {
        let all = spots(28);
        assert_eq!(all.len(), SPOTS * SPOTS);
        let spot = &all[5 * SPOTS + 3];
        assert_eq!(spot.len(), 28 * 28);
        // Its middle is at (6.5, 10.5), its deviation 1.6, which makes twice its square 5.12.
        for (x, y, squares) in [
            (6, 10, 0.25 + 0.25),
            (8, 13, 2.25 + 6.25),
            (3, 10, 12.25 + 0.25),
            (7, 5, 0.25 + 30.25),
        ] {
            let expected = (-squares / 5.12f64).exp();
            assert!(near(spot[y * 28 + x], expected), "{x} {y}");
        }
        // On a larger image they are larger.
        let step: f64 = 40.0 / 14.0;
        let [x, y] = [3.5 * step - 0.5, 5.5 * step - 0.5];
        let squares = (11.0 - x) * (11.0 - x) + (14.0 - y) * (14.0 - y);
        let expected = (-squares / (2.0 * (0.8 * step) * (0.8 * step))).exp();
        let larger: f64 = spots(40)[5 * SPOTS + 3][14 * 40 + 11].into();
        assert!(near(larger, expected));
    }

    #[test]
    fn the_share_of_a_spot_on_ink_counts_its_tone() {
        let ink = GrayImage::from_raw(2, 2, vec![255, 0, 51, 0]).unwrap();
        assert!(near(inked(&ink, &vec![1.0, 0.5, 0.5, 0.0]), 1.1 / 2.0));
    }

    #[test]
    fn a_spot_is_replaced_by_paper_in_proportion_to_its_weight() {
        let image = GrayImage::from_raw(4, 1, vec![200, 100, 80, 0]).unwrap();
        let wiped = wipe(&image, &vec![0.5, 1.0, 0.0, 0.5], 20.0);
        assert_eq!(wiped.as_raw().as_slice(), [110, 20, 80, 10]);
    }

    #[test]
    fn odds_are_those_against_the_other_digits() {
        let mut probabilities = [0.0; CHARACTERS];
        (probabilities[1], probabilities[4], probabilities[9]) = (0.6, 0.3, 0.1);
        let prediction = Prediction { probabilities };
        assert!(near(log_odds(&prediction, 1), 1.5f64.ln()));
        assert!(near(log_odds(&prediction, 9), (1.0f64 / 9.0).ln()));
    }

    #[test]
    fn the_map_is_a_mean_of_the_spots_in_proportion_to_the_ink() {
        let ink = GrayImage::from_raw(3, 1, vec![255, 51, 0]).unwrap();
        let spots = [vec![1.0, 0.5, 0.25], vec![0.25, 1.0, 0.25]];
        let map = map(&ink, &spots, &[4.0, -6.0]);
        // (4 - 1.5) / 1.25 is 2, and 0.2 · (2 - 6) / 1.5 is -0.533.
        assert!(near(map[0], 1.0) && near(map[1], -0.8 / 1.5 / 2.0));
        assert_eq!(map[2], 0.0);
    }

    #[test]
    fn ink_without_which_the_answer_is_unsure_is_decisive() {
        let ink = |x: u32, y: u32| (4..8).contains(&x) && y < 20 || (20..24).contains(&x) && y > 9;
        let image = GrayImage::from_fn(28, 28, |x, y| Luma([255 * u8::from(ink(x, y))]));
        // The darker one pixel, the surer of a 3.
        let predict = |images: &[&GrayImage]| -> Result<Vec<Prediction>> {
            assert!((100..180).contains(&images.len()), "{}", images.len());
            let of = |image: &&GrayImage| {
                let mut probabilities = [0.0; CHARACTERS];
                probabilities[3] = 0.5 + 0.4 * f64::from(image.get_pixel(5, 5)[0]) / 255.0;
                probabilities[1] = 1.0 - probabilities[3];
                Prediction { probabilities }
            };
            Ok(images.iter().map(of).collect())
        };
        let explained = explain(&image, &image, 0.0, &predict).unwrap();
        assert_eq!(explained.seen, image);
        let at = |x: usize, y: usize| explained.decisive[y * 28 + x];
        assert!(at(5, 5) > 0.9 && explained.decisive.contains(&1.0));
        assert!(at(6, 15).abs() < 0.01 && at(22, 15).abs() < 0.01);
        assert_eq!(at(15, 15), 0.0);
    }
}
