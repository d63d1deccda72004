//! From the bytes of pictures to their readings, in two steps: each picture is prepared on any
//! thread, then the networks read many of them together.

use anyhow::{Context, Result};
use image::GrayImage;

use super::classify::{ScoredBox, classify};
use super::detect::{Depth, Detections, detect};
use super::rows::JudgeInput;
use super::settings::SURE_OF_IMAGE;
use super::{Prediction, Reading, Recognizer, Symbol, mnist_form, rows, unread};
use crate::picture::{self, ImageError, Upright};
use crate::reader::FrozenReader;
use crate::scenes::Bounds;

/// A picture ready for the networks.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The upright picture, in grey.
    pub(super) grey: GrayImage,
    /// Pixels of the original picture per pixel of `grey`, along one side.
    pub(super) scale: f64,
    /// Left, top, width and height of the digit, where the picture is in MNIST's form.
    mnist: Option<[u32; 4]>,
}

/// Decodes an image file, given its bytes.
///
/// # Errors
/// When the bytes are not a picture that can be read.
pub fn prepare(bytes: &[u8]) -> Result<Prepared, ImageError> {
    Ok(picture::decode(bytes)?.into())
}

/// The same for a picture of a whole sheet, whose digits are small.
///
/// # Errors
/// When the bytes are not a picture that can be read.
pub fn prepare_sheet(bytes: &[u8]) -> Result<Prepared, ImageError> {
    Ok(picture::decode_sheet(bytes)?.into())
}

impl From<Upright> for Prepared {
    fn from(upright: Upright) -> Self {
        Self {
            scale: upright.scale,
            ..picture::grey(&upright.colour).into()
        }
    }
}

impl From<GrayImage> for Prepared {
    /// A picture that is already decoded.
    fn from(grey: GrayImage) -> Self {
        Self {
            mnist: mnist_form::digit_area(&grey),
            scale: 1.0,
            grey,
        }
    }
}

impl Prepared {
    /// The upright picture, in grey.
    pub fn grey(&self) -> &GrayImage {
        &self.grey
    }

    /// Pixels of the original picture per pixel of [`Self::grey`], along one side.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Whether it is in MNIST's form, so that the network for 28×28 images can classify it.
    pub fn is_in_mnists_form(&self) -> bool {
        self.mnist.is_some()
    }

    /// Left, top, width and height in pixels of the original picture.
    fn area(&self, bounds: &Bounds) -> [u32; 4] {
        let (width, height) = self.grey.dimensions();
        let inside = bounds.clipped(width as usize, height as usize);
        let full = |pixels: f32| (f64::from(pixels) * self.scale).round() as u32;
        [
            full(inside.left),
            full(inside.top),
            full(inside.width()).max(1),
            full(inside.height()).max(1),
        ]
    }

    /// The reading, given the outputs of the networks.
    fn reading(
        &self,
        detections: &Detections,
        scored: Vec<ScoredBox>,
        recognizer: &Recognizer,
    ) -> Reading {
        let height = self.grey.height() as f32;
        let judge = recognizer.reader.judge();
        let ink = detections.ink.as_ref();
        let rows = rows::rows(scored, ink, height, judge, recognizer.signs);
        let boxes: Vec<Vec<Bounds>> = rows
            .iter()
            .map(|row| row.iter().map(|scored_box| scored_box.bounds).collect())
            .collect();
        let left = ink.map(|ink| unread::unread(ink, &boxes));
        let unread = left.unwrap_or_default();
        let symbol = |scored_box: &ScoredBox| {
            let prediction = Prediction {
                probabilities: scored_box.probabilities,
            };
            let area = self.area(&scored_box.bounds);
            Symbol::new(&prediction, area, recognizer.min_confidence)
        };
        let rows = rows.iter().map(|row| row.iter().map(symbol).collect());
        let unread = unread.iter().map(|bounds| self.area(bounds)).collect();
        Reading {
            truncated: detections.truncated,
            ..Reading::new(rows.collect(), unread)
        }
    }
}

/// Whether the network for 28×28 images is so sure that the reader is not needed.
pub(super) fn is_sure(symbol: &Symbol) -> bool {
    symbol.confidence >= SURE_OF_IMAGE
}

/// What the detector finds in several pictures, and the scores of both networks for each box.
fn detect_and_classify(
    reader: &FrozenReader,
    pictures: &[&GrayImage],
    depth: Depth,
) -> Result<(Vec<Detections>, Vec<Vec<ScoredBox>>)> {
    let detections = detect(reader, pictures, depth)?;
    let candidates: Vec<_> = pictures
        .iter()
        .zip(&detections)
        .map(|(&grey, detections)| (grey, detections.candidates.as_slice()))
        .collect();
    let scored = classify(reader, &candidates)?;
    Ok((detections, scored))
}

