//! The digit in anybody's picture: from an image file's bytes to an answer.

pub mod center;
pub mod decode;
pub mod ink;
pub mod prepare;
pub mod segment;

pub use decode::ImageError;
pub use prepare::prepare;

use anyhow::{Context, Result};
use image::GrayImage;
use tch::Kind;

use crate::model::Net;
use crate::tensors::{CLASSES, PIXELS, images_from_bytes, to_batch};

/// What was seen in a picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A digit.
    Digit(Prediction),
    /// No digit, and why not.
    NoDigit {
        /// Why, in a few words.
        reason: String,
    },
}

/// The ten digits, each with its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// In 0..=1, by digit; their sum is 1.
    pub probabilities: [f64; CLASSES],
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
    net: Net,
}

impl Recognizer {
    /// Lets `net` read pictures, on the device where it is.
    pub fn new(net: Net) -> Self {
        Self { net }
    }

    /// Reads the digit in an image file, given its bytes.
    ///
    /// # Errors
    /// When the bytes are no image that can be read.
    pub fn read(&self, bytes: &[u8]) -> Result<Answer> {
        match prepare(bytes, &mut |_, _| {}) {
            Ok(image) => Ok(Answer::Digit(self.classify(&image)?)),
            Err(blank @ ImageError::NoInk(_)) => Ok(Answer::NoDigit {
                reason: blank.to_string(),
            }),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Classifies an image that is as MNIST would have made it: 28×28, white ink on black.
    ///
    /// # Errors
    /// When the image has another size.
    pub fn classify(&self, image: &GrayImage) -> Result<Prediction> {
        anyhow::ensure!(image.len() == PIXELS, "an image has 28×28 pixels here");
        let device = self.net.weights().device();
        let batch = to_batch(&images_from_bytes(image)).to_device(device);
        let probabilities = self.net.logits(&batch).softmax(1, Kind::Double).view([-1]);
        let probabilities = Vec::<f64>::try_from(probabilities)?;
        let probabilities = probabilities
            .try_into()
            .ok()
            .context("counting the classes")?;
        Ok(Prediction { probabilities })
    }
}
