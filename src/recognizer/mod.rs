//! Recognizes the digits in a picture, the signs of numbers between them, and their rows.

mod classify;
mod context;
mod decisive;
mod detect;
mod inspect;
mod json;
mod line;
mod mnist_form;
mod pyramid;
mod read;
mod reading;
mod rows;
mod settings;
mod signs;
#[cfg(test)]
mod testing;
mod unread;

pub use decisive::Explanation;
pub(crate) use read::judge_inputs;
pub use read::{Prepared, prepare, prepare_sheet};
pub use reading::{MAX_BOXES, Reading, Symbol};
pub use signs::Signs;

use anyhow::{Result, ensure};
use image::GrayImage;
use tch::{Device, Kind};

use crate::characters::CHARACTERS;
use crate::model::{Frozen, Net, checkpoint};
use crate::reader::{FrozenReader, Reader};
use crate::tensors::{CLASSES, PIXELS, batch_from_bytes};

/// Most images that are classified at once, so that memory stays bounded.
const BATCH: usize = 256;

/// The characters, each with its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// In 0..=1, by class; 1 minus their sum is the probability of no character.
    pub probabilities: [f64; CHARACTERS],
}

impl Prediction {
    /// The prediction of a network for 28×28 images, given the probabilities of the digits.
    fn of_digits(digits: &[f64; CLASSES]) -> Self {
        let mut probabilities = [0.0; CHARACTERS];
        probabilities[..CLASSES].copy_from_slice(digits);
        Self { probabilities }
    }

    /// The classes with their probabilities, the most probable first.
    pub fn ranking(&self) -> Vec<(usize, f64)> {
        let mut ranking: Vec<_> = self.probabilities.iter().copied().enumerate().collect();
        ranking.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        ranking
    }
}

/// Networks that read pictures.
#[derive(Debug)]
pub struct Recognizer {
    net: Frozen,
    reader: FrozenReader,
    device: Device,
    min_confidence: f64,
    signs: Signs,
}

impl Recognizer {
    /// The default of the least probability at which a digit is answered.
    pub const MIN_CONFIDENCE: f64 = 0.5;

    /// The least probability at which it answers a digit, in 0..=1.
    pub fn min_confidence(&self) -> f64 {
        self.min_confidence
    }

    /// Lets the networks read pictures, on the device where they are: `net` those already in
    /// MNIST's form, and `reader` any.
    pub fn new(net: &Net, reader: &Reader) -> Self {
        Self {
            net: net.frozen(),
            reader: reader.frozen(),
            device: net.weights().device(),
            min_confidence: Self::MIN_CONFIDENCE,
            signs: Signs::default(),
        }
    }

    /// A recognizer with the built-in networks.
    ///
    /// # Errors
    /// When this build's copies are invalid.
    pub fn builtin(device: Device) -> Result<Self> {
        let (net, _) = checkpoint::builtin(device)?;
        let (reader, _) = Reader::builtin(device)?;
        Ok(Self::new(&net, &reader))
    }

    /// Answers a digit only if it has at least this probability, in 0..=1.
    pub fn with_min_confidence(self, min_confidence: f64) -> Self {
        Self {
            min_confidence,
            ..self
        }
    }

    /// Reads these signs of numbers.
    pub fn with_signs(self, signs: Signs) -> Self {
        Self { signs, ..self }
    }

    /// Reads these signs of numbers from now on.
    pub fn set_signs(&mut self, signs: Signs) {
        self.signs = signs;
    }

    /// Classifies images in MNIST's form: 28×28, white ink on black.
    ///
    /// # Errors
    /// When an image has another size.
    pub fn classify<'a>(
        &self,
        images: impl IntoIterator<Item = &'a GrayImage>,
    ) -> Result<Vec<Prediction>> {
        let mut pixels = Vec::new();
        for image in images {
            ensure!(image.len() == PIXELS, "the image must have 28×28 pixels");
            pixels.extend_from_slice(image);
        }
        let mut predictions = Vec::with_capacity(pixels.len() / PIXELS);
        for pixels in pixels.chunks(BATCH * PIXELS) {
            let batch = batch_from_bytes(pixels)?.f_to_device(self.device)?;
            let probabilities = self.net.logits(&batch)?.f_softmax(1, Kind::Double)?;
            let probabilities = Vec::<f64>::try_from(probabilities.f_view([-1])?)?;
            let (rows, _) = probabilities.as_chunks();
            predictions.extend(rows.iter().map(Prediction::of_digits));
        }
        Ok(predictions)
    }
}

#[cfg(test)]
mod tests {
    use super::testing::recognizer;
    use super::*;
    use crate::dataset::synthetic;

    #[test]
    fn digits_are_ranked_from_the_most_probable() {
        let mut probabilities = [0.0; CHARACTERS];
        (probabilities[2], probabilities[7], probabilities[4]) = (0.2, 0.5, 0.3);
        let ranking = Prediction { probabilities }.ranking();
        assert_eq!(ranking[..3], [(7, 0.5), (4, 0.3), (2, 0.2)]);
        assert_eq!(ranking.len(), CHARACTERS);
    }

    #[test]
    fn the_least_probability_of_an_answer_can_be_set() {
        let recognizer = recognizer();
        assert_eq!(recognizer.min_confidence(), Recognizer::MIN_CONFIDENCE);
        assert_eq!(recognizer.with_min_confidence(0.8).min_confidence(), 0.8);
    }

    #[test]
    fn more_images_than_one_batch_are_each_classified() {
        let digits = synthetic::digits(BATCH + 4, 3);
        let images: Vec<GrayImage> = digits
            .pixels
            .chunks(PIXELS)
            .map(|pixels| GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap())
            .collect();
        let recognizer = recognizer();
        let predictions = recognizer.classify(&images).unwrap();
        assert_eq!(predictions.len(), images.len());
        let answers = predictions.iter().zip(&digits.labels);
        let right = answers.filter(|(answer, label)| answer.ranking()[0].0 == **label as usize);
        assert!(right.count() > BATCH * 9 / 10);
        for prediction in &predictions {
            let sum: f64 = prediction.probabilities.iter().sum();
            assert!((sum - 1.0).abs() < 1e-6);
        }
        assert!(recognizer.classify([&GrayImage::new(28, 29)]).is_err());
        assert!(recognizer.classify([]).unwrap().is_empty());
    }
}
