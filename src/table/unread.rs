//! Writing in cells that was not read, such as words.

use super::Point;
use super::draft::Draft;
use super::frame::{Frame, around};
use super::settings::{CELL_MARGIN, WRITING_HEIGHT, WRITING_PIXELS};
use super::working::Working;

/// Ink around a symbol, as a share of its height, that still belongs to it.
const BESIDE: f32 = 0.15;
/// Least distance of ink from a cell's lines.
const LINE: f32 = 3.0;

/// Ink in a cell.
#[derive(Clone, Copy, Debug)]
struct Ink {
    pixels: u32,
    top: f32,
    bottom: f32,
}

/// The ink outside all symbols, whose corners in the working picture are given.
pub(super) fn ink(working: &Working, symbols: &[[Point; 4]]) -> Vec<Point> {
    let (width, height) = working.picture.dimensions();
    let mut is_read = vec![false; (width * height) as usize];
    for &corners in symbols {
        let [left, top, right, bottom] = around(corners);
        let margin = BESIDE * (bottom - top);
        let range = |from: f32, to: f32, length: u32| {
            let place = |at: f32| (at.max(0.0) as usize).min(length as usize);
            place(from - margin)..place(to + margin + 1.0)
        };
        for y in range(top, bottom, height) {
            let row = &mut is_read[y * width as usize..][..width as usize];
            row[range(left, right, width)].fill(true);
        }
    }
    let is_unread = |&[x, y]: &Point| !is_read[y as usize * width as usize + x as usize];
    working.ink().filter(is_unread).collect()
}

/// Marks the cells that hold ink which was not read, at these points of the working picture.
pub(super) fn mark(drafts: &mut [Draft], ink: &[Point], frame: &Frame) {
    let outlines: Vec<[f32; 4]> = drafts
        .iter()
        .map(|draft| draft.grid.outline().map_or([0.0; 4], around))
        .collect();
    let mut found: Vec<Vec<Option<Ink>>> = drafts
        .iter()
        .map(|draft| vec![None; draft.cells.len()])
        .collect();
    for &point in ink {
        let [x, y] = frame.to_sheet(point);
        for ((draft, &[left, top, right, bottom]), found) in
            drafts.iter().zip(&outlines).zip(&mut found)
        {
            if x < left || x > right || y < top || y > bottom {
                continue;
            }
            if let Some(at) = interior(draft, [x, y]) {
                let ink = found[at].get_or_insert(Ink {
                    pixels: 0,
                    top: y,
                    bottom: y,
                });
                ink.pixels += 1;
                (ink.top, ink.bottom) = (ink.top.min(y), ink.bottom.max(y));
            }
        }
    }
    for (draft, found) in drafts.iter_mut().zip(found) {
        for (cell, ink) in draft.cells.iter_mut().zip(found) {
            let [_, top, _, bottom] = around(cell.corners);
            cell.has_unread |= ink.is_some_and(|ink| {
                ink.pixels >= WRITING_PIXELS
                    && ink.bottom - ink.top >= WRITING_HEIGHT * (bottom - top)
            });
        }
    }
}

/// The cell that holds a point not too near to its lines.
fn interior(draft: &Draft, [x, y]: Point) -> Option<usize> {
    let grid = &draft.grid;
    let [row, column] = grid.place([x, y])?;
    let (above, below) = (grid.level.get(row)?.at(x), grid.level.get(row + 1)?.at(x));
    let (before, after) = (
        grid.upright.get(column)?.at(y),
        grid.upright.get(column + 1)?.at(y),
    );
    let margin = LINE.max(CELL_MARGIN * (below - above));
    let is_inside =
        y - above >= margin && below - y >= margin && x - before >= margin && after - x >= margin;
    is_inside.then_some(row * grid.columns() + column)
}
