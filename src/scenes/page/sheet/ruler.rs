//! Lines of tables and boxes, printed, drawn along a ruler, or by hand.

use super::super::{Bounds, Mark, Point, strike};
use crate::random::SeededRng;

/// Narrowest printed line in pixels: thinner ones vanish in a photo.
const MIN_WIDTH: f32 = 1.3;

/// A straight line, or several in one stroke.
pub struct Line {
    points: Vec<Point>,
    stroke: Stroke,
    /// Its width in the unit of its points; lines of a pen are as wide as the pen.
    width: f32,
}

/// How lines are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stroke {
    /// In print, this wide in heights of a digit.
    Printed(f32),
    /// With the pen along a ruler.
    Ruled,
    /// With the pen by hand.
    Freehand,
}

impl Stroke {
    /// Printed lines of a random width.
    pub fn printed(rng: &mut SeededRng) -> Self {
        Self::Printed(rng.log_uniform(0.03, 0.12) as f32)
    }

    /// As tables on sheets are drawn.
    pub fn new(rng: &mut SeededRng) -> Self {
        match rng.weighted_index(&[0.6, 0.2, 0.2]) {
            0 => Self::printed(rng),
            1 => Self::Ruled,
            _ => Self::Freehand,
        }
    }

    /// The same, bolder by a factor where it is printed.
    pub fn bolder(self, factor: f32) -> Self {
        match self {
            Self::Printed(width) => Self::Printed(factor * width),
            _ => self,
        }
    }
}

impl Line {
    pub fn new(points: Vec<Point>, stroke: Stroke) -> Self {
        let width = match stroke {
            Stroke::Printed(width) => width,
            _ => 1.0,
        };
        Self {
            points,
            stroke,
            width,
        }
    }

    pub fn extent(&self) -> Bounds {
        let start = Bounds {
            left: f32::MAX,
            top: f32::MAX,
            right: f32::MIN,
            bottom: f32::MIN,
        };
        self.points.iter().fold(start, |all, &[x, y]| Bounds {
            left: all.left.min(x),
            top: all.top.min(y),
            right: all.right.max(x),
            bottom: all.bottom.max(y),
        })
    }

    pub fn place(&mut self, scale: f32, shift: Point) {
        for point in &mut self.points {
            *point = [0, 1].map(|axis| point[axis] * scale + shift[axis]);
        }
        self.width *= scale;
    }

    /// The line as a mark on a page of `side` pixels.
    pub fn mark(&self, side: usize, rng: &mut SeededRng) -> Mark {
        match self.stroke {
            Stroke::Printed(_) => {
                let width = self.width.max(MIN_WIDTH) * 256.0 / side as f32;
                Mark::ruling(vec![self.points.clone()], width)
            }
            Stroke::Ruled => self.penned(vec![self.points.clone()]),
            Stroke::Freehand => {
                let pieces = self.points.windows(2);
                self.penned(pieces.map(|ends| drawn(ends[0], ends[1], rng)).collect())
            }
        }
    }

    /// Strokes of the pen that writes digits `width` high.
    fn penned(&self, strokes: Vec<Vec<Point>>) -> Mark {
        let scaled = strokes.into_iter();
        let unit = |point: Point| point.map(|at| at / self.width);
        let scaled = scaled.map(|stroke| stroke.into_iter().map(unit).collect());
        Mark::strokes(scaled.collect()).moved(self.width, [0.0, 0.0])
    }
}

/// A line drawn by hand, half as wavy as one drawn without a table in mind, in either direction.
fn drawn(from: Point, to: Point, rng: &mut SeededRng) -> Vec<Point> {
    let is_level = (to[0] - from[0]).abs() > (to[1] - from[1]).abs();
    let turned = |point: Point| match is_level {
        true => point,
        false => [point[1], point[0]],
    };
    let (start, end) = (turned(from), turned(to));
    let line = strike::waved(start, end, rng);
    let last = (line.len() - 1).max(1) as f32;
    let calmed = line.into_iter().enumerate().map(|(at, [x, y])| {
        let straight = start[1] + (end[1] - start[1]) * at as f32 / last;
        turned([x, straight + 0.3 * (y - straight)])
    });
    calmed.collect()
}