/// The judge's input for each box of several pictures that may be a digit.
///
/// # Errors
/// When a network fails.
pub(crate) fn judge_inputs(
    reader: &FrozenReader,
    pictures: &[&GrayImage],
) -> Result<Vec<Vec<JudgeInput>>> {
    let (detections, scored) = detect_and_classify(reader, pictures, Depth::AsNeeded)?;
    let known = scored.into_iter().zip(&detections).zip(pictures);
    let known = known.map(|((scored, detections), grey)| {
        rows::judge_inputs(scored, detections.ink.as_ref(), grey.height() as f32)
    });
    Ok(known.collect())
}

impl Recognizer {
    /// Reads an image file, given its bytes.
    ///
    /// # Errors
    /// When the bytes are not a picture that can be read, or a network fails.
    pub fn read(&self, bytes: &[u8]) -> Result<Reading> {
        let readings = self.read_all(vec![prepare(bytes)])?;
        let reading = readings.into_iter().next().context("no reading")?;
        Ok(reading?)
    }

    /// Reads several files after [`prepare`](fn@prepare), in order.
    ///
    /// # Errors
    /// When a network fails; the failure of a single file takes the place of its reading.
    pub fn read_all(
        &self,
        prepared: Vec<Result<Prepared, ImageError>>,
    ) -> Result<Vec<Result<Reading, ImageError>>> {
        let classified = self.classify_images(prepared.iter().flatten())?;
        let others: Vec<&GrayImage> = prepared
            .iter()
            .flatten()
            .zip(&classified)
            .filter(|(_, classified)| classified.as_ref().is_none_or(|symbol| !is_sure(symbol)))
            .map(|(picture, _)| &picture.grey)
            .collect();
        let (detections, scored) = detect_and_classify(&self.reader, &others, Depth::AsNeeded)?;
        let mut scored = detections.iter().zip(scored);
        let mut reading = |picture: Prepared, classified: Option<Symbol>| -> Result<Reading> {
            let classified = match classified {
                Some(symbol) if is_sure(&symbol) => return Ok(Reading::of(symbol)),
                unsure => unsure,
            };
            let (detections, scored) = scored.next().context("no scored boxes")?;
            let read = picture.reading(detections, scored, self);
            Ok(match classified {
                Some(symbol) if symbol.confidence > read.confidence() => Reading::of(symbol),
                _ => read,
            })
        };
        let mut classified = classified.into_iter();
        let mut readings = Vec::with_capacity(prepared.len());
        for picture in prepared {
            readings.push(match picture {
                Ok(picture) => Ok(reading(picture, classified.next().flatten())?),
                Err(failure) => Err(failure),
            });
        }
        Ok(readings)
    }

    /// Reads a picture of a whole sheet: for small digits too, whatever is found at first.
    ///
    /// # Errors
    /// When a network fails.
    pub(crate) fn read_sheet(&self, sheet: &Prepared) -> Result<Reading> {
        let pictures = [&sheet.grey];
        let (detections, scored) = detect_and_classify(&self.reader, &pictures, Depth::All)?;
        let found = detections.iter().zip(scored).next();
        let (detections, scored) = found.context("no detections")?;
        Ok(sheet.reading(detections, scored, self))
    }

    /// Reads those pictures of which the network for 28×28 images is sure, as
    /// [`Recognizer::read_all`] does; the others would take some milliseconds each and have no
    /// reading here.
    ///
    /// # Errors
    /// When the network fails.
    pub fn read_quickly(&self, prepared: &[Prepared]) -> Result<Vec<Option<Reading>>> {
        let classified = self.classify_images(prepared)?;
        let sure = |symbol: Option<Symbol>| symbol.filter(is_sure).map(Reading::of);
        Ok(classified.into_iter().map(sure).collect())
    }

    /// What the network for 28×28 images reads in each picture that is in MNIST's form.
    pub(super) fn classify_images<'a>(
        &self,
        prepared: impl IntoIterator<Item = &'a Prepared>,
    ) -> Result<Vec<Option<Symbol>>> {
        let prepared: Vec<&Prepared> = prepared.into_iter().collect();
        let images = prepared
            .iter()
            .filter(|picture| picture.is_in_mnists_form());
        let predictions = self.classify(images.map(|picture| &picture.grey))?;
        let mut predictions = predictions.into_iter();
        let symbol = |picture: &Prepared| {
            let (area, prediction) = (picture.mnist?, predictions.next()?);
            Some(Symbol::new(&prediction, area, self.min_confidence))
        };
        Ok(prepared.into_iter().map(symbol).collect())
    }
}

#[cfg(test)]
mod tests;
