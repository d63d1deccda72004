//! A scene: a picture with labels.

use image::GrayImage;

use super::{Bounds, Point};

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
    /// The digits and signs of numbers in it, whether a person could read them or not.
    pub digits: Vec<Digit>,
    /// 255 where a pixel shows ink of a digit or sign; the same size as `grey`.
    pub digit_ink: GrayImage,
    /// 255 where a pixel shows other writing: letters, operators, scribbles.
    pub other_ink: GrayImage,
}

/// A digit in a scene, or a sign within a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Digit {
    /// One of [`CHARACTERS`](crate::characters::CHARACTERS).
    pub class: u8,
    /// The box around its ink, in pixels of the picture, clipped to the picture. That of a sign is as
    /// high as the digits of its row, at least: so it tells how large the sign is beside them, and
    /// how high it stands.
    pub bounds: Bounds,
    /// The centre of its ink; that of a digit is the centre of its box.
    pub centre: Point,
    /// Whether a person could read it.
    pub readable: bool,
}
