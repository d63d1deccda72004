//! Shadows on a picture.

use super::super::noise::{Profile, from_nearest, smoothstep};
use crate::random::SeededRng;

/// A shadow on a picture, in shares of its longer side from its centre.
pub struct Shadow {
    shape: Shape,
    softness: f32,
    /// The share of the light that it blocks.
    depth: f32,
    /// The irregularity of its border.
    waver: Profile,
    unsteady: f32,
}

enum Shape {
    /// Everything on one side of a line: the direction into the shadow, and how far from the centre
    /// it begins.
    Half { across: f32, down: f32, begin: f32 },
    /// Rounded bars, each from one point to another with a radius: an arm and its fingers.
    Bars(Vec<([f32; 2], [f32; 2], f32)>),
    /// Stripes in a direction, this many per side.
    Stripes { across: f32, down: f32, count: f32 },
}

impl Shadow {
    fn new(shape: Shape, softness: f64, rng: &mut SeededRng) -> Self {
        Self {
            shape,
            softness: softness as f32,
            depth: rng.uniform(0.1, 0.5) as f32,
            waver: Profile::new(rng),
            unsteady: 0.0,
        }
    }

    /// The shadow of a phone, a book or a wall, soft or hard.
    pub fn edge(rng: &mut SeededRng) -> Self {
        let (down, across) = direction(rng);
        let begin = rng.uniform(-0.35, 0.4) as f32;
        let softness = if rng.random_bool(0.4) {
            rng.log_uniform(0.004, 0.03)
        } else {
            rng.log_uniform(0.04, 0.4)
        };
        Self::new(
            Shape::Half {
                across,
                down,
                begin,
            },
            softness,
            rng,
        )
    }

    /// The shadow of an arm with some fingers or a phone at its end, reaching in from a border.
    pub fn hand(rng: &mut SeededRng) -> Self {
        let (down, across) = direction(rng);
        let near = rng.uniform(-0.05, 0.35) as f32;
        let wrist = [across, down].map(|part| part * (near + 0.3));
        let elbow = [across, down].map(|part| part * 1.2);
        let palm = [across, down].map(|part| part * near);
        let thick = rng.uniform(0.07, 0.2) as f32;
        let mut bars = vec![(elbow, wrist, thick), (wrist, palm, thick * 1.2)];
        for _ in 0..rng.below(5) {
            let turn = rng.uniform(-0.7, 0.7) as f32;
            let reach = thick * rng.uniform(1.5, 3.0) as f32;
            let tip = [
                palm[0] - reach * (across * turn.cos() - down * turn.sin()),
                palm[1] - reach * (down * turn.cos() + across * turn.sin()),
            ];
            bars.push((palm, tip, thick * 0.35));
        }
        let softness = rng.log_uniform(0.015, 0.12);
        let mut shadow = Self::new(Shape::Bars(bars), softness, rng);
        shadow.unsteady = 0.02;
        shadow
    }

    /// The shadow of blinds or a window's bars.
    pub fn blinds(rng: &mut SeededRng) -> Self {
        let (down, across) = direction(rng);
        let count = rng.log_uniform(0.8, 8.0) as f32;
        let softness = rng.log_uniform(0.03, 0.3);
        Self::new(
            Shape::Stripes {
                across,
                down,
                count,
            },
            softness,
            rng,
        )
    }

    /// Whether its border is too sharp to be computed only at every eighth pixel.
    pub fn is_hard(&self) -> bool {
        match self.shape {
            Shape::Stripes { count, .. } => self.softness / count < 0.05,
            _ => self.softness < 0.035,
        }
    }

    /// The share of the light that arrives at a point.
    pub fn at(&self, [right, down]: [f32; 2]) -> f32 {
        let inside = match &self.shape {
            Shape::Half {
                across,
                down: downward,
                begin,
            } => right * across + down * downward - begin,
            Shape::Bars(bars) => {
                let depths = bars.iter().map(|bar| depth(*bar, [right, down]));
                let waver = self.unsteady * self.waver.at(12.0 * right + 31.0 * down);
                depths.fold(f32::MIN, f32::max) + waver
            }
            Shape::Stripes {
                across,
                down: downward,
                count,
            } => {
                let phase = (right * across + down * downward) * count;
                from_nearest(phase).abs() - 0.25
            }
        };
        1.0 - self.depth * smoothstep(-self.softness, self.softness, inside)
    }
}

/// How deep a point lies inside a rounded bar; negative outside.
fn depth((start, end, radius): ([f32; 2], [f32; 2], f32), [x, y]: [f32; 2]) -> f32 {
    let (along, place) = (
        [end[0] - start[0], end[1] - start[1]],
        [x - start[0], y - start[1]],
    );
    let length = along[0] * along[0] + along[1] * along[1];
    let share = ((place[0] * along[0] + place[1] * along[1]) / length.max(1e-6)).clamp(0.0, 1.0);
    let away = [place[0] - share * along[0], place[1] - share * along[1]];
    radius - (away[0] * away[0] + away[1] * away[1]).sqrt()
}

/// Sine and cosine of a random angle.
fn direction(rng: &mut SeededRng) -> (f32, f32) {
    let (down, across) = rng.uniform(0.0, std::f64::consts::TAU).sin_cos();
    (down as f32, across as f32)
}
