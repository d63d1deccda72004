//! How one person distorts every glyph: slant, proportions, rotation, slow bends, tremor.

use std::f32::consts::{PI, TAU};

use super::super::Point;
use crate::chance::Chance;

/// A person's habits, or their variation for one glyph.
#[derive(Clone, Debug)]
pub struct Style {
    /// Shift to the right per unit of height.
    slant: f32,
    /// Clockwise rotation in radians.
    turn: f32,
    /// Horizontal scale factor.
    aspect: f32,
    /// How far down the middle is shifted.
    sag: f32,
    /// Slow waves across and down: amplitude, waves per height, phase.
    bends: [[f32; 3]; 2],
    /// Strength of the hand's tremor, in heights.
    pub tremor: f32,
}

impl Style {
    /// A person's style; `freedom` is how far it may deviate from the given shapes: about 1 for
    /// shapes that are all alike, less for shapes that people wrote.
    pub fn new(freedom: f64, chance: &mut Chance) -> Self {
        let tremor = match chance.happens(0.3) {
            true => chance.doubling(0.004, 0.02),
            false => chance.between(0.0, 0.004),
        };
        Self {
            slant: (0.16 * freedom * chance.bell(1.0)) as f32,
            turn: (0.06 * freedom * chance.bell(1.0)) as f32,
            aspect: aspect(freedom, chance) as f32,
            sag: (0.07 * freedom * chance.bell(1.0)) as f32,
            bends: [0, 1].map(|_| wave(0.025 * freedom, chance)),
            tremor: tremor as f32,
        }
    }

    /// A variation of this style for one glyph.
    pub fn varied(&self, chance: &mut Chance) -> Self {
        let mut style = self.clone();
        style.slant += chance.bell(0.035) as f32;
        style.turn += chance.bell(0.03) as f32;
        style.aspect *= chance.bell(0.06).exp() as f32;
        style.sag += chance.bell(0.02) as f32;
        for bend in &mut style.bends {
            bend[0] += chance.bell(0.008) as f32;
            bend[2] += chance.bell(0.5) as f32;
        }
        style
    }

    /// Distorts a point of a glyph that is 1 high, with `[0, 0]` at its centre.
    pub fn bend(&self, [x, y]: Point) -> Point {
        let swing = |[height, frequency, phase]: [f32; 3], along: f32| {
            height * (TAU * frequency * along + phase).sin()
        };
        let down = y + swing(self.bends[1], x + y) + self.sag * (PI * y.clamp(-0.5, 0.5)).cos();
        let across = (x + swing(self.bends[0], y)) * self.aspect - self.slant * down;
        let (sine, cosine) = self.turn.sin_cos();
        [across * cosine - down * sine, across * sine + down * cosine]
    }
}

/// The horizontal scale: some people write narrowly or widely, whatever the shapes.
fn aspect(freedom: f64, chance: &mut Chance) -> f64 {
    let share = freedom.min(1.0);
    match chance.pick(&[1.0 - 0.16 * share, 0.1 * share, 0.06 * share]) {
        0 => (0.17 * freedom * chance.bell(1.0)).exp().clamp(0.6, 1.5),
        1 => chance.doubling(0.45, 0.75),
        _ => chance.doubling(1.3, 1.9),
    }
}

fn wave(height: f64, chance: &mut Chance) -> [f32; 3] {
    [
        chance.bell(height) as f32,
        chance.between(0.3, 1.1) as f32,
        chance.between(0.0, f64::from(TAU)) as f32,
    ]
}
