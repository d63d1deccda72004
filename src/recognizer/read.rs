//! From the bytes of pictures to their readings, in two steps: each picture is prepared on any
//! thread, then the networks read many of them together.

use anyhow::{Context, Result};
use image::GrayImage;

use super::classify::{ScoredBox, classify};
use super::detect::{Detections, detect};
use super::rows::JudgeInput;
use super::settings::SURE_OF_IMAGE;
use super::{Prediction, Reading, Recognizer, Symbol, mnist_form, rows, unread};
use crate::picture::{self, ImageError};
use crate::reader::FrozenReader;
use crate::reader::judge::Judge;
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
    let upright = picture::decode(bytes)?;
    Ok(Prepared {
        scale: upright.scale,
        ..picture::grey(&upright.colour).into()
    })
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
        judge: Option<&Judge>,
        min_confidence: f64,
    ) -> Reading {
        let height = self.grey.height() as f32;
        let rows = rows::rows(scored, detections.ink.as_ref(), height, judge);
        let boxes: Vec<Vec<Bounds>> = rows
            .iter()
            .map(|row| row.iter().map(|scored_box| scored_box.bounds).collect())
            .collect();
        let left = detections
            .ink
            .as_ref()
            .map(|ink| unread::unread(ink, &boxes));
        let unread = left.unwrap_or_default();
        let symbol = |scored_box: &ScoredBox| {
            let prediction = Prediction {
                probabilities: scored_box.probabilities,
            };
            Symbol::new(&prediction, self.area(&scored_box.bounds), min_confidence)
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
) -> Result<(Vec<Detections>, Vec<Vec<ScoredBox>>)> {
    let detections = detect(reader, pictures)?;
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
    let (detections, scored) = detect_and_classify(reader, pictures)?;
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
        let (detections, scored) = detect_and_classify(&self.reader, &others)?;
        let mut scored = detections.iter().zip(scored);
        let mut reading = |picture: Prepared, classified: Option<Symbol>| -> Result<Reading> {
            let classified = match classified {
                Some(symbol) if is_sure(&symbol) => return Ok(Reading::of(symbol)),
                unsure => unsure,
            };
            let (detections, scored) = scored.next().context("no scored boxes")?;
            let judge = self.reader.judge();
            let read = picture.reading(detections, scored, judge, self.min_confidence);
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
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Luma, imageops};
    use tch::Device;

    use super::*;
    use crate::dataset::synthetic;

    fn recognizer() -> Recognizer {
        Recognizer::builtin(Device::Cpu).unwrap()
    }

    fn drawn(digit: u8) -> GrayImage {
        GrayImage::from_raw(120, 120, synthetic::draw(digit, 120, 13)).unwrap()
    }

    fn png(picture: &GrayImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn one_digit_and_many_are_read_in_the_same_way() {
        let mut row = GrayImage::new(420, 160);
        for (at, digit) in [3, 1, 4].into_iter().enumerate() {
            imageops::replace(&mut row, &drawn(digit), 20 + 130 * at as i64, 20);
        }
        let blank = GrayImage::from_pixel(90, 90, Luma([250]));
        let pictures = [png(&row), png(&drawn(5)), png(&blank), b"text".to_vec()];
        let prepared = pictures.iter().map(|bytes| prepare(bytes)).collect();
        let read = recognizer().read_all(prepared).unwrap();
        let texts: Vec<_> = read.iter().flatten().map(Reading::text).collect();
        assert_eq!(texts, ["314", "5", ""]);
        assert_eq!(read[1].as_ref().unwrap().digit(), Some(5));
        assert!(read[2].as_ref().unwrap().reason.is_some());
        assert!(matches!(read[3], Err(ImageError::NotAnImage)));
    }

    #[test]
    fn a_picture_in_mnists_form_is_classified_as_it_is() {
        let recognizer = recognizer();
        let mut sure = 0;
        for (digit, pixels) in (0..10).zip(synthetic::digits(10, 3).pixels.chunks(784)) {
            let image = GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap();
            let prepared = prepare(&png(&image)).unwrap();
            assert!(prepared.is_in_mnists_form(), "{digit}");
            let prediction = &recognizer.classify([&image]).unwrap()[0];
            if prediction.ranking()[0].1 < SURE_OF_IMAGE {
                continue;
            }
            sure += 1;
            let reading = recognizer.read(&png(&image)).unwrap();
            let symbol = reading.only().unwrap();
            assert_eq!(symbol.probabilities, prediction.probabilities);
        }
        assert!(sure >= 8, "{sure}");
    }

    /// The digit's outline in white, as from an edge detector.
    fn outline(image: &GrayImage) -> GrayImage {
        let inked = |x: i64, y: i64| {
            let inside = (0..28).contains(&x) && (0..28).contains(&y);
            inside && image.get_pixel(x as u32, y as u32)[0] >= 128
        };
        GrayImage::from_fn(28, 28, |x, y| {
            let [x, y] = [i64::from(x), i64::from(y)];
            let around = [(0, 1), (1, 0), (0, -1), (-1, 0)];
            let bare = around.iter().any(|(dx, dy)| !inked(x + dx, y + dy));
            Luma([if inked(x, y) && bare { 255 } else { 0 }])
        })
    }

    #[test]
    fn images_that_the_network_is_unsure_of_are_left_to_the_reader() {
        let recognizer = recognizer();
        let digits = synthetic::digits(60, 11);
        let (mut by_image, mut read) = (0, 0);
        for (pixels, &label) in digits.pixels.chunks(784).zip(&digits.labels) {
            let image = outline(&GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap());
            let prepared = Prepared::from(image.clone());
            if !prepared.is_in_mnists_form() {
                continue;
            }
            let prediction = &recognizer.classify([&image]).unwrap()[0];
            let own = Symbol::new(prediction, [0; 4], Recognizer::MIN_CONFIDENCE);
            by_image += u32::from(own.digit == Some(label));
            let reading = recognizer.read(&png(&image)).unwrap();
            read += u32::from(reading.digit() == Some(label));
            assert!(recognizer.explain(&prepared, &reading).unwrap().is_some());
        }
        assert!(read > by_image, "{read} of {by_image}");
    }

    #[test]
    fn the_only_digit_is_explained_and_several_are_not() {
        let recognizer = recognizer();
        let explained = |picture: &GrayImage| {
            let prepared = prepare(&png(picture)).unwrap();
            let reading = recognizer.read(&png(picture)).unwrap();
            recognizer.explain(&prepared, &reading).unwrap()
        };
        let one = explained(&drawn(7)).unwrap();
        assert_eq!((one.seen.len(), one.decisive.len()), (1600, 1600));
        let mut row = GrayImage::new(290, 160);
        imageops::replace(&mut row, &drawn(7), 20, 20);
        imageops::replace(&mut row, &drawn(2), 150, 20);
        assert!(explained(&row).is_none());
        assert!(explained(&GrayImage::new(50, 50)).is_none());
    }
}
