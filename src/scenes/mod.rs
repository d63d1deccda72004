//! Pictures of written digits without number, with what is in them: what the reader learns from.
//!
//! A scene is a function of a seed and an index. It is made in the order in which a real picture comes
//! about: `material` holds the hands and fonts, `glyph` writes one digit or something else in a hand,
//! `page` lays glyphs out, `surface` is what they are written on, `ink` draws them with a pen, `light`
//! falls on it, and `camera` takes the picture.

pub mod camera;
mod content;
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

pub use content::{Digit, Part, Scene};
pub use plane::{Bounds, Plane, Point};
pub use scene::Scenes;
pub use sheet::sheet;
