//! The reader: small networks that find and read the digits of a picture, and the signs of
//! numbers.
//!
//! The detector processes the whole picture and predicts for each place which character lies there,
//! how large it is, and what is ink (`maps`). Each character that it finds is cut out (`crops`) and
//! classified by the second network, whose classes include "no character". Finally a judge decides
//! which of them to keep, given the outputs of both and the surroundings (`judge`).

pub mod crops;
mod file;
pub mod judge;
pub mod maps;

pub use file::{Description, is_reader_at};
pub use maps::{Detection, Maps};

use anyhow::{Context, Result};
use image::GrayImage;
use tch::{Device, Kind, Tensor};

use crate::characters::CHARACTERS;
use crate::model::architecture::reader::{CROP_SIDE, DETECTOR_STEP};
use crate::model::{Architecture, Frozen, Net};
use crate::precision::Precision;
use crops::Crop;
use judge::Judge;

/// Classes of the second network: the characters, and "no character".
pub const CROP_CLASSES: usize = CHARACTERS + 1;

/// A detector's initial probability of a character at each place, so that empty places do not dominate
/// the first steps (Lin and others, 2017).
const PRIOR: f64 = 0.01;

/// Most crops that are classified at once, so that memory stays bounded.
const BATCH: usize = 256;

/// The networks and their judge.
#[derive(Debug)]
pub struct Reader {
    /// Detects characters; see [`Architecture::Detector`].
    pub detector: Net,
    /// Classifies each of them; see [`Architecture::Crop`].
    pub crop: Net,
    /// Decides which of them to keep; none until training has finished.
    pub judge: Option<Judge>,
}

impl Reader {
    /// New weights, always the same for a `seed`.
    ///
    /// # Errors
    /// When libtorch fails.
    pub fn new(seed: u64, device: Device) -> Result<Self> {
        let detector = Net::new(&Architecture::Detector, seed, device)?;
        let bias = detector.weights().variables();
        let bias = bias.get("maps.bias").context("the detector has no maps")?;
        let prior = -((1.0 - PRIOR) / PRIOR).ln();
        let _ = tch::no_grad(|| bias.narrow(0, 0, CHARACTERS as i64).f_fill_(prior))?;
        Ok(Self {
            detector,
            crop: Net::new(&Architecture::Crop, seed, device)?,
            judge: None,
        })
    }

    /// A reader whose weights are still to be restored.
    pub(crate) fn blank(device: Device) -> Result<Self> {
        Ok(Self {
            detector: Net::uninitialized(&Architecture::Detector, 1, device)?,
            crop: Net::uninitialized(&Architecture::Crop, 1, device)?,
            judge: None,
        })
    }

    /// Both networks with their names.
    pub fn nets(&self) -> [(&'static str, &Net); 2] {
        [("detector", &self.detector), ("crop", &self.crop)]
    }

    fn nets_mut(&mut self) -> [(&'static str, &mut Net); 2] {
        [("detector", &mut self.detector), ("crop", &mut self.crop)]
    }

    /// Makes both networks compute in another precision.
    pub fn set_precision(&mut self, precision: Precision) {
        for (_, net) in self.nets_mut() {
            net.set_precision(precision);
        }
    }

    /// Moves the weights of both networks to another device.
    pub fn to_device(&mut self, device: Device) {
        for (_, net) in self.nets_mut() {
            net.to_device(device);
        }
    }

    /// The reader prepared for use; to be made anew once the weights have changed.
    pub fn frozen(&self) -> FrozenReader {
        FrozenReader {
            detector: self.detector.frozen(),
            crop: self.crop.frozen(),
            judge: self.judge.clone(),
            device: self.detector.weights().device(),
        }
    }
}

/// A reader prepared for use; made by [`Reader::frozen`].
#[derive(Debug)]
pub struct FrozenReader {
    detector: Frozen,
    crop: Frozen,
    judge: Option<Judge>,
    device: Device,
}

impl FrozenReader {
    /// The detector's output for pictures of one size, whose height and width are multiples of
    /// [`DETECTOR_STEP`].
    ///
    /// # Errors
    /// When memory runs out.
    pub fn maps(&self, pictures: &[&GrayImage]) -> Result<Vec<Maps>> {
        let batch = batch_of(pictures, self.device)?;
        Maps::of(&self.detector.logits(&batch)?)
    }

    /// Its judge, if it has one.
    pub fn judge(&self) -> Option<&Judge> {
        self.judge.as_ref()
    }

    /// The second network's output for crops: probabilities of the characters and of "no character".
    ///
    /// # Errors
    /// When memory runs out.
    pub fn classify(&self, crops: &[Crop]) -> Result<Vec<[f64; CROP_CLASSES]>> {
        let mut probabilities = Vec::with_capacity(crops.len());
        for crops in crops.chunks(BATCH) {
            let logits = self.crop.logits(&crop_batch(crops, self.device)?)?;
            let values = logits.f_softmax(1, Kind::Double)?;
            let values = Vec::<f64>::try_from(values.f_view([-1])?)?;
            probabilities.extend_from_slice(values.as_chunks().0);
        }
        Ok(probabilities)
    }
}

/// Pictures of one size as a batch on a device: `f32 [B, 1, H, W]` in 0..1.
///
/// # Errors
/// When libtorch fails, as when memory runs out or the pictures differ in size.
pub fn batch_of(pictures: &[&GrayImage], device: Device) -> Result<Tensor> {
    let (width, height) = pictures.first().map_or((0, 0), |first| first.dimensions());
    let bytes: Vec<u8> = pictures
        .iter()
        .flat_map(|grey| grey.iter())
        .copied()
        .collect();
    let size = [-1, 1, i64::from(height), i64::from(width)];
    scaled(&Tensor::f_from_slice(&bytes)?.f_view(size)?, device)
}

/// Crops as a batch on a device: `f32 [B, 1, 40, 40]` in 0..1.
///
/// # Errors
/// When libtorch fails, as when memory runs out.
pub fn crop_batch(crops: &[Crop], device: Device) -> Result<Tensor> {
    let bytes: Vec<u8> = crops.iter().flat_map(|crop| crop.0).collect();
    let size = [-1, 1, CROP_SIDE, CROP_SIDE];
    scaled(&Tensor::f_from_slice(&bytes)?.f_view(size)?, device)
}

/// Bytes scaled to 0..1, on a device: they are copied there as bytes, a quarter of the size of
/// floats.
pub(crate) fn scaled(bytes: &Tensor, device: Device) -> Result<Tensor> {
    let values = bytes.f_to_device(device)?.f_to_kind(Kind::Float)?;
    Ok(values.f_div_scalar(255.0)?)
}

/// The next size that the detector accepts.
pub fn padded(length: u32) -> u32 {
    length.next_multiple_of(DETECTOR_STEP as u32)
}
