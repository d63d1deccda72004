//! How a reading came about: its intermediate pictures, and which ink was decisive.

use anyhow::Result;
use image::GrayImage;

use super::decisive::Explanation;
use super::detect::detect;
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
        let detections = detect(&self.reader, &[&prepared.grey])?;
        let first = Level::first(&prepared.grey);
        for number in detections
            .iter()
            .flat_map(|detections| first..=detections.level())
        {
            let level = Level::of(&prepared.grey, number);
            let side = LEVELS[number];
            on_stage(&format!("{side}"), &level.picture);
            for maps in self.reader.maps(&[&level.picture])? {
                on_stage(&format!("{side}-digits"), &maps.digits());
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
