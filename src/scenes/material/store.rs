//! The available hands, fonts, symbols and photos.

use std::path::Path;

use anyhow::Result;
use image::GrayImage;

use super::face::{self, Faces};
use super::mnist::Mnist;
use super::samples::{self, Sample, Writer};
use super::split::BySplit;
use super::texture;

/// Everything that hands write and draw, and photos of surfaces.
pub struct Material {
    /// MNIST's images, if any.
    pub(super) mnist: Option<Mnist>,
    /// People, and a few drawn scripts, with recorded strokes.
    pub(super) writers: BySplit<Writer>,
    /// Handwriting fonts.
    pub(super) hands: Faces,
    /// Print fonts.
    pub(super) prints: Faces,
    /// Signs of many scripts, drawn by hand; none of them looks like a digit.
    pub(super) symbols: BySplit<Sample>,
    /// Small drawings, as strokes.
    pub(super) drawings: BySplit<Sample>,
    /// Photos of surfaces and landscapes.
    pub(super) textures: BySplit<GrayImage>,
}

impl Material {
    /// Everything from a `folder` of material, structured as its `SOURCES.md` says, and from
    /// MNIST's training images (28×28 bytes each, white on black) with their labels.
    ///
    /// # Errors
    /// When a file of the folder cannot be read, or the images do not match the labels.
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

    /// Only the built-in material, which needs no file.
    pub fn builtin() -> Self {
        Self {
            mnist: None,
            writers: BySplit::default(),
            hands: Faces::default(),
            prints: Faces::default(),
            symbols: BySplit::default(),
            drawings: BySplit::default(),
            textures: BySplit::default(),
        }
    }
}
