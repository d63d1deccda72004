//! (stand-in)
use super::Plane;
use super::camera::View;
use crate::chance::Chance;
use image::GrayImage;
/// Stand-in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Stand-in.
    Paper,
    /// Stand-in.
    Flat,
}
/// Stand-in.
#[derive(Clone, Copy)]
pub struct Tone(f32);
/// Stand-in.
pub struct Surface {
    /// Stand-in.
    pub plane: Plane,
}
impl Surface {
    /// Stand-in.
    pub fn paint(
        _kind: Kind,
        width: usize,
        height: usize,
        _view: &View,
        _line_height: f32,
        _texture: Option<&GrayImage>,
        chance: &mut Chance,
    ) -> Self {
        Self {
            plane: Plane::new(width, height, chance.between(0.6, 1.0) as f32),
        }
    }
    /// Stand-in.
    pub fn tone(&self, chance: &mut Chance) -> Tone {
        Tone(chance.between(0.0, 0.4) as f32)
    }
    /// Stand-in.
    pub fn write(&mut self, coverage: &Plane, tone: Tone) {
        for (v, c) in self.plane.values.iter_mut().zip(&coverage.values) {
            *v += (tone.0 - *v) * c;
        }
    }
}
