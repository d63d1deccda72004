//! The lines that a sheet may be laid out with: those that were traced, the sides of what they
//! enclose, both, or none.

use super::frame::around;
use super::line_mask::Ridges;
use super::lines::Lines;
use super::working::Working;
use super::{Point, darkness, enclosed, trace};

/// All lines, the darker ones, the darkest ones.
const KINDS: usize = 3;

/// Lowest and narrowest cell, in heights of a digit.
const LOWEST: f32 = 0.8;
const NARROWEST: f32 = 0.4;

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

/// Lines that a sheet may be laid out with, in the working picture.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) origin: Origin,
    /// Those that were traced: among them are strokes of writing.
    pub(super) traced: Lines,
    /// The sides of enclosed areas.
    pub(super) sides: Lines,
}

/// What a picture shows, at each darkness.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    /// Traced lines and enclosed areas: of all lines, then of darker ones.
    kinds: Vec<(Lines, Vec<[Point; 4]>)>,
    /// The lines that are both wide and dark.
    heavy: Option<Lines>,
}

impl Candidates {
    /// Those of a picture. A table may be drawn on ruled or squared paper: where there are two kinds of
    /// lines, pale and dark, or three, the darker ones are tried by themselves.
    pub(super) fn of(working: &Working) -> Self {
        let picture = &working.picture;
        let mut kinds = vec![];
        let mut heavy = None;
        let ridges = Ridges::of(picture);
        let mut share = 0.0;
        for kind in 0..KINDS {
            let traced = trace::both(picture, share);
            let cells = enclosed::cells(&ridges.mask(share));
            kinds.push((Lines::from_traced(&traced), cells));
            if kind == 0 {
                heavy = darkness::heavy(&traced).map(|traced| Lines::from_traced(&traced));
            }
            match darkness::threshold(traced.iter().flatten(), |line| line.darkness) {
                Some(threshold) => share = threshold,
                None => break,
            }
        }
        Self { kinds, heavy }
    }

    /// All traced lines.
    pub(super) fn traced(&self) -> &Lines {
        &self.kinds[0].0
    }

    /// The areas that all lines enclose, and those that the darkest ones enclose.
    pub(super) fn areas(&self) -> [&[[Point; 4]]; 2] {
        [&self.kinds[0].1, &self.kinds[self.kinds.len() - 1].1]
    }

    /// Those of a sheet whose digits are so high: smaller areas are parts of digits.
    pub(super) fn with_digits(mut self, height: f32) -> Self {
        for (_, areas) in &mut self.kinds {
            areas.retain(|&area| is_cell(area, height));
        }
        self
    }

    /// What the sheet may be laid out with: all traced lines first, none last.
    pub(super) fn all(&self) -> Vec<Candidate> {
        let mut all = vec![];
        for (kind, (lines, areas)) in self.kinds.iter().enumerate() {
            let sides = Lines::of_cells(areas);
            let mut push = |origin, traced: Lines, sides: Lines| {
                all.push(Candidate {
                    origin,
                    traced,
                    sides,
                });
            };
            let traced = if kind == 0 {
                Origin::Traced
            } else {
                Origin::Darker
            };
            push(traced, lines.clone(), Lines::default());
            if sides.count() > 0 {
                push(Origin::Both, lines.clone(), sides.clone());
                push(Origin::Enclosed, Lines::default(), sides);
            }
        }
        let rest = [
            (Origin::Darker, self.heavy.clone()),
            (Origin::None, Some(Lines::default())),
        ];
        all.extend(rest.into_iter().filter_map(|(origin, traced)| {
            Some(Candidate {
                origin,
                traced: traced?,
                sides: Lines::default(),
            })
        }));
        all
    }
}

/// Whether an area can hold a digit that is so high.
fn is_cell(area: [Point; 4], height: f32) -> bool {
    let [left, top, right, bottom] = around(area);
    bottom - top >= LOWEST * height && right - left >= NARROWEST * height
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::{Page, steps};

    #[test]
    fn lines_areas_and_no_lines_are_tried_and_parts_of_digits_are_no_areas() {
        let mut page = Page::new(500, 400);
        page.grid(&steps(40.0, 100.0, 4), &steps(40.0, 60.0, 5), 3.0);
        let found = Candidates::of(&Working::of(&page.0));
        let origins = |height: f32| {
            let all = found.clone().with_digits(height).all().into_iter();
            all.map(|candidate| candidate.origin).collect::<Vec<_>>()
        };
        assert_eq!(found.areas().map(<[_]>::len), [20, 20]);
        assert_eq!(
            origins(40.0),
            [Origin::Traced, Origin::Both, Origin::Enclosed, Origin::None]
        );
        // As high as digits would have to be to have such holes.
        assert_eq!(origins(100.0), [Origin::Traced, Origin::None]);
    }

    #[test]
    fn pale_lines_are_left_out_where_there_are_dark_ones() {
        let mut page = Page::new(700, 500);
        for y in steps(20.0, 24.0, 18) {
            page.toned([10.0, y], [690.0, y], 2.0, 200);
        }
        page.grid(&steps(100.0, 150.0, 3), &steps(60.0, 90.0, 4), 3.0);
        let all = Candidates::of(&Working::of(&page.0)).all();
        let darker = all
            .iter()
            .find(|candidate| candidate.origin == Origin::Darker);
        let lines = &darker.unwrap().traced;
        assert_eq!([lines.level.len(), lines.upright.len()], [5, 4]);
    }
}
