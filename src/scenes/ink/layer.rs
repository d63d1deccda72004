//! The ink of one glyph before it is combined with that of the others.

use super::super::{Bounds, Plane};
use super::grain::Grain;
use super::pen::Pen;

/// Coverage of the part of a plane that a glyph may cover.
pub struct Layer {
    /// Column and row of its first pixel in the plane.
    pub left: usize,
    pub top: usize,
    /// Pixels per row, and rows.
    pub width: usize,
    pub height: usize,
    /// Coverage 0 to 1, row by row.
    pub values: Vec<f32>,
}

impl Layer {
    /// An empty layer for ink within `bounds` and a pixel around it, clipped to the plane.
    ///
    /// `None` if the bounds are NaN or infinite. Ink outside the plane gives an empty layer.
    pub fn new(bounds: &Bounds, plane: &Plane) -> Option<Self> {
        let sides = [bounds.left, bounds.top, bounds.right, bounds.bottom];
        if !sides.iter().all(|side| side.is_finite()) {
            return None;
        }
        let clip = |side: f32, most: usize| side.clamp(0.0, most as f32) as usize;
        let (left, top) = (
            clip(bounds.left - 1.0, plane.width),
            clip(bounds.top - 1.0, plane.height),
        );
        let width = clip(bounds.right.ceil() + 1.0, plane.width) - left;
        let height = clip(bounds.bottom.ceil() + 1.0, plane.height) - top;
        Some(Self {
            left,
            top,
            width,
            height,
            values: vec![0.0; width * height],
        })
    }

    /// The columns of the layer that a span of the plane touches.
    pub fn columns(&self, from: f32, to: f32) -> std::ops::Range<usize> {
        within(from - self.left as f32, to - self.left as f32, self.width)
    }

    /// The rows of the layer that a span of the plane touches.
    pub fn rows(&self, from: f32, to: f32) -> std::ops::Range<usize> {
        within(from - self.top as f32, to - self.top as f32, self.height)
    }

    /// Removes the ink that lies deeper than `rim` pixels inside its edge.
    pub fn hollow(&mut self, rim: usize) {
        let (width, height) = (self.width, self.height);
        let least = |values: &[f32], at: usize, step: usize, place: usize, end: usize| {
            let first = at - place.min(rim) * step;
            let last = at + (end - 1 - place).min(rim) * step;
            let near = (first..=last).step_by(step).map(|near| values[near]);
            near.fold(1.0, f32::min)
        };
        let across: Vec<f32> = (0..self.values.len())
            .map(|at| least(&self.values, at, 1, at % width, width))
            .collect();
        for at in 0..self.values.len() {
            self.values[at] -= least(&across, at, width, at / width, height);
        }
    }

    /// Applies the pen's grain and strength to the ink and composites it over the plane.
    pub fn join(&self, plane: &mut Plane, pen: &Pen, grain: &Grain) {
        let strength = pen.strength();
        for row in 0..self.height {
            let y = self.top + row;
            let ink = &self.values[row * self.width..(row + 1) * self.width];
            let ground = &mut plane.row_mut(y)[self.left..self.left + self.width];
            for (column, (&ink, ground)) in ink.iter().zip(ground).enumerate() {
                if ink <= 0.0 {
                    continue;
                }
                let ink = match pen.is_hard() {
                    true if ink < 0.5 => continue,
                    true => strength,
                    false => ink * strength * grain.at(self.left + column, y),
                };
                *ground = match pen.is_flat() {
                    true => ground.max(ink),
                    false => 1.0 - (1.0 - *ground) * (1.0 - ink),
                };
            }
        }
    }
}

fn within(from: f32, to: f32, most: usize) -> std::ops::Range<usize> {
    let start = from.clamp(0.0, most as f32) as usize;
    let end = to.ceil().clamp(0.0, most as f32) as usize;
    start..end.max(start)
}
