//! Pictures of written digits without number, with what is in them: what the reader learns from.
//!
//! A scene is a function of a seed and an index. It is made in the order in which a real picture comes
//! about: `material` holds the hands and fonts, `glyph` writes one digit or something else in a hand,
//! `page` lays glyphs out, `surface` is what they are written on, `ink` draws them with a pen, `light`
//! falls on it, and `camera` takes the picture.

pub mod camera;
pub mod glyph;
pub mod ink;
pub mod light;
pub mod material;
mod noise;
pub mod page;
mod plane;
mod scene;
mod sheet;
pub mod surface;

pub use plane::{Bounds, Plane};
pub use scene::Scenes;
pub use sheet::sheet;

use image::GrayImage;

/// A place on a page or in a picture, in pixels: to the right and down.
pub type Point = [f32; 2];

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
