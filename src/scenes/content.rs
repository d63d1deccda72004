//! A scene: a picture with labels.

use image::GrayImage;

use super::Bounds;

/// Training or validation: their scenes share no hand, font, symbol or texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// What the reader is trained on.
    Training,
    /// What it is validated on.
    Validation,
}

/// A picture with labels.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The picture, in grey.
    pub grey: GrayImage,
    /// The digits in it, whether a person could read them or not.
    pub digits: Vec<Digit>,
    /// 255 where a pixel shows ink of a digit; the same size as `grey`.
    pub digit_ink: GrayImage,
    /// 255 where a pixel shows other writing: letters, signs, scribbles.
    pub other_ink: GrayImage,
}

/// A digit in a scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Digit {
    /// 0 to 9.
    pub class: u8,
    /// The box around its ink, in pixels of the picture, clipped to the picture.
    pub bounds: Bounds,
    /// Whether a person could read it.
    pub readable: bool,
}
