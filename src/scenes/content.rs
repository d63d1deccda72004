//! What a scene is: a picture and what is in it.

use image::GrayImage;

use super::Bounds;

/// Whether scenes are for training or for validation, which share no hand, font, symbol or texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What the reader learns from.
    Training,
    /// What its parts are chosen on.
    Validation,
}

/// A picture and what is in it.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The picture, in grey.
    pub grey: GrayImage,
    /// The digits in it that a person could read, and those that are too small or faint for it.
    pub digits: Vec<Digit>,
    /// 255 where a pixel shows ink of a digit; of the size of `grey`.
    pub digit_ink: GrayImage,
    /// 255 where a pixel shows other writing: letters, signs, scribbles.
    pub other_ink: GrayImage,
}

/// A digit in a scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Digit {
    /// 0 to 9.
    pub class: u8,
    /// What its ink covers, in pixels of the picture; a cut digit's reaches to the border only.
    pub bounds: Bounds,
    /// Whether a person could read it.
    pub readable: bool,
}
