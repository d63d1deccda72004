//! Which ink decided: the answer is asked for again with one spot after the other wiped away
//! (occlusion: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014).

use std::sync::LazyLock;

use anyhow::{Context, Result};
use image::{GrayImage, Luma};

use super::{Prediction, Recognizer};
use crate::tensors::{PIXELS, SIDE};

/// Width of a spot's soft edge, as the standard deviation of a bell, in pixels: about a pen's width.
const SPOT: f32 = 1.6;
/// Spots lie so many pixels apart.
const STEP: usize = 2;
/// Spots with less ink than this, in whole pixels, are not worth asking about.
const LEAST_INK: f32 = 0.3;

/// A spot by its weight on each pixel, in 0..=1, row by row.
type Spot = Vec<f32>;

/// What the network saw of a digit, and which of it decided.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// 28 x 28, white ink on black.
    pub seen: GrayImage,
    /// Of each pixel, as [`Recognizer::decisive`] tells it.
    pub decisive: Vec<f32>,
}

impl Recognizer {
    /// How much each pixel's ink speaks for the most probable digit (above 0) or against it (below 0),
    /// in -1..=1 and row by row, the strongest 1 or -1: how far the digit's odds fall where a spot
    /// around the pixel is wiped away. Paper has 0.
    ///
    /// It classifies about a hundred images, up to 196.
    ///
    /// # Errors
    /// When the image has not 28×28 pixels.
    pub fn decisive(&self, image: &GrayImage) -> Result<Vec<f32>> {
        let inked = |spot: &&Spot| ink(image, spot) >= LEAST_INK;
        let spots: Vec<&Spot> = SPOTS.iter().filter(inked).collect();
        let wiped: Vec<GrayImage> = spots.iter().map(|spot| wipe(image, spot)).collect();
        let predictions = self.classify([image].into_iter().chain(&wiped))?;
        let (whole, wiped) = predictions.split_first().context("no prediction")?;
        let digit = whole.ranking()[0].0;
        let falls = wiped
            .iter()
            .map(|wiped| odds(whole, digit) - odds(wiped, digit));
        let falls: Vec<f32> = falls.map(|fall| fall as f32).collect();
        Ok(map(image, &spots, &falls))
    }
}

/// All spots, row by row; the same for every picture.
static SPOTS: LazyLock<Vec<Spot>> = LazyLock::new(|| {
    let places = (0..SIDE).step_by(STEP);
    let row = |y| places.clone().map(move |x| spot(x, y));
    places.clone().flat_map(row).collect()
});

fn spot(x: usize, y: usize) -> Spot {
    let middle = (STEP as f32 - 1.0) / 2.0;
    let weight = |at: usize| {
        let across = (at % SIDE) as f32 - x as f32 - middle;
        let down = (at / SIDE) as f32 - y as f32 - middle;
        (-(across * across + down * down) / (2.0 * SPOT * SPOT)).exp()
    };
    (0..PIXELS).map(weight).collect()
}

/// How much ink lies under the spot, in pixels of solid ink.
fn ink(image: &GrayImage, spot: &Spot) -> f32 {
    let pixels = image.iter().zip(spot);
    pixels
        .map(|(&value, weight)| f32::from(value) / 255.0 * weight)
        .sum()
}

/// The image without the ink under the spot.
fn wipe(image: &GrayImage, spot: &Spot) -> GrayImage {
    let mut wiped = image.clone();
    for (Luma([value]), weight) in wiped.pixels_mut().zip(spot) {
        *value = (f32::from(*value) * (1.0 - weight)).round() as u8;
    }
    wiped
}

/// Logarithm of the odds on a digit. Those of all others are summed, since near certainty 1 less the
/// digit's own probability is all rounding.
fn odds(prediction: &Prediction, digit: usize) -> f64 {
    let probabilities = prediction.probabilities.iter().enumerate();
    let others = probabilities.filter(|(other, _)| *other != digit);
    let others: f64 = others.map(|(_, probability)| probability).sum();
    (prediction.probabilities[digit].max(f64::MIN_POSITIVE) / others.max(f64::MIN_POSITIVE)).ln()
}

/// What the spots around each pixel say on average, in proportion to its ink.
fn map(image: &GrayImage, spots: &[&Spot], falls: &[f32]) -> Vec<f32> {
    let value = |at: usize, ink: u8| {
        let weights = spots.iter().map(|spot| spot[at]);
        let sum: f32 = weights.clone().sum();
        let said: f32 = weights.zip(falls).map(|(weight, fall)| weight * fall).sum();
        f32::from(ink) / 255.0 * said / sum.max(f32::MIN_POSITIVE)
    };
    let map = image.iter().enumerate().map(|(at, &ink)| value(at, ink));
    let map: Vec<f32> = map.collect();
    let strongest = map.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let scale = strongest.max(f32::MIN_POSITIVE);
    map.into_iter().map(|value| value / scale).collect()
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::model::checkpoint;
    use crate::recognizer::prepare::prepare;

    #[test]
    fn what_decides_is_ink_and_speaks_for_the_answer() {
        let (net, _) = checkpoint::builtin(Device::Cpu).unwrap();
        let recognizer = Recognizer::new(net);
        let five = include_bytes!("../../data/five.png");
        let image = prepare(five, &mut |_, _| {}).unwrap();
        let map = recognizer.decisive(&image).unwrap();
        assert_eq!(map.len(), PIXELS);
        let paper = map.iter().zip(image.iter()).filter(|(_, ink)| **ink == 0);
        assert!(paper.into_iter().all(|(value, _)| *value == 0.0));
        assert!(map.contains(&1.0) && map.iter().all(|value| value.abs() <= 1.0));
        assert!(map.iter().sum::<f32>() > 0.0);
        // Without the ink that decided, less is left of the answer than without as much other ink.
        let digit = recognizer.classify([&image]).unwrap()[0].ranking()[0].0;
        let without = |wanted: &dyn Fn(f32) -> bool| {
            let mut wiped = image.clone();
            for (value, said) in wiped.iter_mut().zip(&map) {
                *value = if wanted(*said) { 0 } else { *value };
            }
            odds(&recognizer.classify([&wiped]).unwrap()[0], digit)
        };
        assert!(without(&|said| said > 0.5) < without(&|said| said != 0.0 && said < 0.1));
        let blank = GrayImage::new(SIDE as u32, SIDE as u32);
        assert!(
            recognizer
                .decisive(&blank)
                .unwrap()
                .iter()
                .all(|value| *value == 0.0)
        );
    }
}
