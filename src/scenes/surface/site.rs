//! The geometry of a surface to be painted.

use image::GrayImage;

use super::super::camera::View;
use super::super::{Bounds, Plane};

/// What a surface is painted from: size, view, line height and texture.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) view: &'a View,
    pub(super) line_height: f32,
    pub(super) texture: Option<&'a GrayImage>,
}

impl Site<'_> {
    /// A plane of one tone.
    pub(super) fn plane(&self, tone: f32) -> Plane {
        Plane::new(self.width, self.height, tone)
    }

    /// The whole page.
    pub(super) fn room(&self) -> Bounds {
        Bounds {
            left: 0.0,
            top: 0.0,
            right: self.width as f32,
            bottom: self.height as f32,
        }
    }

    /// The page's shorter side.
    pub(super) fn side(&self) -> f32 {
        self.width.min(self.height) as f32
    }
}
