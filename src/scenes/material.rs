//! Hands, fonts, symbols and photos that scenes are made of, parsed once.

mod face;
mod hand;
mod letters;
mod mnist;
mod own;
mod part;
mod samples;
mod skeleton;
mod texture;
mod words;

use std::path::Path;

use anyhow::Result;
use image::GrayImage;

use super::Part;
use super::glyph::{Form, Glyph, Style};
use crate::chance::Chance;
use face::Faces;
pub use hand::Hand;
use mnist::Mnist;
use part::Halves;
use samples::{Sample, Writer};

/// Everything that hands write and draw, and photos of grounds.
pub struct Material {
    /// Pictures of digits, if any.
    mnist: Option<Mnist>,
    /// People, and a few drawn scripts, whose pens' ways are known.
    writers: Halves<Writer>,
    /// Fonts after handwriting.
    hands: Faces,
    /// Printed fonts.
    prints: Faces,
    /// Signs of many scripts, drawn by hand; none of them looks like a digit.
    symbols: Halves<Sample>,
    /// Small drawings, as pens' ways.
    drawings: Halves<Sample>,
    /// Photos of grounds and landscapes.
    textures: Halves<GrayImage>,
}

impl Material {
    /// All hands from a `folder` of material, laid out as its `SOURCES.md` says, and from MNIST's
    /// training images (28x28 bytes each, white on black) with their labels.
    ///
    /// # Errors
    /// When a file of the folder cannot be read, or the images and labels do not fit.
    pub fn load(folder: &Path, mnist_images: &[u8], mnist_labels: &[u8]) -> Result<Self> {
        let strokes = folder.join("strokes");
        let symbols = folder.join("symbols");
        Ok(Self {
            mnist: Some(Mnist::new(mnist_images, mnist_labels)?),
            writers: samples::writers(&[
                strokes.join("digits-strokes.txt"),
                strokes.join("chars-strokes.txt"),
                strokes.join("single-line-strokes.txt"),
            ])?,
            hands: face::load(&folder.join("fonts"))?,
            prints: face::load(&folder.join("fonts-printed"))?,
            symbols: samples::symbols(
                &symbols.join("symbols-strokes.txt"),
                &symbols.join("digit-like.txt"),
            )?,
            drawings: samples::drawings(&symbols.join("quickdraw"))?,
            textures: texture::load(&folder.join("textures"))?,
        })
    }

    /// Only what the program draws itself: works without any file.
    pub fn own() -> Self {
        Self {
            mnist: None,
            writers: Halves::default(),
            hands: Faces::default(),
            prints: Faces::default(),
            symbols: Halves::default(),
            drawings: Halves::default(),
            textures: Halves::default(),
        }
    }

    /// One person's way of writing digits: all digits of a number come from one.
    pub fn hand(&self, part: Part, chance: &mut Chance) -> Hand<'_> {
        Hand::new(self, part, chance)
    }

    /// Anything a person may write or draw that is no digit, alone: a letter, a sign of another
    /// alphabet, a scribble, a shape, a face, an arrow, a tick, a signature, a drawing.
    ///
    /// Never one that a person could read as a digit.
    pub fn other(&self, part: Part, chance: &mut Chance) -> Glyph {
        loop {
            let glyph = self.any_other(part, chance);
            if !is_stick(&glyph) {
                return glyph;
            }
        }
    }

    fn any_other(&self, part: Part, chance: &mut Chance) -> Glyph {
        let shares = [
            0.16,
            0.22 * self.symbols.any(part),
            0.16 * self.hands.any(part),
            0.06 * self.prints.any(part),
            0.12 * self.writers.any(part),
            0.07 * self.drawings.any(part),
            0.13,
            0.08,
        ];
        let drawn = match chance.pick(&shares) {
            1 => self
                .symbols
                .one(part, chance)
                .map(|sample| sample.glyph(chance)),
            2 => letters::of_face(&self.hands, part, chance),
            3 => letters::of_face(&self.prints, part, chance),
            4 => letters::of_writer(&self.writers, part, chance),
            5 => self
                .drawings
                .one(part, chance)
                .map(|sample| sample.glyph(chance)),
            6 => Some(own::letter(chance)),
            7 => Some(own::signature(chance)),
            _ => None,
        };
        drawn.unwrap_or_else(|| own::drawing(chance))
    }

    /// A word or a few, in handwriting or print, as one glyph without digits.
    pub fn words(&self, part: Part, chance: &mut Chance) -> Glyph {
        let shares = [
            0.5 * self.hands.any(part),
            0.2 * self.prints.any(part),
            0.25 * self.writers.any(part),
        ];
        let text = words::text(chance);
        let style = Style::new(0.6, chance);
        let written = match chance.pick(&shares) {
            0 => words::set(&self.hands, part, &text, &style, chance),
            1 => words::set(&self.prints, part, &text, &style, chance),
            _ => words::write(&self.writers, part, &text, &style, chance),
        };
        written.unwrap_or_else(|| own::word(chance))
    }

    /// A photo of a ground or a landscape, if there is one.
    pub fn texture(&self, part: Part, chance: &mut Chance) -> Option<&GrayImage> {
        self.textures.one(part, chance)
    }
}

/// Whether a glyph is one line, neither flat nor much bent: a one, to many.
fn is_stick(glyph: &Glyph) -> bool {
    let Form::Strokes(ways) = &glyph.form else {
        return false;
    };
    let [way] = &ways[..] else { return false };
    let length: f32 = way
        .windows(2)
        .map(|pair| (pair[0][0] - pair[1][0]).hypot(pair[0][1] - pair[1][1]))
        .sum();
    glyph.width < 2.5 && length < 1.15 * glyph.width.hypot(1.0)
}
