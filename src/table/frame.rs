//! How the sheet lies in the picture: a projective map between both.

use imageproc::geometric_transformations::Projection;

use super::Point;
use super::curve::Curve;
use super::lines::Lines;
use super::settings::{ASKEW, FRAME_LINE, LONG_LINE, MAX_LONG_SLOPE, MAX_SHEET_SLOPE};

/// Width in slope of the neighbourhood in which most lines of one direction lie.
const SPREAD: f32 = 0.15;
/// Lines that are off the model by this slope count half.
const OUTLIER: f32 = 0.03;
/// Rounds in which outliers lose their weight.
const ROUNDS: usize = 8;
/// How little lines at nearly the same place tell about how directions change, as the variance of
/// their places in halves of the picture's longest side.
const PRIOR: f32 = 0.02;
/// Largest change of slope from the middle of the picture to its edge.
const MAX_CHANGE: f32 = 0.5;

/// A map from the working picture to the sheet's plane, where lines are level and upright. Lengths
/// in both are about the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    to_sheet: Projection,
    to_picture: Projection,
    /// By how much the sheet is turned or distorted, in radians.
    skew: f32,
}

/// The slope of lines of one direction, by where they cross the middle of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Direction {
    /// Slope of a line through the middle.
    pub(super) slope: f32,
    /// Change of the slope for half the picture's longest side.
    pub(super) change: f32,
    /// Length of the lines it was estimated from.
    evidence: f32,
}

impl Direction {
    /// The direction of straight lines of a position across the middle, a slope and a weight each.
    pub(super) fn of(lines: &[[f32; 3]]) -> Option<Self> {
        let near = |slope: f32| {
            let close = lines
                .iter()
                .filter(move |line| (line[1] - slope).abs() < SPREAD);
            close.map(|line| line[2]).sum::<f32>()
        };
        let candidates = lines.iter().map(|line| line[1]);
        let best = candidates.max_by(|&a, &b| near(a).total_cmp(&near(b)))?;
        let mut direction = Self {
            slope: best,
            change: 0.0,
            evidence: near(best),
        };
        for _ in 0..ROUNDS {
            direction.refine(lines);
        }
        Some(direction)
    }

    /// That of lines across these that lean by a slope, on a sheet seen from above.
    pub(super) fn across(self, lean: f32) -> Self {
        Self {
            slope: lean - self.slope,
            change: 0.0,
            ..self
        }
    }

    /// A weighted least-squares step.
    fn refine(&mut self, lines: &[[f32; 3]]) {
        let weight = |line: &[f32; 3]| {
            let off = (line[1] - self.slope - self.change * line[0]) / OUTLIER;
            line[2] / (1.0 + off * off)
        };
        let sum = |value: &dyn Fn(&[f32; 3]) -> f32| -> f32 {
            lines.iter().map(|line| weight(line) * value(line)).sum()
        };
        let total = sum(&|_| 1.0).max(1e-6);
        let place = sum(&|line| line[0]) / total;
        let slope = sum(&|line| line[1]) / total;
        let spread = sum(&|line| (line[0] - place).powi(2)) / total + PRIOR;
        let both = sum(&|line| (line[0] - place) * (line[1] - slope)) / total;
        self.change = (both / spread).clamp(-MAX_CHANGE, MAX_CHANGE);
        self.slope = slope - self.change * place;
    }
}

impl Frame {
    /// The frame of a picture of this width and height that shows the sheet from straight above.
    pub(super) fn upright() -> Self {
        Self {
            to_sheet: Projection::translate(0.0, 0.0),
            to_picture: Projection::translate(0.0, 0.0),
            skew: 0.0,
        }
    }

    /// The frame in which most of the longer lines are level and upright.
    pub(super) fn of_lines(lines: &Lines, size: [f32; 2]) -> Self {
        let half = size[0].max(size[1]) / 2.0;
        let straight = |curves: &[Curve], middle: [f32; 2]| {
            let long = curves.iter().filter(|curve| curve.length() >= FRAME_LINE);
            let line = |curve: &Curve| {
                let slope = curve.slope();
                let at = curve.at(curve.middle()) + slope * (middle[0] - curve.middle());
                [(at - middle[1]) / half, slope, curve.length()]
            };
            Direction::of(&long.map(line).collect::<Vec<_>>())
        };
        let [x, y] = size.map(|length| length / 2.0);
        let level = straight(&lines.level, [x, y]);
        let upright = straight(&lines.upright, [y, x]);
        Self::of(level, upright, size)
    }

