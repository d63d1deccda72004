//! How far the layouts of a sheet agree about a cell.

use std::collections::HashMap;

use super::draft::Draft;

/// The symbols of a cell, and its row and column, counted from the first filled ones of its table.
type Place = (Vec<usize>, [usize; 2]);

/// For each cell of each table, how likely it is that its symbols are one number in its row and column:
/// the sum of the probabilities of the layouts that have the same there. 1 for an empty cell.
pub(super) fn agreement(own: &[Draft], layouts: &[(&[Draft], f32)]) -> Vec<Vec<f64>> {
    let mut sums: HashMap<Place, f64> = HashMap::new();
    for (drafts, probability) in layouts {
        for place in drafts.iter().flat_map(places).flatten() {
            *sums.entry(place).or_default() += f64::from(*probability);
        }
    }
    let likely = |place: Option<Place>| match place {
        Some(place) => sums.get(&place).map_or(0.0, |sum| sum.min(1.0)),
        None => 1.0,
    };
    let table = |draft: &Draft| places(draft).into_iter().map(likely).collect();
    own.iter().map(table).collect()
}

/// The place of each cell; none of empty cells.
fn places(draft: &Draft) -> Vec<Option<Place>> {
    let columns = draft.grid.columns().max(1);
    let filled = || {
        let cells = draft.cells.iter().enumerate();
        cells.filter(|(_, cell)| !cell.symbols.is_empty())
    };
    let row = filled().map(|(at, _)| at / columns).min().unwrap_or(0);
    let column = filled().map(|(at, _)| at % columns).min().unwrap_or(0);
    let place = |(at, symbols): (usize, &Vec<usize>)| {
        let mut symbols = symbols.clone();
        symbols.sort_unstable();
        let is_filled = !symbols.is_empty();
        is_filled.then(|| (symbols, [at / columns - row, at % columns - column]))
    };
    let cells = draft.cells.iter().map(|cell| &cell.symbols);
    cells.enumerate().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ruled;
    use crate::table::testing::{Written, lines};

    /// Two columns of two numbers in cells with these lines.
    fn drafts(xs: &[f32], ys: &[f32]) -> Vec<Draft> {
        let mut written = Written::default();
        for [x, y] in [[20.0, 30.0], [120.0, 30.0], [20.0, 90.0], [120.0, 90.0]] {
            written.add("12", [x, y], 20.0);
        }
        let grid = ruled::grids(&lines(xs, ys)).0.remove(0);
        let (draft, _) = Draft::of_grid(grid, written.items.clone());
        draft.into_iter().collect()
    }

    #[test]
    fn cells_are_as_likely_as_the_layouts_that_have_them() {
        let right = drafts(&[0.0, 100.0, 200.0], &[0.0, 60.0, 120.0]);
        // Another row above, which is empty, and another between.
        let higher = drafts(&[0.0, 100.0, 200.0], &[-60.0, 0.0, 60.0, 120.0]);
        let between = drafts(&[0.0, 100.0, 200.0], &[0.0, 50.0, 75.0, 120.0]);
        let one_column = drafts(&[0.0, 200.0], &[0.0, 60.0, 120.0]);
        let layouts = [
            (&right[..], 0.5),
            (&higher, 0.25),
            (&between, 0.125),
            (&one_column, 0.125),
        ];
        assert_eq!(agreement(&right, &layouts), [[0.875, 0.875, 0.75, 0.75]]);
        assert_eq!(agreement(&higher, &layouts)[0][..2], [1.0, 1.0]);
        assert_eq!(agreement(&one_column, &layouts), [[0.125, 0.125]]);
    }
}
