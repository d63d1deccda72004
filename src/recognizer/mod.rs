//! The digits in a picture: which there are, and in which rows.

mod context;
mod decisive;
mod detect;
mod glance;
mod inspect;
mod json;
mod line;
mod mnist_form;
mod pyramid;
mod read;
mod reading;
mod rows;
mod settings;
mod unread;

pub use decisive::Explanation;
pub(crate) use read::judge_inputs;
pub use read::{Prepared, prepare};
pub use reading::{MOST_BOXES, Reading, Symbol};

use anyhow::{Result, ensure};
use image::GrayImage;
use tch::{Device, Kind};

use crate::model::{Frozen, Net, checkpoint};
use crate::reader::{FrozenReader, Reader};
use crate::tensors::{CLASSES, PIXELS, batch_from_bytes};

/// Images that are classified together at most, so that memory stays bounded.
const BATCH: usize = 256;

/// The ten digits, each with its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// In 0..=1, by digit; what their sum leaves of 1 is that there is none.
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
    net: Frozen,
    reader: FrozenReader,
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

    /// Lets the networks read pictures, on the device where they are: `reader` whatever there is, and `net`
    /// what is in MNIST's form already.
    pub fn new(net: &Net, reader: &Reader) -> Self {
        Self {
            net: net.frozen(),
            reader: reader.frozen(),
            device: net.weights().device(),
            min_confidence: Self::MIN_CONFIDENCE,
        }
    }

    /// With the networks that come with the program.
    ///
    /// # Errors
    /// When this build's copies do not fit.
    pub fn builtin(device: Device) -> Result<Self> {
        let (net, _) = checkpoint::builtin(device)?;
        let (reader, _) = Reader::builtin(device)?;
        Ok(Self::new(&net, &reader))
    }

    /// Answers a digit only from this probability on, in 0..=1.
    pub fn with_min_confidence(self, min_confidence: f64) -> Self {
        Self {
            min_confidence,
            ..self
        }
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
            let batch = batch_from_bytes(pixels)?.f_to_device(self.device)?;
            let probabilities = self.net.logits(&batch)?.f_softmax(1, Kind::Double)?;
            let probabilities = Vec::<f64>::try_from(probabilities.f_view([-1])?)?;
            let (rows, _) = probabilities.as_chunks();
            predictions.extend(
                rows.iter()
                    .map(|&probabilities| Prediction { probabilities }),
            );
        }
        Ok(predictions)
    }
}