    /// The frame, given the directions of its level and upright lines in a picture of this size.
    pub(super) fn of(level: Option<Direction>, upright: Option<Direction>, size: [f32; 2]) -> Self {
        let weak = |a: Direction, b: Direction| a.evidence < 0.1 * b.evidence;
        let (level, upright) = match (level, upright) {
            (None, None) => return Self::upright(),
            // One direction alone also tells the other.
            (Some(level), None) => (level, level.across(0.0)),
            (None, Some(upright)) => (upright.across(0.0), upright),
            (Some(level), Some(upright)) if weak(upright, level) => (level, level.across(0.0)),
            (Some(level), Some(upright)) if weak(level, upright) => (upright.across(0.0), upright),
            (Some(level), Some(upright)) => (level, upright),
        };
        Self::quadrilateral(level, upright, size).unwrap_or_else(Self::upright)
    }

    fn quadrilateral(level: Direction, upright: Direction, size: [f32; 2]) -> Option<Self> {
        let half = size[0].max(size[1]) / 2.0;
        let [x, y] = size.map(|length| length / 2.0);
        // Lines three quarters of the way to the edges, relative to the middle.
        let corner = |a: f32, c: f32| {
            let (b, d) = (
                level.slope + level.change * a / half,
                upright.slope + upright.change * c / half,
            );
            let across = (c + d * a) / (1.0 - d * b);
            [across + x, a + b * across + y]
        };
        let (a, c) = (0.75 * y, 0.75 * x);
        let from = [corner(-a, -c), corner(-a, c), corner(a, c), corner(a, -c)];
        let length = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
        let wide = (length(from[0], from[1]) + length(from[3], from[2])) / 4.0;
        let high = (length(from[0], from[3]) + length(from[1], from[2])) / 4.0;
        let to = [
            (x - wide, y - high),
            (x + wide, y - high),
            (x + wide, y + high),
            (x - wide, y + high),
        ];
        let to_sheet = Projection::from_control_points(from.map(|[x, y]| (x, y)), to)?;
        let moved = from.iter().zip(to);
        let moved = moved.map(|(from, to)| length(*from, [to.0, to.1]));
        Some(Self {
            to_sheet,
            to_picture: to_sheet.invert(),
            skew: moved.fold(0.0, f32::max) / x.hypot(y).max(1.0),
        })
    }

    /// Whether the sheet should be straightened before it is read.
    pub(super) fn is_askew(&self) -> bool {
        self.skew > ASKEW
    }

    /// From the working picture to the sheet.
    pub(super) fn to_sheet(self, [x, y]: Point) -> Point {
        (self.to_sheet * (x, y)).into()
    }

    /// From the sheet to the working picture.
    pub(super) fn to_picture(self, [x, y]: Point) -> Point {
        (self.to_picture * (x, y)).into()
    }

    /// Lines of the picture on the sheet.
    pub(super) fn lines(&self, lines: &Lines) -> Lines {
        let level = lines.level.iter().filter_map(|curve| {
            Curve::new(
                curve
                    .knots()
                    .iter()
                    .map(|&knot| self.to_sheet(knot))
                    .collect(),
            )
        });
        let is_straight = |curve: &Curve| {
            let most = match curve.length() < LONG_LINE {
                true => MAX_SHEET_SLOPE,
                false => MAX_LONG_SLOPE,
            };
            curve.slope().abs() <= most
        };
        let upright = lines.upright.iter().filter_map(|curve| {
            let knots = curve.knots().iter().map(|&[y, x]| {
                let [x, y] = self.to_sheet([x, y]);
                [y, x]
            });
            Curve::new(knots.collect())
        });
        Lines {
            level: level.filter(is_straight).collect(),
            upright: upright.filter(is_straight).collect(),
        }
    }
}

/// Left, top, right and bottom of the box around points.
pub(super) fn around(points: [Point; 4]) -> [f32; 4] {
    let least = |at: usize| {
        points
            .iter()
            .map(|point| point[at])
            .fold(f32::MAX, f32::min)
    };
    let most = |at: usize| {
        points
            .iter()
            .map(|point| point[at])
            .fold(f32::MIN, f32::max)
    };
    [least(0), least(1), most(0), most(1)]
}
