//! How one person distorts every glyph: slant, proportions, rotation, slow bends, tremor.

use std::f32::consts::{PI, TAU};

use super::super::Point;
use crate::random::SeededRng;

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
    pub fn new(freedom: f64, rng: &mut SeededRng) -> Self {
        let tremor = match rng.random_bool(0.3) {
            true => rng.log_uniform(0.004, 0.02),
            false => rng.uniform(0.0, 0.004),
        };
        Self {
            slant: (0.16 * freedom * rng.approx_normal(1.0)) as f32,
            turn: (0.06 * freedom * rng.approx_normal(1.0)) as f32,
            aspect: aspect(freedom, rng) as f32,
            sag: (0.07 * freedom * rng.approx_normal(1.0)) as f32,
            bends: [0, 1].map(|_| wave(0.025 * freedom, rng)),
            tremor: tremor as f32,
        }
    }

    /// A variation of this style for one glyph.
    pub fn varied(&self, rng: &mut SeededRng) -> Self {
        let mut style = self.clone();
        style.slant += rng.approx_normal(0.035) as f32;
        style.turn += rng.approx_normal(0.03) as f32;
        style.aspect *= rng.approx_normal(0.06).exp() as f32;
        style.sag += rng.approx_normal(0.02) as f32;
        for bend in &mut style.bends {
            bend[0] += rng.approx_normal(0.008) as f32;
            bend[2] += rng.approx_normal(0.5) as f32;
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
fn aspect(freedom: f64, rng: &mut SeededRng) -> f64 {
    let share = freedom.min(1.0);
    match rng.weighted_index(&[1.0 - 0.16 * share, 0.1 * share, 0.06 * share]) {
        0 => (0.17 * freedom * rng.approx_normal(1.0))
            .exp()
            .clamp(0.6, 1.5),
        1 => rng.log_uniform(0.45, 0.75),
        _ => rng.log_uniform(1.3, 1.9),
    }
}

fn wave(height: f64, rng: &mut SeededRng) -> [f32; 3] {
    [
        rng.approx_normal(height) as f32,
        rng.uniform(0.3, 1.1) as f32,
        rng.uniform(0.0, f64::from(TAU)) as f32,
    ]
}
