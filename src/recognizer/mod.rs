//! The digit in anybody's picture: from an image file's bytes to an answer.

pub mod center;
mod connected;
mod decisive;
pub mod decode;
mod error;
pub mod file;
pub mod ink;
mod json;
pub mod labels;
mod likeness;
pub mod number;
mod pen;
mod pieces;
pub mod prepare;
mod resample;
pub mod score;
pub mod segment;

pub use error::ImageError;
pub use file::load;
pub use number::{Candidates, Reading, candidates};
pub use prepare::prepare;

use anyhow::{Context, Result, ensure};
use image::GrayImage;
use tch::{Device, Kind};

use crate::model::{Frozen, Net};
use crate::tensors::{CLASSES, PIXELS, images_from_bytes, to_batch};

/// Images that are classified together at most, so that memory stays bounded.
const BATCH: usize = 256;

/// What was seen in a picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A digit.
    Digit(Prediction),
    /// No digit, and why not.
    NoDigit {
        /// Why, in a few words.
        reason: String,
        /// What the network made of the ink, where there was any.
        guess: Option<Prediction>,
    },
}

/// The ten digits, each with its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// In 0..=1, by digit; their sum is 1.
    pub probabilities: [f64; CLASSES],
}

impl Answer {
    /// What the network made of the ink, where there was any.
    pub fn prediction(&self) -> Option<&Prediction> {
        match self {
            Self::Digit(prediction) => Some(prediction),
            Self::NoDigit { guess, .. } => guess.as_ref(),
        }
    }

    /// The digit, where one was seen.
    pub fn digit(&self) -> Option<usize> {
        match self {
            Self::Digit(prediction) => Some(prediction.ranking()[0].0),
            Self::NoDigit { .. } => None,
        }
    }

    /// Why no digit was seen, where none was.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Digit(_) => None,
            Self::NoDigit { reason, .. } => Some(reason),
        }
    }
}

impl Prediction {
    /// The digits with their probabilities, the most probable first.
    pub fn ranking(&self) -> Vec<(usize, f64)> {
        let mut ranking: Vec<_> = self.probabilities.iter().copied().enumerate().collect();
        ranking.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        ranking
    }
}

/// A network that reads pictures.
#[derive(Debug)]
pub struct Recognizer {
    net: Frozen,
    device: Device,
    min_confidence: f64,
}

impl Recognizer {
    /// Less probable digits are not answered, where the user says nothing.
    pub const MIN_CONFIDENCE: f64 = 0.5;

    /// The least probable digit that it answers, in 0..=1.
    pub fn min_confidence(&self) -> f64 {
        self.min_confidence
    }

    /// Lets `net` read pictures, on the device where it is.
    pub fn new(net: Net) -> Self {
        Self {
            net: net.frozen(),
            device: net.weights().device(),
            min_confidence: Self::MIN_CONFIDENCE,
        }
    }

    /// Answers a digit only from this probability on, in 0..=1.
    pub fn with_min_confidence(self, min_confidence: f64) -> Self {
        Self {
            min_confidence,
            ..self
        }
    }

    /// Reads the digit in an image file, given its bytes.
    ///
    /// # Errors
    /// When the bytes are no image that can be read.
    pub fn read(&self, bytes: &[u8]) -> Result<Answer> {
        let answers = self.answer(vec![prepare(bytes, &mut |_, _| {})])?;
        let answer = answers.into_iter().next().context("no answer")?;
        Ok(answer?)
    }

    /// Reads all digits in an image file, given its bytes.
    ///
    /// # Errors
    /// When the bytes are no image that can be read.
    pub fn read_number(&self, bytes: &[u8]) -> Result<Reading> {
        let readings = self.readings(vec![candidates(bytes, &mut |_, _| {})])?;
        let reading = readings.into_iter().next().context("no reading")?;
        Ok(reading?)
    }

    /// Answers for what [`prepare`](fn@prepare) made of several files, in their order.
    ///
    /// # Errors
    /// When the network fails; a file's own failure is its answer.
    pub fn answer(
        &self,
        prepared: Vec<Result<GrayImage, ImageError>>,
    ) -> Result<Vec<Result<Answer, ImageError>>> {
        let images = prepared.iter().filter_map(|image| image.as_ref().ok());
        let mut predictions = self.classify(images)?.into_iter();
        let mut answer = |image| match image {
            Ok(_) => {
                let prediction = predictions.next().context("no prediction")?;
                Ok(Ok(self.judge(prediction)))
            }
            Err(blank @ ImageError::NoInk(_)) => Ok(Ok(Answer::NoDigit {
                reason: blank.to_string(),
                guess: None,
            })),
            Err(failure) => Ok(Err(failure)),
        };
        prepared.into_iter().map(&mut answer).collect()
    }

    /// Reads the numbers in what [`candidates`] found in several files, in their order.
    ///
    /// # Errors
    /// When the network fails; a file's own failure is its reading.
    pub fn readings(
        &self,
        found: Vec<Result<Candidates, ImageError>>,
    ) -> Result<Vec<Result<Reading, ImageError>>> {
        let images = found.iter().flatten().flat_map(Candidates::images);
        let predictions = self.classify(images)?;
        let mut rest = predictions.as_slice();
        let mut reading = |candidates: Result<Candidates, ImageError>| match candidates {
            Ok(candidates) => {
                let (own, others) = rest.split_at(candidates.images().len());
                rest = others;
                Ok(candidates.resolve(own, self.min_confidence))
            }
            Err(ImageError::NoInk(_)) => Ok(Reading { lines: Vec::new() }),
            Err(failure) => Err(failure),
        };
        Ok(found.into_iter().map(&mut reading).collect())
    }

    /// Classifies images that are as MNIST would have made them: 28×28, white ink on black.
    ///
    /// # Errors
    /// When an image has another size.
    pub fn classify<'a>(
        &self,
        images: impl IntoIterator<Item = &'a GrayImage>,
    ) -> Result<Vec<Prediction>> {
        let mut pixels = Vec::new();
        for image in images {
            ensure!(image.len() == PIXELS, "an image has 28×28 pixels here");
            pixels.extend_from_slice(image);
        }
        let mut predictions = Vec::with_capacity(pixels.len() / PIXELS);
        for pixels in pixels.chunks(BATCH * PIXELS) {
            let batch = to_batch(&images_from_bytes(pixels)).to_device(self.device);
            let probabilities = self.net.logits(&batch)?.softmax(1, Kind::Double).view([-1]);
            let probabilities = Vec::<f64>::try_from(probabilities)?;
            let (rows, _) = probabilities.as_chunks();
            predictions.extend(
                rows.iter()
                    .map(|&probabilities| Prediction { probabilities }),
            );
        }
        Ok(predictions)
    }

    /// An answer, or none where the network is not sure enough.
    fn judge(&self, prediction: Prediction) -> Answer {
        let (digit, confidence) = prediction.ranking()[0];
        if confidence >= self.min_confidence {
            return Answer::Digit(prediction);
        }
        let article = if digit == 8 { "an" } else { "a" };
        // Rounded down: it stays below what was asked for, and below certainty.
        let percent = (100.0 * confidence).floor();
        Answer::NoDigit {
            reason: format!("unsure: {article} {digit} at best, {percent} %"),
            guess: Some(prediction),
        }
    }
}
