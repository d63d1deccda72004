//! A table on the sheet, before it is brought to the picture.

use super::Point;
use super::grid::Grid;
use super::writing::{Item, in_lines};

/// Symbols that share more than this of the narrower one's width stand above each other.
const ABOVE: f32 = 0.5;

/// A table on the sheet.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) grid: Grid,
    /// Row by row.
    pub(super) cells: Vec<DraftCell>,
}

/// A cell on the sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct DraftCell {
    /// Clockwise from the top left.
    pub(super) corners: [Point; 4],
    /// Places of the symbols in the order in which they were read, from left to right; of several
    /// lines from top to bottom.
    pub(super) symbols: Vec<usize>,
    pub(super) has_unread: bool,
    /// Whether it is a field with a box, or several, of its own.
    pub(super) is_field: bool,
}

impl Draft {
    /// The table of a grid whose cells, by row and column, hold items.
    pub(super) fn new(grid: Grid, places: Vec<([usize; 2], &Item)>) -> Option<Self> {
        let (rows, columns) = (grid.rows(), grid.columns());
        let mut items: Vec<Vec<&Item>> = vec![vec![]; rows * columns];
        for ([row, column], item) in places {
            items.get_mut(row * columns + column)?.push(item);
        }
        let mut cells = Vec::with_capacity(items.len());
        for (at, items) in items.into_iter().enumerate() {
            let own = match items[..] {
                [only] => only.corners,
                _ => None,
            };
            let place = [at / columns, at % columns];
            cells.push(DraftCell {
                corners: own.or_else(|| grid.corners(place))?,
                symbols: in_reading_order(items)
                    .into_iter()
                    .flat_map(|item| item.symbols.clone())
                    .collect(),
                has_unread: false,
                is_field: own.is_some(),
            });
        }
        (!cells.is_empty()).then_some(Self { grid, cells })
    }

    /// The table of a grid with the items whose centres lie in it, and the other items.
    pub(super) fn of_grid(grid: Grid, items: Vec<Item>) -> (Option<Self>, Vec<Item>) {
        let place = |item: &Item| grid.place(item.centre());
        let (inside, outside): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|item| place(item).is_some());
        let places = inside
            .iter()
            .filter_map(|item| Some((place(item)?, item)))
            .collect();
        (Self::new(grid.clone(), places), outside)
    }

    /// The cell at a point.
    pub(super) fn cell_at(&mut self, point: Point) -> Option<&mut DraftCell> {
        let [row, column] = self.grid.place(point)?;
        let at = row * self.grid.columns() + column;
        self.cells.get_mut(at)
    }

    /// Whether anything was read in it.
    pub(super) fn has_symbols(&self) -> bool {
        self.cells.iter().any(|cell| !cell.symbols.is_empty())
    }
}

/// The items of a cell as they are read. Symbols beside each other are one line, however uneven.
fn in_reading_order(mut items: Vec<&Item>) -> Vec<&Item> {
    items.sort_by(|a, b| a.centre()[0].total_cmp(&b.centre()[0]));
    let is_above = |pair: &[&Item]| {
        let (a, b) = (pair[0].bounds, pair[1].bounds);
        let both = a.right.min(b.right) - a.left.max(b.left);
        both > ABOVE * a.width().min(b.width())
    };
    match items.windows(2).any(is_above) {
        true => in_lines(items).into_iter().flatten().collect(),
        false => items,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ruled;
    use crate::table::testing::{Written, lines};

    /// What is read in one cell that holds two digits, 20 high, at these places.
    fn text(first: Point, second: Point) -> String {
        let mut written = Written::default();
        written.add("1", first, 20.0);
        written.add("2", second, 20.0);
        let cell = ruled::grids(&lines(&[0.0, 100.0], &[0.0, 100.0]))
            .0
            .remove(0);
        let (draft, _) = Draft::of_grid(cell, written.items.clone());
        written.texts(&draft.unwrap())
    }

    #[test]
    fn digits_beside_each_other_are_one_line_however_uneven() {
        assert_eq!(text([60.0, 30.0], [40.0, 55.0]), "21");
        assert_eq!(text([42.0, 30.0], [40.0, 65.0]), "12");
    }
}
