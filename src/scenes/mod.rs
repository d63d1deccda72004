//! An unlimited number of synthetic pictures of written digits, with labels: the reader's training
//! data.
//!
//! A scene is a function of a seed and an index. It is made in the order in which a real picture is
//! made: `material` holds the hands and fonts, `glyph` is one digit or something else in a hand,
//! `page` arranges glyphs, `surface` is what they are written on, `ink` draws them with a pen,
//! `light` falls on them, and `camera` takes the picture.

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
mod sheets;
pub mod surface;
mod truth;

pub use content::{Digit, Scene, Split};
pub use page::SheetKind;
pub use plane::{Bounds, Plane, Point};
pub use scene::Scenes;
pub use sheet::sheet;
pub use sheets::{SheetPhoto, Sheets, overview};
pub use truth::{TrueCell, TrueTable};
