//! From the bytes of pictures to what was read in them, in two steps: each picture is prepared on any thread,
//! then the network reads many of them together.

use anyhow::{Context, Result};
use image::GrayImage;

use super::decisive::Explanation;
use super::number::{Candidates, candidates_in};
use super::prepare::digit_in;
use super::{ImageError, Prediction, Reading, Recognizer, Symbol, decode, mnist_form};

/// A picture that waits for the network.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The upright picture, in grey.
    grey: GrayImage,
    found: Found,
}

/// What the network is to look at.
#[derive(Clone, Debug)]
enum Found {
    /// The picture itself, which is in MNIST's form, with the place of its digit.
    Mnist([u32; 4]),
    /// What may be digits, and the one that it is if there is one.
    Ink {
        candidates: Option<Candidates>,
        single: Result<(GrayImage, [u32; 4]), String>,
    },
}

/// Decodes an image file, given its bytes, and makes of it what the network is to look at.
///
/// # Errors
/// When the bytes are no picture that can be read. A picture without any ink is none.
pub fn prepare(bytes: &[u8]) -> Result<Prepared, ImageError> {
    let upright = decode::decode(bytes)?;
    let grey = decode::grey(&upright.colour);
    let found = match mnist_form::digit_area(&grey) {
        Some(area) => Found::Mnist(area),
        None => Found::Ink {
            candidates: candidates_in(&grey, upright.scale).ok(),
            single: single(&grey, upright.scale),
        },
    };
    Ok(Prepared { grey, found })
}

/// The digit with its place in the full picture, or why there is none.
fn single(grey: &GrayImage, scale: f64) -> Result<(GrayImage, [u32; 4]), String> {
    let found = digit_in(grey, &mut |_, _| {});
    let (fitted, area) = found.map_err(|blank| blank.to_string())?;
    let sides = [
        area.left() as u32,
        area.top() as u32,
        area.width(),
        area.height(),
    ];
    let full = |pixels| (f64::from(pixels) * scale).round() as u32;
    Ok((fitted, sides.map(full)))
}

impl Prepared {
    /// Whether the network has no more to do than for one image of MNIST.
    pub fn is_quick(&self) -> bool {
        matches!(self.found, Found::Mnist(_))
    }

    /// What the network saw of the only symbol of this picture's `reading`: 28 x 28, white ink on black.
    /// None where there is not exactly one.
    pub fn seen(&self, reading: &Reading) -> Option<&GrayImage> {
        reading.only().and_then(|_| self.images().last())
    }

    /// The images that are to be classified, in their order.
    fn images(&self) -> impl Iterator<Item = &GrayImage> {
        let (candidates, single) = match &self.found {
            Found::Mnist(_) => (None, Some(&self.grey)),
            Found::Ink { candidates, single } => (
                candidates.as_ref(),
                single.as_ref().ok().map(|(image, _)| image),
            ),
        };
        let candidates = candidates.map(Candidates::images);
        candidates.unwrap_or_default().iter().chain(single)
    }

    /// What was read, given what each of the images was taken for.
    fn reading(self, predictions: &[Prediction], min_confidence: f64) -> Reading {
        let only = |area| match predictions.last() {
            Some(prediction) => {
                let symbol = Symbol::new(prediction, area, min_confidence);
                Reading::new(vec![vec![symbol]], vec![])
            }
            None => Reading::default(),
        };
        let (candidates, single) = match self.found {
            Found::Mnist(area) => return only(area),
            Found::Ink { candidates, single } => (candidates, single),
        };
        let several = candidates.map(|candidates| {
            let count = candidates.images().len();
            candidates.resolve(&predictions[..count], min_confidence)
        });
        let one = single.map(|(_, area)| only(area));
        match (several, one) {
            (Some(several), Ok(one)) if several.symbols().count() > 1 => {
                match is_whole(&one, &several) {
                    true => one,
                    false => several,
                }
            }
            (_, Ok(one)) => one,
            (Some(several), Err(_)) if !several.rows.is_empty() => several,
            (_, Err(blank)) => Reading::blank(blank),
        }
    }
}

