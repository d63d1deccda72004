//! A writer's hand: how strokes look when different people write them.

use super::glyphs;
use super::stroke::{Knot, Stroke};
use crate::random::SeededRng;
use std::f64::consts::TAU;

/// Line segments between two knots: enough to look smooth at 600 pixels.
const PIECES: usize = 12;

/// A point of a written line: position of the pen and thickness of the line there.
#[derive(Clone, Copy)]
pub struct Dot {
    /// To the right, in heights of a digit.
    pub x: f64,
    /// Down, in heights of a digit.
    pub y: f64,
    /// Half the width of the line, in heights of a digit.
    pub radius: f64,
}

/// Written lines, ready to be rendered.
pub struct Writing {
    /// Lines written without lifting the pen.
    pub lines: Vec<Vec<Dot>>,
    /// Width of the soft edge of the ink, in heights of a digit.
    pub softness: f64,
    /// Darkness of the ink where it covers fully, up to 1.
    pub strength: f64,
}

/// The features of a handwriting, which are the same for all strokes of one digit.
struct Hand {
    /// Factor on the width of the digit.
    width: f64,
    /// Shift to the right per unit of height.
    slant: f64,
    /// Clockwise rotation of the whole digit in radians.
    turn: f64,
    /// Slow bends, horizontal and vertical.
    bends: [Wave; 2],
    /// Tremor of the pen, horizontal and vertical.
    tremor: [Wave; 2],
    /// Half the width of the line, in heights of a digit.
    radius: f64,
    /// Slow and fast changes of the radius along the line, as a fraction of it.
    pressure: [Wave; 2],
}

/// A sine wave.
struct Wave {
    height: f64,
    frequency: f64,
    phase: f64,
}

impl Wave {
    fn new(rng: &mut SeededRng, height: f64, low: f64, high: f64) -> Self {
        Self {
            height: rng.approx_normal(height),
            frequency: rng.uniform(low, high),
            phase: rng.uniform(0.0, TAU),
        }
    }

    fn at(&self, place: f64) -> f64 {
        self.height * (TAU * self.frequency * place + self.phase).sin()
    }
}

/// Writes `digit` (0 to 9) in a random hand.
pub fn write(digit: u8, rng: &mut SeededRng) -> Writing {
    write_strokes(rng, |rng| glyphs::strokes(digit, rng))
}

/// Writes the strokes of `glyph` in a random hand.
pub fn write_strokes(
    rng: &mut SeededRng,
    glyph: impl FnOnce(&mut SeededRng) -> Vec<Stroke>,
) -> Writing {
    let hand = Hand::new(rng);
    let looseness = rng.uniform(0.005, 0.035);
    let haste = rng.uniform(0.0, 0.6);
    let lines = glyph(rng)
        .into_iter()
        .map(|mut stroke| {
            for knot in &mut stroke.knots {
                knot.x += rng.approx_normal(looseness);
                knot.y += rng.approx_normal(looseness);
                // Hasty writing rounds off corners.
                knot.corner &= !rng.random_bool(haste);
            }
            hand.trace(&stroke)
        })
        .collect();
    Writing::of(lines, rng)
}

impl Writing {
    /// These lines with random ink.
    pub fn of(lines: Vec<Vec<Dot>>, rng: &mut SeededRng) -> Self {
        Self {
            lines,
            softness: rng.uniform(0.0, 0.03),
            strength: 1.0 - rng.uniform(-0.5, 0.4).max(0.0).powi(2),
        }
    }
}

impl Hand {
    fn new(rng: &mut SeededRng) -> Self {
        let tremor = rng.uniform(0.0, 0.008);
        Self {
            width: 1.05 * rng.approx_normal(0.23).exp(),
            slant: 0.16 + rng.approx_normal(0.22),
            turn: rng.approx_normal(0.12),
            bends: [0, 1].map(|_| Wave::new(rng, 0.05, 0.3, 0.9)),
            tremor: [0, 1].map(|_| Wave::new(rng, tremor, 1.5, 4.0)),
            radius: 0.075 * rng.approx_normal(0.36).exp(),
            pressure: [
                Wave::new(rng, 0.15, 0.3, 1.5),
                Wave::new(rng, 0.08, 2.0, 5.0),
            ],
        }
    }

    /// The pen's path through the knots of one stroke.
    fn trace(&self, stroke: &Stroke) -> Vec<Dot> {
        let mut length = 0.0;
        let mut last = None;
        curve(stroke)
            .into_iter()
            .map(|(x, y)| {
                let (x, y) = self.bend(x, y);
                let (from_x, from_y) = last.replace((x, y)).unwrap_or((x, y));
                length += (x - from_x).hypot(y - from_y);
                let pressure = 1.0 + self.pressure[0].at(length) + self.pressure[1].at(length);
                Dot {
                    x: x + self.tremor[0].at(length),
                    y: y + self.tremor[1].at(length),
                    radius: self.radius * pressure,
                }
            })
            .collect()
    }

    /// Transforms a point: slow bends, then proportions, slant and rotation.
    fn bend(&self, x: f64, y: f64) -> (f64, f64) {
        let across = x + self.bends[0].at(y);
        let down = y + self.bends[1].at(x + y) - 0.5;
        let across = across * self.width - down * self.slant;
        let (sine, cosine) = self.turn.sin_cos();
        (across * cosine - down * sine, across * sine + down * cosine)
    }
}

/// A smooth curve through the knots, except at corners.
fn curve(stroke: &Stroke) -> Vec<(f64, f64)> {
    let knots = &stroke.knots;
    let mut points = Vec::with_capacity(knots.len() * PIECES + 1);
    points.extend(knots.first().map(|knot| (knot.x, knot.y)));
    for index in 1..knots.len() {
        let (from, to) = (knots[index - 1], knots[index]);
        let before = (index > 1 && !from.corner).then(|| knots[index - 2]);
        let after = knots.get(index + 1).filter(|_| !to.corner).copied();
        let span = distance(from, to);
        let (leave_x, leave_y) = slope(before, from, to, span);
        let (arrive_x, arrive_y) = slope(after, to, from, span);
        for piece in 1..=PIECES {
            let t = piece as f64 / PIECES as f64;
            points.push((
                hermite(from.x, leave_x, to.x, -arrive_x, t),
                hermite(from.y, leave_y, to.y, -arrive_y, t),
            ));
        }
    }
    points
}

/// The curve's tangent at `here` towards `next`, for a segment of parameter length `span`.
///
/// Finite differences weighted by distance (a non-uniform Catmull-Rom spline), which do not
/// overshoot where knots are unevenly spaced. At the end of a curve the tangent points straight to
/// `next`.
fn slope(before: Option<Knot>, here: Knot, next: Knot, span: f64) -> (f64, f64) {
    let ahead = (next.x - here.x, next.y - here.y);
    let Some(before) = before else { return ahead };
    let back = distance(before, here).max(1e-6);
    let share = back / (back + span);
    let behind = (
        (here.x - before.x) / back * span,
        (here.y - before.y) / back * span,
    );
    (
        share * ahead.0 + (1.0 - share) * behind.0,
        share * ahead.1 + (1.0 - share) * behind.1,
    )
}

fn distance(a: Knot, b: Knot) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// Cubic from `a` with slope `da` at `t` = 0 to `b` with slope `db` at `t` = 1.
fn hermite(a: f64, da: f64, b: f64, db: f64, t: f64) -> f64 {
    let rest = 1.0 - t;
    rest * rest * ((1.0 + 2.0 * t) * a + t * da) + t * t * ((1.0 + 2.0 * rest) * b - rest * db)
}
