//! One writer's hand: how the same strokes look when different people write them.

use super::glyphs;
use super::stroke::{Knot, Stroke};
use crate::chance::Chance;
use std::f64::consts::TAU;

/// Curve pieces between two knots: enough to look round at 600 pixels.
const PIECES: usize = 12;

/// A point of the written line: where the pen is and how thick its line is there.
#[derive(Clone, Copy)]
pub struct Dot {
    /// To the right, in heights of a digit.
    pub x: f64,
    /// Down, in heights of a digit.
    pub y: f64,
    /// Half the width of the line, in heights of a digit.
    pub radius: f64,
}

/// What a pen wrote, ready to be inked.
pub struct Writing {
    /// Lines written without lifting the pen.
    pub lines: Vec<Vec<Dot>>,
    /// Width of the soft edge of the ink, in heights of a digit.
    pub softness: f64,
    /// Darkness of the ink where it covers fully, up to 1.
    pub strength: f64,
}

/// Habits that stay the same for all strokes of one digit.
struct Hand {
    /// Widening of the digit, as a factor.
    width: f64,
    /// Shift to the right per unit of height.
    slant: f64,
    /// Clockwise turn of the whole digit in radians.
    turn: f64,
    /// Slow bends of the paper, across and down.
    bends: [Wave; 2],
    /// Shaking of the pen, across and down.
    tremor: [Wave; 2],
    /// Half the width of the line, in heights of a digit.
    radius: f64,
    /// Slow and fast changes of the radius along the line, as a share of it.
    pressure: [Wave; 2],
}

/// A slow or fast swing about zero.
struct Wave {
    height: f64,
    frequency: f64,
    phase: f64,
}

impl Wave {
    fn new(chance: &mut Chance, height: f64, low: f64, high: f64) -> Self {
        Self {
            height: chance.bell(height),
            frequency: chance.between(low, high),
            phase: chance.between(0.0, TAU),
        }
    }

    fn at(&self, place: f64) -> f64 {
        self.height * (TAU * self.frequency * place + self.phase).sin()
    }
}

/// Writes `digit` (0 to 9) once, in a hand of its own.
pub fn write(digit: u8, chance: &mut Chance) -> Writing {
    write_strokes(chance, |chance| glyphs::strokes(digit, chance))
}

/// Writes what `glyph` notes once, in a hand of its own.
pub fn write_strokes(
    chance: &mut Chance,
    glyph: impl FnOnce(&mut Chance) -> Vec<Stroke>,
) -> Writing {
    let hand = Hand::new(chance);
    let looseness = chance.between(0.005, 0.035);
    let haste = chance.between(0.0, 0.6);
    let lines = glyph(chance)
        .into_iter()
        .map(|mut stroke| {
            for knot in &mut stroke.knots {
                knot.x += chance.bell(looseness);
                knot.y += chance.bell(looseness);
                // A hasty pen rounds corners off.
                knot.corner &= !chance.happens(haste);
            }
            hand.trace(&stroke)
        })
        .collect();
    Writing::of(lines, chance)
}

impl Writing {
    /// These lines in an ink of their own.
    pub fn of(lines: Vec<Vec<Dot>>, chance: &mut Chance) -> Self {
        Self {
            lines,
            softness: chance.between(0.0, 0.03),
            strength: 1.0 - chance.between(-0.5, 0.4).max(0.0).powi(2),
        }
    }
}

impl Hand {
    fn new(chance: &mut Chance) -> Self {
        let tremor = chance.between(0.0, 0.008);
        Self {
            width: 1.05 * chance.bell(0.23).exp(),
            slant: 0.16 + chance.bell(0.22),
            turn: chance.bell(0.12),
            bends: [0, 1].map(|_| Wave::new(chance, 0.05, 0.3, 0.9)),
            tremor: [0, 1].map(|_| Wave::new(chance, tremor, 1.5, 4.0)),
            radius: 0.075 * chance.bell(0.36).exp(),
            pressure: [
                Wave::new(chance, 0.15, 0.3, 1.5),
                Wave::new(chance, 0.08, 2.0, 5.0),
            ],
        }
    }

    /// The pen's way through the knots of one stroke.
    fn trace(&self, stroke: &Stroke) -> Vec<Dot> {
        let mut way = 0.0;
        let mut last = None;
        curve(stroke)
            .into_iter()
            .map(|(x, y)| {
                let (x, y) = self.bend(x, y);
                let (from_x, from_y) = last.replace((x, y)).unwrap_or((x, y));
                way += (x - from_x).hypot(y - from_y);
                let pressure = 1.0 + self.pressure[0].at(way) + self.pressure[1].at(way);
                Dot {
                    x: x + self.tremor[0].at(way),
                    y: y + self.tremor[1].at(way),
                    radius: self.radius * pressure,
                }
            })
            .collect()
    }

    /// Moves a point of the paper: gentle bends, then proportions, slant and turn.
    fn bend(&self, x: f64, y: f64) -> (f64, f64) {
        let across = x + self.bends[0].at(y);
        let down = y + self.bends[1].at(x + y) - 0.5;
        let across = across * self.width - down * self.slant;
        let (sine, cosine) = self.turn.sin_cos();
        (across * cosine - down * sine, across * sine + down * cosine)
    }
}

/// A smooth curve through the knots, broken where a knot is a corner.
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

/// The curve's slope at `here` on its way to `next`, as if it took `span` to get there.
///
/// Finite differences weighted by distance (a non-uniform Catmull-Rom spline), which do not
/// overshoot where knots lie unevenly. At the end of a piece the curve starts straight.
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
