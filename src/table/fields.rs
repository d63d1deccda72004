//! Fields of a form with one box for each digit.
//!
//! A run of boxes is one number if there is a single row of them, none holds more than one digit,
//! and they are all about as wide as high or narrower. Boxes that share lines with boxes above or
//! below are cells of a table, such as a sudoku.

use super::curve::Curve;
use super::draft::Draft;
use super::frame::around;
use super::settings::{BOX_ASPECT, BOX_GAP, BOX_RATIO, GAP_RATIO, LEVEL};
use super::writing::Item;
use crate::scenes::Bounds;

/// A cell narrower than this share of a box is a gap between boxes.
const GAP_CELL: f32 = 0.45;
/// A gap that is wider than the narrowest of its run by this share of a box parts fields.
const SLACK: f32 = 0.2;

/// Boxes in one row.
#[derive(Clone, Debug)]
struct Run {
    bounds: Bounds,
    item: Item,
    /// Number of boxes.
    boxes: usize,
    /// Width of a box.
    width: f32,
    /// The narrowest gap between boxes so far.
    gap: Option<f32>,
    has_unread: bool,
    /// Where it was found.
    draft: Draft,
}

/// One field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) item: Item,
    pub(super) has_unread: bool,
}

/// Takes the fields out of tables; a single box counts only beside others.
pub(super) fn take(drafts: Vec<Draft>) -> (Vec<Draft>, Vec<Field>) {
    let mut tables = vec![];
    let mut parts = vec![];
    for draft in drafts {
        match run(&draft) {
            Some(run) => parts.push(run),
            None => tables.push(draft),
        }
    }
    parts.sort_by(|a, b| a.bounds.left.total_cmp(&b.bounds.left));
    let mut runs: Vec<Run> = vec![];
    for part in parts {
        let gap = |run: &Run| {
            let gap = part.bounds.left - run.bounds.right;
            let height = run.bounds.height().max(part.bounds.height());
            let middle = |bounds: &Bounds| (bounds.top + bounds.bottom) / 2.0;
            let off = (middle(&run.bounds) - middle(&part.bounds)).abs();
            let alike = similar(run.width, part.width)
                && similar(run.bounds.height(), part.bounds.height());
            let most = run.gap.map_or(BOX_GAP * run.width, |least| {
                GAP_RATIO * least.max(0.0) + SLACK * run.width
            });
            (alike && off < LEVEL * height / 2.0 && gap <= most.min(BOX_GAP * run.width))
                .then_some(gap)
        };
        let found = runs
            .iter()
            .enumerate()
            .rev()
            .find_map(|(at, run)| Some((at, gap(run)?)));
        match found {
            Some((at, gap)) => runs[at].join(part, gap),
            None => runs.push(part),
        }
    }
    let is_form = runs.iter().any(|run| run.boxes > 1);
    let mut fields = vec![];
    for run in runs {
        match is_form {
            true => fields.push(Field {
                item: run.item,
                has_unread: run.has_unread,
            }),
            false => tables.push(run.draft),
        }
    }
    (tables, fields)
}

fn similar(a: f32, b: f32) -> bool {
    a.max(b) <= BOX_RATIO * a.min(b)
}

impl Run {
    fn join(&mut self, part: Self, gap: f32) {
        self.bounds = self.bounds.union(&part.bounds);
        self.item.bounds = self.bounds;
        self.item.symbols.extend(part.item.symbols);
        if let (Some(own), Some(other)) = (&mut self.item.corners, part.item.corners) {
            (own[1], own[2]) = (other[1], other[2]);
        }
        self.boxes += part.boxes;
        let least = [self.gap, part.gap, Some(gap)].into_iter().flatten();
        self.gap = least.reduce(f32::min);
        self.has_unread |= part.has_unread;
    }
}

/// The boxes of a table, if it is a row of boxes.
fn run(draft: &Draft) -> Option<Run> {
    let grid = &draft.grid;
    if grid.rows() != 1 || draft.cells.iter().any(|cell| cell.symbols.len() > 1) {
        return None;
    }
    let corners = grid.outline()?;
    let [left, top, right, bottom] = around(corners);
    let at = |line: &Curve| line.at((top + bottom) / 2.0);
    let widths: Vec<f32> = grid
        .upright
        .windows(2)
        .map(|pair| at(&pair[1]) - at(&pair[0]))
        .collect();
    let widest = widths.iter().copied().fold(0.0, f32::max);
    let is_gap = |width: f32| width < GAP_CELL * widest;
    let boxes = || widths.iter().copied().filter(|&width| !is_gap(width));
    let narrowest = boxes().fold(widest, f32::min);
    let in_gap = widths
        .iter()
        .zip(&draft.cells)
        .any(|(&width, cell)| is_gap(width) && !cell.symbols.is_empty());
    if widest > BOX_ASPECT * (bottom - top) || !similar(narrowest, widest) || in_gap {
        return None;
    }
    let count = boxes().count();
    let gap = widths
        .iter()
        .copied()
        .filter(|&width| is_gap(width))
        .reduce(f32::min);
    let bounds = Bounds {
        left,
        top,
        right,
        bottom,
    };
    Some(Run {
        bounds,
        item: Item {
            bounds,
            symbols: draft
                .cells
                .iter()
                .flat_map(|cell| cell.symbols.clone())
                .collect(),
            corners: Some(corners),
        },
        boxes: count,
        width: widest,
        gap: gap.or((count > 1).then_some(0.0)),
        has_unread: draft.cells.iter().any(|cell| cell.has_unread),
        draft: draft.clone(),
    })
}
