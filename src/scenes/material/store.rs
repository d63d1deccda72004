//! What hands, fonts, symbols and photos there are.

use std::path::Path;

use anyhow::Result;
use image::GrayImage;

use super::face::{self, Faces};
use super::mnist::Mnist;
use super::part::Halves;
use super::samples::{self, Sample, Writer};
use super::texture;

/// Everything that hands write and draw, and photos of grounds.
pub struct Material {
    /// Pictures of digits, if any.
    pub(super) mnist: Option<Mnist>,
    /// People, and a few drawn scripts, whose pens' ways are known.
    pub(super) writers: Halves<Writer>,
    /// Fonts after handwriting.
    pub(super) hands: Faces,
    /// Printed fonts.
    pub(super) prints: Faces,
    /// Signs of many scripts, drawn by hand; none of them looks like a digit.
    pub(super) symbols: Halves<Sample>,
    /// Small drawings, as pens' ways.
    pub(super) drawings: Halves<Sample>,
    /// Photos of grounds and landscapes.
    pub(super) textures: Halves<GrayImage>,
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
}
