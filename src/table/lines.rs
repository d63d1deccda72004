//! The lines of a picture that may belong to tables.

use super::curve::{Curve, crossing};
use super::settings::{LONG, MAX_JOINT, MAX_LINES, TOUCH};
#[cfg(test)]
use super::trace;
use super::trace::Traced;
#[cfg(test)]
use super::working::Working;
use super::{Point, enclosed};

/// Pixels by which two pieces of a line may miss each other, and that share of the gap.
const MISS: [f32; 2] = [2.0, 0.07];
/// The longest gap in a line as a share of its longer piece.
const JOINT: f32 = 0.2;
/// Difference in slope of two pieces of one line.
const TURN: f32 = 0.15;

/// Lines in two directions.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    /// `y` as a function of `x`.
    pub(super) level: Vec<Curve>,
    /// `x` as a function of `y`.
    pub(super) upright: Vec<Curve>,
}

impl Lines {
    /// The lines of a picture; short ones only where both of their ends lie on others.
    #[cfg(test)]
    pub(super) fn of(working: &Working) -> Self {
        Self::from_traced(&trace::both(&working.picture, 0.0))
    }

    /// The sides of cells.
    pub(super) fn of_cells(cells: &[[Point; 4]]) -> Self {
        let [level, upright] = enclosed::sides(cells).map(joined);
        Self { level, upright }
    }

    /// Both as lines of one sheet.
    pub(super) fn with(&self, other: &Self) -> Self {
        if other.count() == 0 {
            return self.clone();
        }
        Self {
            level: joined([&self.level[..], &other.level].concat()),
            upright: joined([&self.upright[..], &other.upright].concat()),
        }
    }

    /// How many there are, in both directions.
    pub(super) fn count(&self) -> usize {
        self.level.len() + self.upright.len()
    }

    /// Those that were traced in the picture.
    pub(super) fn from_traced(traced: &[Vec<Traced>; 2]) -> Self {
        let [level, upright] = traced.each_ref().map(|lines| {
            let mut curves: Vec<Curve> = lines.iter().map(|line| line.curve.clone()).collect();
            curves.sort_by(|a, b| b.length().total_cmp(&a.length()));
            curves.truncate(2 * MAX_LINES);
            joined(curves)
        });
        Self { level, upright }.supported()
    }

    /// Without short lines that end somewhere else than on a line of the other direction: they are
    /// strokes of writing.
    fn supported(mut self) -> Self {
        loop {
            let before = self.count();
            let level = without_strokes(&self.level, &self.upright, crossing);
            let upright = without_strokes(&self.upright, &level, |a, b| {
                let [x, y] = crossing(b, a);
                [y, x]
            });
            self = Self { level, upright };
            if self.count() == before {
                return self;
            }
        }
    }
}

fn without_strokes(
    lines: &[Curve],
    others: &[Curve],
    crossing: impl Fn(&Curve, &Curve) -> [f32; 2],
) -> Vec<Curve> {
    let is_held = |line: &&Curve| {
        if line.length() >= LONG {
            return true;
        }
        let mut held = [false; 2];
        for other in others {
            let [along, across] = crossing(line, other);
            let near = reach(line, other);
            if across >= other.start() - near && across <= other.end() + near {
                held[0] |= (along - line.start()).abs() <= near;
                held[1] |= (along - line.end()).abs() <= near;
            }
        }
        held == [true; 2]
    };
    lines.iter().filter(is_held).cloned().collect()
}

/// How near the ends of two lines are that touch.
pub(super) fn reach(a: &Curve, b: &Curve) -> f32 {
    TOUCH + 0.06 * a.length().min(b.length()).min(LONG)
}

/// Joins pieces of one line, and keeps the longest lines.
fn joined(mut pieces: Vec<Curve>) -> Vec<Curve> {
    pieces.sort_by(|a, b| a.start().total_cmp(&b.start()));
    let mut lines: Vec<Curve> = vec![];
    for piece in pieces {
        let cost = |line: &Curve| {
            let gap = piece.start() - line.end();
            let fits = (-4.0..=MAX_JOINT).contains(&gap)
                // Boxes beside each other are no line with gaps.
                && gap <= JOINT * line.length().max(piece.length());
            if !fits {
                return None;
            }
            let middle = line.end() + gap / 2.0;
            let miss = (line.at(middle) - piece.at(middle)).abs();
            let turn = (line.slope() - piece.slope()).abs();
            (miss <= MISS[0] + MISS[1] * gap.max(0.0) && turn <= TURN).then_some(miss + 0.1 * gap)
        };
        let best = lines
            .iter()
            .enumerate()
            .filter_map(|(at, line)| Some((at, cost(line)?)))
            .min_by(|(_, a), (_, b)| a.total_cmp(b));
        match best {
            Some((at, _)) => lines[at] = lines[at].joined(&piece),
            None => lines.push(piece),
        }
    }
    lines.sort_by(|a, b| b.length().total_cmp(&a.length()));
    lines.truncate(MAX_LINES);
    lines
}
