//! Rows and columns that lines part only in groups: the digits part them further.

use super::align::level_bounds;
use super::columns;
use super::curve::Curve;
use super::grid::Grid;
use super::writing::{Item, in_lines, usual_height};

/// Lines of digits in one cell from which on they are rows of their own: two may be one entry.
const MANY_LINES: usize = 3;
/// Rows from which on a grid is no row of boxes with its label.
const MIN_ROWS: usize = 3;
/// A row or column narrower than this, in heights of a digit, holds none.
const THIN: f32 = 0.4;

/// Whether a single cell is the frame around numbers or the edge of the paper, rather than the box
/// of one number.
pub(super) fn is_frame(grid: &Grid, items: &[Item]) -> bool {
    let inside = items
        .iter()
        .filter(|item| grid.place(item.centre()).is_some());
    let lines = in_lines(inside);
    grid.rows() * grid.columns() == 1 && (lines.len() > 1 || !columns::gaps(&lines).is_empty())
}

/// The grid without rows and columns that are too narrow for a digit: a wide line has two edges, and some
/// are drawn twice.
pub(super) fn without_thin_cells(mut grid: Grid, items: &[Item]) -> Grid {
    // Boxes in a row may have gaps between them.
    if grid.rows() < MIN_ROWS {
        return grid;
    }
    let inside = items.iter();
    let inside = inside.filter(|item| grid.place(item.centre()).is_some());
    let least = THIN * usual_height(inside);
    for lines in [&mut grid.level, &mut grid.upright] {
        let mut at = 0;
        while lines.len() > 2 && at + 1 < lines.len() {
            let along = lines[at].middle();
            if lines[at + 1].at(along) - lines[at].at(along) >= least {
                at += 1;
            } else if at + 2 < lines.len() {
                lines.remove(at + 1);
            } else {
                lines.remove(at);
            }
        }
    }
    grid
}

/// The grid with further lines between the rows and columns of the items in it.
pub(super) fn refined(grid: Grid, items: &[Item]) -> Grid {
    let placed: Vec<([usize; 2], &Item)> = items
        .iter()
        .filter_map(|item| Some((grid.place(item.centre())?, item)))
        .collect();
    let mut level: Vec<Curve> = grid.level.get(..1).unwrap_or_default().to_vec();
    for (row, below) in grid.level.iter().skip(1).enumerate() {
        let band = || placed.iter().filter(move |([own, _], _)| *own == row);
        let many = |column: &usize| {
            let cell = band().filter(|([_, own], _)| own == column);
            in_lines(cell.map(|(_, item)| *item)).len() >= MANY_LINES
        };
        let mut columns: Vec<usize> = band().map(|([_, column], _)| *column).collect();
        columns.sort_unstable();
        columns.dedup();
        if 2 * columns.iter().filter(|column| many(column)).count() > columns.len() {
            let lines = in_lines(band().map(|(_, item)| *item));
            let bounds = level_bounds(&lines, &[]);
            level.extend(
                bounds
                    .get(1..bounds.len().saturating_sub(1))
                    .unwrap_or_default()
                    .iter()
                    .cloned(),
            );
        }
        level.push(below.clone());
    }
    let mut upright = grid.upright;
    if let ([left, right], true) = (&upright[..], level.len() > 2) {
        let grid = Grid {
            level: level.clone(),
            upright: vec![left.clone(), right.clone()],
        };
        let mut rows: Vec<Vec<&Item>> = vec![vec![]; grid.rows()];
        for (_, item) in &placed {
            if let Some([row, _]) = grid.place(item.centre()) {
                rows[row].push(item);
            }
        }
        rows.retain(|row| !row.is_empty());
        for row in &mut rows {
            row.sort_by(|a, b| a.bounds.left.total_cmp(&b.bounds.left));
        }
        let extent = [left.start(), left.end()];
        let gaps = columns::gaps(&rows).into_iter();
        let mut between: Vec<Curve> = gaps
            .map(|gap| Curve::straight(extent, gap.middle()))
            .collect();
        upright.splice(1..1, between.drain(..));
    }
    Grid { level, upright }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::draft::Draft;
    use crate::table::ruled;
    use crate::table::testing::{Written, lines};

    fn grid(xs: &[f32], ys: &[f32]) -> Grid {
        ruled::grids(&lines(xs, ys)).0.remove(0)
    }

    fn written(rows: usize) -> Written {
        let mut written = Written::default();
        for row in 0..rows {
            let y = 60.0 + 40.0 * row as f32;
            written.add("12", [50.0, y], 20.0);
            written.add("345", [300.0, y], 20.0);
        }
        written
    }

    fn texts(grid: Grid, written: &Written) -> String {
        let (draft, _) = Draft::of_grid(refined(grid, &written.items), written.items.clone());
        written.texts(&draft.unwrap())
    }

    #[test]
    fn rows_below_a_header_need_no_lines() {
        let grid = grid(&[0.0, 200.0, 500.0], &[0.0, 40.0, 240.0]);
        assert_eq!(texts(grid, &written(4)), "| 12|345 12|345 12|345 12|345");
    }

    #[test]
    fn two_lines_of_digits_in_a_cell_stay_together() {
        let grid = grid(&[0.0, 200.0, 500.0], &[40.0, 120.0, 200.0]);
        assert_eq!(texts(grid, &written(4)), "1212|345345 1212|345345");
    }

    #[test]
    fn both_edges_of_a_wide_line_are_one() {
        let xs = [0.0, 7.0, 200.0, 493.0, 500.0];
        let ys = [40.0, 80.0, 87.0, 120.0, 160.0, 200.0];
        let thin = without_thin_cells(grid(&xs, &ys), &written(4).items);
        assert_eq!(texts(thin, &written(4)), "12|345 12|345 12|345 12|345");
        // Boxes of a form may have gaps between them.
        let boxes = without_thin_cells(
            grid(&[0.0, 40.0, 47.0, 87.0], &[40.0, 80.0]),
            &written(1).items,
        );
        assert_eq!(boxes.columns(), 3);
    }

    #[test]
    fn a_frame_around_numbers_is_no_cell() {
        let frame = grid(&[0.0, 500.0], &[0.0, 300.0]);
        assert!(is_frame(&frame, &written(2).items));
        let mut one = Written::default();
        one.add("345", [100.0, 100.0], 20.0);
        assert!(!is_frame(&frame, &one.items));
    }
}
