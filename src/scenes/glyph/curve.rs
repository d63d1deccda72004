//! Smooth curves through the sampled points of a stroke.

use std::f32::consts::TAU;

use super::super::Point;
use crate::random::SeededRng;

/// Cosine of the angle from which a turn is a corner: 70 degrees.
const CORNER: f32 = 0.34;

/// A curve through `points`, sampled about every `step`, with sharp corners kept.
pub fn smooth(points: &[Point], step: f32) -> Vec<Point> {
    let mut line = Vec::with_capacity(points.len() * 3);
    line.extend(points.first());
    for (index, pair) in points.windows(2).enumerate() {
        let (from, to) = (pair[0], pair[1]);
        let before = index.checked_sub(1).map(|before| points[before]);
        let after = points.get(index + 2).copied();
        let span = distance(from, to);
        let leaving = slope(before, from, to, span);
        let arriving = slope(after, to, from, span);
        let pieces = (span / step).ceil().clamp(1.0, 24.0);
        for piece in 1..=pieces as usize {
            let share = piece as f32 / pieces;
            line.push(
                [0, 1]
                    .map(|axis| cubic(from[axis], leaving[axis], to[axis], -arriving[axis], share)),
            );
        }
    }
    line
}

/// Adds the tremor of an unsteady hand: up to about `strength`, with waves of at least a fifth of a
/// height.
pub fn add_tremor(line: &mut [Point], strength: f32, rng: &mut SeededRng) {
    let waves = [0; 4].map(|_| {
        let frequency = rng.log_uniform(0.7, 5.0) as f32;
        let height = strength * rng.approx_normal(0.6) as f32 / frequency.sqrt();
        (
            height,
            frequency * TAU,
            rng.uniform(0.0, f64::from(TAU)) as f32,
        )
    });
    let swing = |travelled: f32, (height, frequency, phase): (f32, f32, f32)| {
        height * (frequency * travelled + phase).sin()
    };
    let mut travelled = 0.0;
    let mut last = line.first().copied().unwrap_or_default();
    for point in line {
        travelled += distance(last, *point);
        last = *point;
        point[0] += swing(travelled, waves[0]) + swing(travelled, waves[1]);
        point[1] += swing(travelled, waves[2]) + swing(travelled, waves[3]);
    }
}

/// The distance between two points.
pub fn distance(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The curve's slope at `here` towards `next`, which lies `span` away: Catmull-Rom, weighted by
/// distance so that unevenly spaced points do not overshoot; straight at ends and corners.
fn slope(before: Option<Point>, here: Point, next: Point, span: f32) -> Point {
    let ahead = [next[0] - here[0], next[1] - here[1]];
    let Some(before) = before else { return ahead };
    let behind = [here[0] - before[0], here[1] - before[1]];
    let back = behind[0].hypot(behind[1]);
    let along = ahead[0] * behind[0] + ahead[1] * behind[1];
    if back <= 0.0 || along < CORNER * back * span {
        return ahead;
    }
    let share = back / (back + span);
    [0, 1].map(|axis| share * ahead[axis] + (1.0 - share) * behind[axis] / back * span)
}

/// From `a` with slope `da` to `b` with slope `db`, at `t` from 0 to 1 (a Hermite cubic).
fn cubic(a: f32, da: f32, b: f32, db: f32, t: f32) -> f32 {
    let rest = 1.0 - t;
    rest * rest * ((1.0 + 2.0 * t) * a + t * da) + t * t * ((1.0 + 2.0 * rest) * b - rest * db)
}
