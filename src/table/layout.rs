//! From lines and symbols on the sheet to its tables.

use super::align;
use super::candidates::Candidate;
use super::curve::Curve;
use super::draft::Draft;
use super::fields;
use super::frame::Frame;
use super::grid::Grid;
use super::joined::joined;
use super::lines::Lines;
use super::settings::{MAX_CELLS, PAPER_CELLS, PAPER_FILLED};
use super::unread;
use super::writing::{Item, median, usual_height};
use super::{Point, partial, refine, ruled};

/// A digit is at most this many times as high as the cells of its table.
const MAX_HEIGHT: f32 = 1.25;

/// Places along a line at which digits are looked for.
const SAMPLES: usize = 15;

/// A picture's lines and what was read in it.
pub(super) struct Seen<'a> {
    pub(super) frame: &'a Frame,
    /// In the working picture.
    pub(super) lines: &'a Candidate,
    /// What the symbols are.
    pub(super) characters: &'a [char],
    /// Middles of writing that looks like digits and was not read, in the working picture.
    pub(super) unread: &'a [Point],
    /// Ink outside all symbols, in the working picture.
    pub(super) unread_ink: &'a [Point],
}

/// The tables of a sheet, and whether a grid was left out because it has too many cells.
pub(super) fn drafts(seen: &Seen, mut items: Vec<Item>) -> (Vec<Draft>, bool) {
    let traced = without_strokes(seen.frame.lines(&seen.lines.traced), &items);
    let sides = seen.frame.lines(&seen.lines.sides);
    let (grids, rest) = ruled::grids(&traced.with(&sides));
    let mut tables = vec![];
    let mut truncated = false;
    for grid in grids {
        let cells = grid.rows() * grid.columns();
        truncated |= cells > MAX_CELLS;
        if cells > MAX_CELLS || is_paper(&grid, &items) || refine::is_frame(&grid, &items) {
            continue;
        }
        let grid = refine::refined(refine::without_thin_cells(grid, &items), &items);
        let draft;
        (draft, items) = Draft::of_grid(grid, items);
        tables.extend(draft);
    }
    unread::mark(&mut tables, seen.unread_ink, seen.frame);
    let (mut tables, fields) = fields::take(tables);
    // A box with nothing in it is no table.
    tables.retain(|draft| draft.cells.len() > 1 || draft.has_symbols());
    if !fields.is_empty() {
        let runs: Vec<Item> = fields.iter().map(|field| field.item.clone()).collect();
        let mut form = align::draft(&runs);
        for field in fields.iter().filter(|field| field.has_unread) {
            if let Some(cell) = form
                .as_mut()
                .and_then(|form| form.cell_at(field.item.centre()))
            {
                cell.has_unread = true;
            }
        }
        tables.extend(form);
    }
    let mut items = joined(items, seen.characters);
    for grid in partial::grids(&rest, &items) {
        let draft;
        (draft, items) = Draft::of_grid(grid, items);
        let mut draft: Vec<Draft> = draft.into_iter().collect();
        unread::mark(&mut draft, seen.unread_ink, seen.frame);
        tables.append(&mut draft);
    }
    // Beside ruled tables, a number alone is a page's or belongs to a title.
    let is_alone = tables.is_empty();
    let others = align::drafts(&items);
    tables.extend(
        others
            .into_iter()
            .filter(|draft| is_alone || draft.cells.len() > 1),
    );
    for &point in seen.unread {
        let point = seen.frame.to_sheet(point);
        if let Some(cell) = tables.iter_mut().find_map(|draft| draft.cell_at(point)) {
            cell.has_unread = true;
        }
    }
    (in_order(tables), truncated)
}

/// Without lines that are strokes of digits, one or several below each other: they lie mostly in
/// digits' boxes.
fn without_strokes(mut lines: Lines, items: &[Item]) -> Lines {
    let is_digit = |[x, y]: Point| {
        items.iter().any(|item| {
            let b = item.bounds;
            (b.left..=b.right).contains(&x) && (b.top..=b.bottom).contains(&y)
        })
    };
    let is_stroke = |line: &Curve, place: fn([f32; 2]) -> Point| {
        let points = (1..=SAMPLES).map(|at| {
            let along = line.start() + line.length() * at as f32 / (SAMPLES + 1) as f32;
            place([along, line.at(along)])
        });
        2 * points.filter(|&point| is_digit(point)).count() > SAMPLES
    };
    lines.level.retain(|line| !is_stroke(line, |[x, y]| [x, y]));
    lines
        .upright
        .retain(|line| !is_stroke(line, |[y, x]| [x, y]));
    lines
}

/// Whether a grid is squared paper: its squares are smaller than the digits, or nearly all of very
/// many are empty.
fn is_paper(grid: &Grid, items: &[Item]) -> bool {
    let places: Vec<([usize; 2], &Item)> = items
        .iter()
        .filter_map(|item| Some((grid.place(item.centre())?, item)))
        .collect();
    let heights = places.iter().filter_map(|&(place, _)| {
        let [a, _, _, b] = grid.corners(place)?;
        Some(b[1] - a[1])
    });
    let digit = usual_height(places.iter().map(|&(_, item)| item));
    if median(heights).is_some_and(|cell| digit > MAX_HEIGHT * cell) {
        return true;
    }
    let mut filled: Vec<[usize; 2]> = places.iter().map(|&(place, _)| place).collect();
    filled.sort_unstable();
    filled.dedup();
    let cells = grid.rows() * grid.columns();
    cells >= PAPER_CELLS && (filled.len() as f32) < PAPER_FILLED * cells as f32
}

/// From top to bottom, those at the same height from left to right.
fn in_order(mut tables: Vec<Draft>) -> Vec<Draft> {
    let outline = |draft: &Draft| draft.grid.outline().map_or([0.0; 4], super::frame::around);
    tables.sort_by(|a, b| outline(a)[1].total_cmp(&outline(b)[1]));
    let mut ordered: Vec<Draft> = vec![];
    while !tables.is_empty() {
        // Those whose upper edge is above the middle of the topmost one are beside it.
        let [_, top, _, bottom] = outline(&tables[0]);
        let (mut beside, below): (Vec<Draft>, Vec<Draft>) = tables
            .into_iter()
            .partition(|draft| outline(draft)[1] <= (top + bottom) / 2.0);
        beside.sort_by(|a, b| outline(a)[0].total_cmp(&outline(b)[0]));
        ordered.append(&mut beside);
        tables = below;
    }
    ordered
}
