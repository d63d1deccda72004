//! (stand-in)
use super::{Plane, Point};
use crate::chance::Chance;
use image::GrayImage;
/// Stand-in.
pub struct View;
impl View {
    /// Stand-in.
    pub fn new(_w: usize, _h: usize, _chance: &mut Chance) -> Self {
        Self
    }
    /// Stand-in.
    pub fn straight(_w: usize, _h: usize) -> Self {
        Self
    }
    /// Stand-in.
    pub fn to_view(&self, p: Point) -> Point {
        p
    }
}
/// Stand-in.
pub struct Camera;
impl Camera {
    /// Stand-in.
    pub fn photo(_chance: &mut Chance) -> Self {
        Self
    }
    /// Stand-in.
    pub fn scan(_chance: &mut Chance) -> Self {
        Self
    }
    /// Stand-in.
    pub fn screenshot(_chance: &mut Chance) -> Self {
        Self
    }
    /// Stand-in.
    pub fn take(
        &self,
        plane: Plane,
        _height: f32,
        _stroke: f32,
        _chance: &mut Chance,
    ) -> GrayImage {
        plane.to_image()
    }
}