/// Whether the one digit is what was cut into several, and surer than these together.
fn is_whole(one: &Reading, several: &Reading) -> bool {
    let middle = |[left, top, width, height]: [u32; 4]| [left + width / 2, top + height / 2];
    let within = |whole: [u32; 4], area: [u32; 4]| {
        let ends = [whole[0] + whole[2], whole[1] + whole[3]];
        let mut sides = middle(area).into_iter().zip(whole).zip(ends);
        sides.all(|((at, from), to)| (from..to).contains(&at))
    };
    let whole = one.symbols().map(|symbol| symbol.area).next();
    let inside = |whole| several.symbols().all(|symbol| within(whole, symbol.area));
    whole.is_some_and(inside) && one.confidence() > several.confidence()
}

impl Recognizer {
    /// Reads an image file, given its bytes.
    ///
    /// # Errors
    /// When the bytes are no picture that can be read, or the network fails.
    pub fn read(&self, bytes: &[u8]) -> Result<Reading> {
        let readings = self.read_all(vec![prepare(bytes)])?;
        let reading = readings.into_iter().next().context("no reading")?;
        Ok(reading?)
    }

    /// Reads what [`prepare`](fn@prepare) made of several files, in their order.
    ///
    /// # Errors
    /// When the network fails; a file's own failure is its reading.
    pub fn read_all(
        &self,
        prepared: Vec<Result<Prepared, ImageError>>,
    ) -> Result<Vec<Result<Reading, ImageError>>> {
        let images = prepared.iter().flatten().flat_map(Prepared::images);
        let predictions = self.classify(images)?;
        let mut rest = predictions.as_slice();
        let mut reading = |prepared: Prepared| {
            let (own, others) = rest.split_at(prepared.images().count());
            rest = others;
            prepared.reading(own, self.min_confidence)
        };
        let readings = prepared.into_iter();
        Ok(readings
            .map(|prepared| prepared.map(&mut reading))
            .collect())
    }

    /// Hands each intermediate picture on the way from a prepared one to its reading to `on_stage`, with its
    /// name: `grey` first.
    ///
    /// # Errors
    /// When the network fails.
    pub fn stages(
        &self,
        prepared: &Prepared,
        on_stage: &mut dyn FnMut(&str, &GrayImage),
    ) -> Result<()> {
        on_stage("grey", &prepared.grey);
        if !prepared.is_quick() {
            // Why it goes no further is told by the reading.
            let _ = digit_in(&prepared.grey, on_stage);
        }
        Ok(())
    }

    /// What the network [saw](Prepared::seen) of the only symbol of a prepared picture's `reading`, and which
    /// of it decided.
    ///
    /// It takes about as long as a hundred images of MNIST.
    ///
    /// # Errors
    /// When the network fails.
    pub fn explain(&self, prepared: &Prepared, reading: &Reading) -> Result<Option<Explanation>> {
        let explain = |seen: &GrayImage| {
            let decisive = self.decisive(seen)?;
            let seen = seen.clone();
            Ok(Explanation { seen, decisive })
        };
        prepared.seen(reading).map(explain).transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Luma, imageops};
    use tch::Device;

    use super::*;
    use crate::dataset::synthetic;
    use crate::model::checkpoint;
    use crate::recognizer::center::fit;

    fn recognizer() -> Recognizer {
        Recognizer::new(checkpoint::builtin(Device::Cpu).unwrap().0)
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
        for digit in 0..10 {
            let image = fit(&drawn(digit)).unwrap();
            let prepared = prepare(&png(&image)).unwrap();
            assert!(prepared.is_quick());
            let reading = recognizer.read(&png(&image)).unwrap();
            let prediction = &recognizer.classify([&image]).unwrap()[0];
            let symbol = reading.only().unwrap();
            assert_eq!(symbol.probabilities, prediction.probabilities);
        }
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
        assert_eq!((one.seen.len(), one.decisive.len()), (784, 784));
        let mut row = GrayImage::new(290, 160);
        imageops::replace(&mut row, &drawn(7), 20, 20);
        imageops::replace(&mut row, &drawn(2), 150, 20);
        assert!(explained(&row).is_none());
        assert!(explained(&GrayImage::new(50, 50)).is_none());
    }
}
