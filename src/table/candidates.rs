//! The lines that a sheet may be laid out with: those that were traced, the sides of what they
//! enclose, both, or none.

use super::lines::Lines;
use super::working::Working;
use super::{Point, barrier, darkness, enclosed, trace};

/// All lines, the darker ones, the darkest ones.
const KINDS: usize = 3;

/// Where lines come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Traced, and all of them.
    Traced,
    /// Traced, and darker than others.
    Darker,
    /// The sides of enclosed areas.
    Enclosed,
    /// Traced, and the sides of enclosed areas.
    Both,
    /// No lines.
    None,
}

/// Lines that a sheet may be laid out with.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) origin: Origin,
    /// In the working picture.
    pub(super) lines: Lines,
}

/// All of them.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    /// All traced lines come first, none last.
    pub(super) all: Vec<Candidate>,
    /// The areas that all lines enclose, and those that the darkest ones enclose.
    pub(super) areas: [Vec<[Point; 4]>; 2],
}

impl Candidates {
    /// Those of a picture. A table may be drawn on ruled or squared paper: where there are two kinds of
    /// lines, pale and dark, or three, the darker ones are tried by themselves.
    pub(super) fn of(working: &Working) -> Self {
        let picture = &working.picture;
        let mut all = vec![];
        let mut areas = vec![];
        let mut share = 0.0;
        let mut push = |origin, lines: Lines| all.push(Candidate { origin, lines });
        for kind in 0..KINDS {
            let traced = trace::both(picture, share);
            let cells = enclosed::cells(&barrier::of(picture, share));
            let (lines, sides) = (Lines::from_traced(&traced), Lines::of_cells(&cells));
            areas.push(cells);
            let both = (sides.count() > 0).then(|| lines.with(&sides));
            match kind {
                0 => push(Origin::Traced, lines),
                _ => push(Origin::Darker, lines),
            }
            if let Some(both) = both {
                push(Origin::Both, both);
                push(Origin::Enclosed, sides);
            }
            match darkness::threshold(traced.iter().flatten()) {
                Some(threshold) => share = threshold,
                None => break,
            }
        }
        push(Origin::None, Lines::default());
        let darkest = areas.last().cloned().unwrap_or_default();
        let first = areas.swap_remove(0);
        Self {
            all,
            areas: [first, darkest],
        }
    }

    /// All traced lines.
    pub(super) fn traced(&self) -> &Lines {
        &self.all[0].lines
    }
}
