//! How a reading came about: its intermediate pictures, and which ink was decisive.

use anyhow::Result;
use image::GrayImage;

use super::decisive::Explanation;
use super::detect::{Depth, detect};
use super::pyramid::{LEVELS, Level};
use super::read::is_sure;
use super::{Prepared, Reading, Recognizer, Symbol};
use crate::reader::crops::Crop;
use crate::scenes::Bounds;

impl Recognizer {
    /// Passes each intermediate picture between a prepared one and its reading to `on_stage`, with
    /// its name: `grey`, and for each level of the pyramid that is used the picture, where the
    /// detector sees digits, and where it sees ink of digits.
    ///
    /// # Errors
    /// When a network fails.
    pub fn stages(
        &self,
        prepared: &Prepared,
        on_stage: &mut dyn FnMut(&str, &GrayImage),
    ) -> Result<()> {
        on_stage("grey", &prepared.grey);
        let classified = self.classify_images([prepared])?;
        if classified.iter().flatten().any(is_sure) {
            return Ok(());
        }
        let detections = detect(&self.reader, &[&prepared.grey], Depth::AsNeeded)?;
        let first = Level::first(&prepared.grey);
        for number in detections
            .iter()
            .flat_map(|detections| first..=detections.level())
        {
            let level = Level::of(&prepared.grey, number);
            let side = LEVELS[number];
            on_stage(&format!("{side}"), &level.picture);
            for maps in self.reader.maps(&[&level.picture])? {
                on_stage(&format!("{side}-digits"), &maps.characters());
                on_stage(&format!("{side}-ink"), &maps.ink());
            }
        }
        Ok(())
    }

    /// What a network saw of the only symbol in a prepared picture's `reading`, and which of its
    /// ink was decisive. None unless there is exactly one symbol.
    ///
    /// It takes about as long as classifying two hundred MNIST images.
    ///
    /// # Errors
    /// When a network fails.
    pub fn explain(&self, prepared: &Prepared, reading: &Reading) -> Result<Option<Explanation>> {
        let Some(symbol) = reading.only() else {
            return Ok(None);
        };
        let classified = self.classify_images([prepared])?;
        let explanation = match classified
            .iter()
            .flatten()
            .any(|own| own.probabilities == symbol.probabilities)
        {
            true => self.explain_image(&prepared.grey)?,
            false => self.explain_crop(&prepared.crop(symbol))?,
        };
        Ok(Some(explanation))
    }
}

impl Prepared {
    /// The second network's input for a symbol.
    pub fn crop(&self, symbol: &Symbol) -> Crop {
        let [left, top, width, height] = symbol
            .area
            .map(|side| (f64::from(side) / self.scale) as f32);
        let bounds = Bounds {
            left,
            top,
            right: left + width,
            bottom: top + height,
        };
        Crop::cut(&self.grey, &bounds)
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;
    use crate::characters::CHARACTERS;
    use crate::dataset::synthetic;
    use crate::recognizer::Prediction;
    use crate::recognizer::testing::recognizer;

    fn drawn(digit: u8, side: usize) -> Prepared {
        let pixels = synthetic::draw(digit, side, 13);
        GrayImage::from_raw(side as u32, side as u32, pixels)
            .unwrap()
            .into()
    }

    /// A digit in MNIST's form that the network for such images is sure of.
    fn in_mnists_form(recognizer: &Recognizer) -> Prepared {
        let digits = synthetic::digits(20, 3).pixels;
        let images = digits.chunks(784).map(|pixels| {
            let image = GrayImage::from_raw(28, 28, pixels.to_vec()).unwrap();
            Prepared::from(image)
        });
        let is_sure = |prepared: &Prepared| {
            let classified = recognizer.classify_images([prepared]).unwrap();
            classified.iter().flatten().any(is_sure)
        };
        images.into_iter().find(is_sure).unwrap()
    }

    fn stages(recognizer: &Recognizer, prepared: &Prepared) -> Vec<(String, GrayImage)> {
        let mut stages = vec![];
        let mut keep = |name: &str, picture: &GrayImage| {
            stages.push((name.to_owned(), picture.clone()));
        };
        recognizer.stages(prepared, &mut keep).unwrap();
        stages
    }

    #[test]
    fn the_stages_are_the_picture_and_what_the_detector_sees_on_each_level() {
        let recognizer = recognizer();
        let prepared = drawn(3, 128);
        let stages = stages(&recognizer, &prepared);
        let names: Vec<&str> = stages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[..4], ["grey", "128", "128-digits", "128-ink"]);
        assert_eq!(stages[0].1, prepared.grey);
        assert_eq!(stages[1].1, prepared.grey);
        // The detector is sure of a digit somewhere, and sees its ink.
        for (_, map) in &stages[2..4] {
            assert_eq!(map.dimensions(), (32, 32));
            assert!(map.iter().any(|&value| value > 128));
            assert!(map.get_pixel(0, 0)[0] < 64);
        }
    }

    #[test]
    fn a_picture_that_needs_no_detector_has_no_other_stages() {
        let recognizer = recognizer();
        let prepared = in_mnists_form(&recognizer);
        assert_eq!(
            stages(&recognizer, &prepared),
            [("grey".to_owned(), prepared.grey.clone())]
        );
    }

    #[test]
    fn the_network_that_answered_is_explained() {
        let recognizer = recognizer();
        let explained = |prepared: &Prepared| {
            let readings = recognizer.read_all(vec![Ok(prepared.clone())]).unwrap();
            let reading = readings[0].as_ref().unwrap();
            recognizer.explain(prepared, reading).unwrap().unwrap()
        };
        let mnist = in_mnists_form(&recognizer);
        assert_eq!(explained(&mnist).seen, mnist.grey);
        assert_eq!(explained(&drawn(3, 128)).seen.dimensions(), (40, 40));
    }

    #[test]
    fn a_symbols_crop_is_cut_out_of_the_reduced_picture() {
        let grey = GrayImage::from_fn(90, 80, |x, y| Luma([(x * y % 251) as u8]));
        let mut prepared = Prepared::from(grey.clone());
        prepared.scale = 2.0;
        let probabilities = [0.06; CHARACTERS];
        let symbol = Symbol::new(&Prediction { probabilities }, [20, 40, 30, 60], 0.5);
        let bounds = Bounds {
            left: 10.0,
            top: 20.0,
            right: 25.0,
            bottom: 50.0,
        };
        assert_eq!(prepared.crop(&symbol), Crop::cut(&grey, &bounds));
    }
}
