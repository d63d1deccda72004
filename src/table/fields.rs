//! Fields of a form: boxes for a number each, or one box for each digit.
//!
//! A run of boxes is one number if there is a single row of them, none holds more than one digit,
//! and they are all about as wide as high or narrower. Boxes that share lines with boxes above or
//! below are cells of a table, such as a sudoku.

use super::curve::Curve;
use super::draft::Draft;
use super::frame::around;
use super::grid::Grid;
use super::settings::{BOX_ASPECT, BOX_GAP, BOX_RATIO, GAP_RATIO, LEVEL};
use super::writing::{Item, median};
use crate::scenes::Bounds;

/// A cell narrower than this share of a box is a gap between boxes.
const GAP_CELL: f32 = 0.45;
/// The rows of labels are lower than this share of a row of boxes.
const LABEL: f32 = 0.75;
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
    let mut boxes = vec![];
    for draft in drafts {
        match run(&draft).or_else(|| run(&trimmed(&draft)?)) {
            Some(run) => parts.push(run),
            None if draft.cells.len() == 1 => boxes.push(draft),
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
    let mut fields = vec![];
    if runs.iter().any(|run| run.boxes > 1) {
        fields.extend(runs.into_iter().map(|run| Field {
            item: run.item,
            has_unread: run.has_unread,
        }));
    } else {
        boxes.extend(runs.into_iter().map(|run| run.draft));
    }
    let (alike, others) = alike(boxes);
    tables.extend(others);
    if alike.len() > 1 || !fields.is_empty() {
        fields.extend(alike.iter().filter_map(field));
    } else {
        tables.extend(alike);
    }
    (tables, fields)
}

/// Boxes that are about as high as most, and the others.
fn alike(boxes: Vec<Draft>) -> (Vec<Draft>, Vec<Draft>) {
    let height = |draft: &Draft| {
        let [_, top, _, bottom] = around(draft.grid.outline()?);
        Some(bottom - top)
    };
    let usual = median(boxes.iter().filter_map(height)).unwrap_or(0.0);
    let is_alike = |draft: &Draft| height(draft).is_some_and(|height| similar(height, usual));
    boxes.into_iter().partition(is_alike)
}

/// The field of a single box.
fn field(draft: &Draft) -> Option<Field> {
    let cell = draft.cells.first()?;
    let [left, top, right, bottom] = around(cell.corners);
    Some(Field {
        item: Item {
            bounds: Bounds {
                left,
                top,
                right,
                bottom,
            },
            symbols: cell.symbols.clone(),
            corners: Some(cell.corners),
        },
        has_unread: cell.has_unread,
    })
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

/// Without the low rows above and below a row of boxes: the label of a field beside its box.
fn trimmed(draft: &Draft) -> Option<Draft> {
    let columns = draft.grid.columns();
    let height = |row: usize| {
        let outline = draft.grid.corners([row, 0]);
        outline.map_or(0.0, |[top, _, _, bottom]| bottom[1] - top[1])
    };
    let rows = 0..draft.grid.rows();
    let highest = rows
        .clone()
        .max_by(|&a, &b| height(a).total_cmp(&height(b)))?;
    let is_label = |row: usize| {
        let cells = draft.cells.iter().skip(row * columns).take(columns);
        let is_empty = cells.map(|cell| cell.symbols.len()).sum::<usize>() == 0;
        is_empty && height(row) < LABEL * height(highest)
    };
    let is_field = columns > 1 && rows.filter(|&row| row != highest).all(is_label);
    is_field.then(|| Draft {
        grid: Grid {
            level: draft.grid.level[highest..=highest + 1].to_vec(),
            upright: draft.grid.upright.clone(),
        },
        cells: draft.cells[highest * columns..(highest + 1) * columns].to_vec(),
    })
}

/// The boxes of a table, if it is a row of boxes. A line between two boxes may be missing.
fn run(draft: &Draft) -> Option<Run> {
    let grid = &draft.grid;
    if grid.rows() != 1 {
        return None;
    }
    let corners = grid.outline()?;
    let [left, top, right, bottom] = around(corners);
    let at = |line: &Curve| line.at((top + bottom) / 2.0);
    let pairs = grid.upright.windows(2);
    let widths: Vec<f32> = pairs.map(|pair| at(&pair[1]) - at(&pair[0])).collect();
    let widest = widths.iter().copied().fold(0.0, f32::max);
    // Of the narrowest box: of others, the line between two may be missing.
    let is_box = |width: &f32| *width >= GAP_CELL * (bottom - top).min(widest);
    let width = widths.iter().copied().filter(is_box).reduce(f32::min)?;
    let is_gap = |width_of: f32| width_of < GAP_CELL * width;
    let mut boxes = 0;
    for (&own, cell) in widths.iter().zip(&draft.cells) {
        let count = if is_gap(own) {
            0.0
        } else {
            (own / width).round().max(1.0)
        };
        let is_alike = is_gap(own) || similar(own / count, width);
        if !is_alike || cell.symbols.len() > count as usize {
            return None;
        }
        boxes += count as usize;
    }
    if width > BOX_ASPECT * (bottom - top) {
        return None;
    }
    let gaps = widths.iter().copied().filter(|&width| is_gap(width));
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
        boxes,
        width,
        gap: gaps.reduce(f32::min).or((boxes > 1).then_some(0.0)),
        has_unread: draft.cells.iter().any(|cell| cell.has_unread),
        draft: draft.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ruled;
    use crate::table::testing::{Written, lines, steps};

    /// The fields' numbers of digits, and the number of tables, of boxes 30 high with these sides.
    fn counts(rows: &[&[f32]], written: &Written) -> (Vec<usize>, usize) {
        let mut drafts = vec![];
        let mut items = written.items.clone();
        for xs in rows {
            let (grids, _) = ruled::grids(&lines(xs, &[100.0, 130.0]));
            for grid in grids {
                let draft;
                (draft, items) = Draft::of_grid(grid, items);
                drafts.extend(draft);
            }
        }
        let (tables, fields) = take(drafts);
        let digits = fields.iter().map(|field| field.item.symbols.len());
        (digits.collect(), tables.len())
    }

    fn digits(places: &[f32]) -> Written {
        let mut written = Written::default();
        for &x in places {
            written.add("7", [x, 115.0], 20.0);
        }
        written
    }

    #[test]
    fn boxes_that_touch_are_one_field() {
        let written = digits(&[55.0, 80.0, 105.0]);
        assert_eq!(counts(&[&steps(50.0, 25.0, 5)], &written), (vec![3], 0));
    }

    #[test]
    fn boxes_with_gaps_are_one_field_until_a_wider_gap() {
        let boxes = [50.0, 80.0, 110.0, 170.0, 200.0].map(|x| [x, x + 25.0]);
        let rows: Vec<&[f32]> = boxes.iter().map(|sides| &sides[..]).collect();
        let written = digits(&[55.0, 85.0, 115.0, 175.0]);
        assert_eq!(counts(&rows, &written), (vec![3, 1], 0));
    }

    #[test]
    fn cells_of_a_table_are_no_field() {
        let wide = steps(50.0, 90.0, 4);
        assert_eq!(counts(&[&wide], &digits(&[60.0, 150.0])), (vec![], 1));
        let two_digits = digits(&[52.0, 63.0]);
        assert_eq!(counts(&[&steps(50.0, 30.0, 4)], &two_digits), (vec![], 1));
        let (grids, _) = ruled::grids(&lines(&steps(0.0, 30.0, 9), &steps(0.0, 30.0, 9)));
        let (draft, _) = Draft::of_grid(grids[0].clone(), vec![]);
        assert!(run(&draft.unwrap()).is_none());
    }

    #[test]
    fn a_box_alone_is_a_table() {
        assert_eq!(counts(&[&[50.0, 75.0]], &digits(&[55.0])), (vec![], 1));
    }
}
