//! The content of a sheet while it is composed.

use super::super::{Bounds, Mark, Page, Tool, mark, strike};
use super::entry::Entry;
use super::ruler::{Line, Stroke};
use crate::random::SeededRng;
use crate::scenes::{Point, TrueCell, TrueTable};

/// A sheet of numbers; lengths in heights of a digit until it is fitted into a picture.
#[derive(Default)]
pub struct NumberSheet {
    pub(super) marks: Vec<Mark>,
    pub(super) lines: Vec<Line>,
    /// What is written.
    pub tables: Vec<TrueTable>,
}

impl NumberSheet {
    /// Adds a line.
    pub(super) fn line(&mut self, from: Point, to: Point, stroke: Stroke) {
        self.lines.push(Line::new(vec![from, to], stroke));
    }

    /// Adds writing, with the start of its baseline at a point.
    pub(super) fn write(&mut self, entry: Entry, scale: f32, shift: Point, tool: Tool) {
        let marks = entry.marks.into_iter();
        self.marks
            .extend(marks.map(|mark| mark.moved(scale, shift).with(tool)));
    }

    /// The box of everything on it.
    pub fn extent(&self) -> Option<Bounds> {
        let lines = self.lines.iter().map(Line::extent);
        let corners = self.tables.iter().flat_map(|table| &table.cells);
        let corners = corners.flat_map(|cell| cell.corners).map(|[x, y]| Bounds {
            left: x,
            top: y,
            right: x,
            bottom: y,
        });
        let all = mark::extent(&self.marks).into_iter().chain(lines);
        all.chain(corners).reduce(|a, b| a.union(&b))
    }

    /// Scaled and then shifted.
    pub(super) fn placed(mut self, scale: f32, shift: [f32; 2]) -> Self {
        for mark in &mut self.marks {
            mark.transform(scale, 0.0, shift);
        }
        for line in &mut self.lines {
            line.place(scale, shift);
        }
        let place = |[x, y]: [f32; 2]| [x * scale + shift[0], y * scale + shift[1]];
        let tables = self.tables.into_iter();
        self.tables = tables.map(|table| table.mapped(place)).collect();
        self
    }

    pub(super) fn join(&mut self, other: Self) {
        self.marks.extend(other.marks);
        self.lines.extend(other.lines);
        self.tables.extend(other.tables);
    }

    /// The sheet as a page of a square picture of `side` pixels, a digit's height being `scale`
    /// pixels, and what is written on it.
    pub fn fit(
        self,
        scale: f32,
        shift: [f32; 2],
        side: usize,
        rng: &mut SeededRng,
    ) -> (Page, Vec<TrueTable>) {
        let placed = self.placed(scale, shift);
        let lines = placed.lines.iter();
        let mut marks: Vec<Mark> = lines.map(|line| line.mark(side, rng)).collect();
        marks.extend(placed.marks);
        let line_height = 1.6 * scale;
        (Page { marks, line_height }, placed.tables)
    }
}

/// A cell that fills a box.
pub(super) fn cell(text: Option<String>, bounds: &Bounds) -> TrueCell {
    TrueCell {
        text,
        corners: strike::corners(bounds),
    }
}
