//! The inks that people use on a surface.

use super::super::camera::View;
use super::super::{Bounds, Plane};

/// The inks of a surface.
#[derive(Clone, Copy, Debug)]
pub struct Inks {
    /// The mean reflectance of the area to write on.
    pub ground: f32,
    /// The standard deviation of the reflectance.
    pub spread: f32,
    pub(super) blending: Blending,
}

/// How ink and background combine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Blending {
    /// Ink that absorbs light: pens on paper. On dark paper, paint instead.
    Absorbs,
    /// Chalk, paint and light, which cover what is below.
    Covers,
    /// Exact tones, as in programs.
    Exact,
}

impl Inks {
    pub(super) fn new(plane: &Plane, view: &View, room: &Bounds, blending: Blending) -> Self {
        let (mut count, mut total, mut squares) = (0.0, 0.0, 0.0);
        // A grid of sample points is enough.
        for row in 1..16 {
            for column in 1..16 {
                let page = [
                    room.left + room.width() * column as f32 / 16.0,
                    room.top + room.height() * row as f32 / 16.0,
                ];
                let [x, y] = view.to_view(page);
                if x < 0.0 || y < 0.0 || x >= plane.width as f32 || y >= plane.height as f32 {
                    continue;
                }
                let value = plane.at(x as usize, y as usize);
                count += 1.0;
                total += value;
                squares += value * value;
            }
        }
        let ground = if count > 0.0 { total / count } else { 0.5 };
        let variance = if count > 0.0 {
            squares / count - ground * ground
        } else {
            0.0
        };
        Self {
            ground,
            spread: variance.max(0.0).sqrt(),
            blending,
        }
    }
}
