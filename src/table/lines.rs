//! The lines of a picture that may belong to tables.

use super::curve::{Curve, crossing};
use super::darkness;
use super::settings::{LONG, MAX_JOINT, MAX_LINES, TOUCH};
use super::trace::{self, Traced};
use super::working::Working;

/// Pixels by which two pieces of a line may miss each other, and that share of the gap.
const MISS: [f32; 2] = [2.0, 0.07];
/// The longest gap in a line as a share of its longer piece.
const JOINT: f32 = 0.2;
/// Difference in slope of two pieces of one line.
const TURN: f32 = 0.15;

/// All lines, the darker ones, the darkest ones.
const KINDS: usize = 3;

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
        Self::from_traced(&traced(working, 0.0))
    }

    /// All lines of a picture, and the darker ones alone where there are two kinds, or the darkest of
    /// three: a table may be drawn on ruled or squared paper.
    pub(super) fn by_darkness(working: &Working) -> Vec<Self> {
        let mut traced_lines = traced(working, 0.0);
        let mut all = vec![Self::from_traced(&traced_lines)];
        while all.len() < KINDS {
            let lines = traced_lines.iter().flatten();
            let Some(threshold) = darkness::threshold(lines) else {
                break;
            };
            traced_lines = traced(working, threshold);
            all.push(Self::from_traced(&traced_lines));
        }
        all
    }

    /// How many there are, in both directions.
    pub(super) fn count(&self) -> usize {
        self.level.len() + self.upright.len()
    }

    /// Level and upright lines.
    fn from_traced(traced: &[Vec<Traced>; 2]) -> Self {
        let [level, upright] = traced.each_ref().map(|lines| {
            let curves = lines.iter().map(|line| line.curve.clone());
            joined(curves.collect())
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

fn traced(working: &Working, darkness: f32) -> [Vec<Traced>; 2] {
    let picture = &working.picture;
    let (level, upright) = rayon::join(
        || trace::level_lines(picture, darkness),
        || trace::upright_lines(picture, darkness),
    );
    [level, upright]
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
    pieces.sort_by(|a, b| b.length().total_cmp(&a.length()));
    pieces.truncate(2 * MAX_LINES);
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
