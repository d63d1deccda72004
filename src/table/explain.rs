//! How well a layout explains what was read: of several, the best one is taken.

use super::Point;
use super::draft::Draft;
use super::grid::Grid;
use super::settings::{EMPTY_COST, NUMBER_GAP};
use super::writing::{Item, in_lines};

/// Share of a digit's box, from its middle, that must lie in one cell.
const CORE: f32 = 0.5;

/// One for each symbol that lies in one cell, less one for each that a line crosses, for each wide gap
/// and each further line of writing within a cell, and a little for empty rows and columns.
///
/// `items` are the symbols, at the places that the cells name.
pub(super) fn explained(drafts: &[Draft], items: &[Item]) -> f32 {
    drafts.iter().map(|draft| table(draft, items)).sum()
}

fn table(draft: &Draft, items: &[Item]) -> f32 {
    let (rows, columns) = (draft.grid.rows(), draft.grid.columns());
    let mut sum = 0.0;
    let mut is_filled = [vec![false; rows], vec![false; columns]];
    for (at, cell) in draft.cells.iter().enumerate() {
        let place = [at / columns, at % columns];
        let own: Vec<&Item> = cell
            .symbols
            .iter()
            .filter_map(|&at| items.get(at))
            .collect();
        if own.is_empty() {
            continue;
        }
        is_filled[0][place[0]] = true;
        is_filled[1][place[1]] = true;
        for item in &own {
            sum += match cell.is_field || lies_in(&draft.grid, place, item) {
                true => 1.0,
                false => -1.0,
            };
        }
        let lines = in_lines(own);
        sum -= lines.len() as f32 - 1.0;
        // A field of boxes may leave boxes empty.
        if !cell.is_field {
            sum -= lines.iter().map(|line| wide_gaps(line)).sum::<usize>() as f32;
        }
    }
    let empty = is_filled.iter().flatten().filter(|filled| !**filled);
    sum - EMPTY_COST * empty.count() as f32
}

/// Whether the middle part of a symbol lies in a cell.
fn lies_in(grid: &Grid, place: [usize; 2], item: &Item) -> bool {
    let [x, y] = item.centre();
    let (across, down) = (
        CORE * item.bounds.width() / 2.0,
        CORE * item.bounds.height() / 2.0,
    );
    let ends: [Point; 4] = [
        [x - across, y - down],
        [x + across, y - down],
        [x + across, y + down],
        [x - across, y + down],
    ];
    ends.iter().all(|&end| grid.place(end) == Some(place))
}

/// The gaps between the symbols of a line that part numbers.
fn wide_gaps(line: &[&Item]) -> usize {
    let is_wide = |pair: &&[&Item]| {
        let height = pair[0].height().max(pair[1].height());
        pair[1].bounds.left - pair[0].bounds.right > NUMBER_GAP * height
    };
    line.windows(2).filter(is_wide).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ruled;
    use crate::table::testing::{Written, lines};

    /// Two columns and three rows of numbers, 40 high, in cells with these lines.
    fn score(xs: &[f32], ys: &[f32]) -> f32 {
        let mut written = Written::default();
        for row in 0..3 {
            for column in 0..2 {
                let place = [30.0 + 100.0 * column as f32, 30.0 + 60.0 * row as f32];
                written.add("12", place, 40.0);
            }
        }
        let grid = ruled::grids(&lines(xs, ys)).0.remove(0);
        let (draft, _) = Draft::of_grid(grid, written.items.clone());
        explained(&[draft.unwrap()], &written.items)
    }

    #[test]
    fn lines_between_numbers_explain_them_best() {
        let (xs, ys) = ([10.0, 110.0, 210.0], [0.0, 60.0, 120.0, 180.0]);
        let right = score(&xs, &ys);
        assert_eq!(right, 12.0);
        let paper = [0.0, 30.0, 60.0, 90.0, 120.0, 150.0, 180.0];
        assert!(score(&xs, &paper) < right);
        assert!(score(&xs, &[0.0, 180.0]) < right);
        assert!(score(&[10.0, 210.0], &ys) < right);
        assert!(score(&[10.0, 110.0, 210.0, 310.0], &ys) < right);
    }
}
