//! What tells how well a layout explains a sheet: numbers that are weighed to choose among several.

use super::Point;
use super::candidates::Origin;
use super::draft::{Draft, DraftCell};
use super::frame::{Frame, around};
use super::grid::Grid;
use super::joined::joined;
use super::settings::NUMBER_GAP;
use super::writing::{Item, in_lines, median, usual_height};

/// What each feature is, in order.
pub const FEATURES: [&str; 20] = [
    // Shares of the symbols.
    "in one cell",
    "crossed by a line",
    "outside",
    "lines of writing beyond a cell's first",
    "wide gaps within a cell",
    "in fields",
    "in tables of one cell",
    // Of all rows and columns, and of all tables.
    "empty rows and columns",
    "tables",
    "cells for each that is filled",
    "uneven rows",
    "uneven columns",
    "ragged columns",
    "close neighbours in different cells",
    // Shares of the enclosed areas.
    "areas that are cells",
    "dark areas that are cells",
    // Where the lines come from.
    "darker lines",
    "enclosed areas",
    "lines and areas",
    "no lines",
];

/// A number for each of [`FEATURES`].
pub type Features = [f32; FEATURES.len()];

/// Share of a digit's box, from its middle, that must lie in one cell.
const CORE: f32 = 0.5;
/// A gap between symbols that is narrower than this, in heights, is one within a number.
const CLOSE: f32 = 0.35;
/// Sizes of an area and its cell differ by this factor at most.
const ALIKE: f32 = 1.6;

/// A layout to be judged.
pub(super) struct Tried<'a> {
    pub(super) drafts: &'a [Draft],
    pub(super) frame: &'a Frame,
    pub(super) origin: Origin,
    /// The symbols, at the places that the cells name, and what they are.
    pub(super) items: &'a [Item],
    pub(super) characters: &'a [char],
    /// What all lines enclose, and what the darkest ones enclose, in the working picture.
    pub(super) areas: [&'a [[Point; 4]]; 2],
}

/// The features of a layout.
pub(super) fn features(tried: &Tried) -> Features {
    let symbols = tried.items.len().max(1) as f32;
    let mut counts = Counts::default();
    for draft in tried.drafts {
        counts.add(draft, tried);
    }
    let placed = counts.inside + counts.crossed;
    let [rows, columns] = [0, 1].map(|axis| {
        let uneven = tried.drafts.iter().map(|draft| uneven(draft, axis));
        mean(uneven.flatten())
    });
    let is = |origin| f32::from(u8::from(tried.origin == origin));
    let areas = tried.areas.map(|areas| matched(areas, tried));
    [
        counts.inside / symbols,
        counts.crossed / symbols,
        (symbols - placed).max(0.0) / symbols,
        counts.lines / symbols,
        counts.gaps / symbols,
        counts.in_fields / symbols,
        counts.alone / symbols,
        counts.empty / counts.rows_and_columns.max(1.0),
        (tried.drafts.len().max(1) as f32).ln(),
        (counts.cells.max(1.0) / counts.filled.max(1.0)).ln(),
        rows,
        columns,
        mean(
            tried
                .drafts
                .iter()
                .flat_map(|draft| ragged(draft, tried.items)),
        ),
        counts.close / counts.filled.max(1.0),
        areas[0],
        areas[1],
        is(Origin::Darker),
        is(Origin::Enclosed),
        is(Origin::Both),
        is(Origin::None),
    ]
}

/// Counts over tables.
#[derive(Default)]
struct Counts {
    inside: f32,
    crossed: f32,
    lines: f32,
    gaps: f32,
    in_fields: f32,
    alone: f32,
    /// Empty rows and columns, and all of them.
    empty: f32,
    rows_and_columns: f32,
    /// Filled cells, and all of them.
    filled: f32,
    cells: f32,
    close: f32,
}

impl Counts {
    fn add(&mut self, draft: &Draft, tried: &Tried) {
        let (rows, columns) = (draft.grid.rows(), draft.grid.columns());
        let mut is_filled = [vec![false; rows], vec![false; columns]];
        let mut last: Option<(usize, &Item)> = None;
        for (at, cell) in draft.cells.iter().enumerate() {
            let place = [at / columns, at % columns];
            let own = written(cell, tried.items);
            let (Some(first), Some(end)) = (own.first(), own.last()) else {
                continue;
            };
            self.filled += 1.0;
            is_filled[0][place[0]] = true;
            is_filled[1][place[1]] = true;
            if draft.cells.len() == 1 {
                self.alone += own.len() as f32;
            }
            if let Some((before, item)) = last {
                let is_beside = before + 1 == at && place[1] > 0 && !cell.is_field;
                self.close += f32::from(u8::from(is_beside && is_close(item, first)));
            }
            last = Some((at, end));
            let gaps = wide_gaps(&own, tried.characters);
            self.add_cell(draft, place, cell.is_field, own);
            // A field of boxes may leave boxes empty.
            self.gaps += if cell.is_field { 0.0 } else { gaps as f32 };
        }
        self.cells += draft.cells.len() as f32;
        self.rows_and_columns += (rows + columns) as f32;
        self.empty += is_filled
            .iter()
            .flatten()
            .filter(|filled| !**filled)
            .count() as f32;
    }

    fn add_cell(&mut self, draft: &Draft, place: [usize; 2], is_field: bool, own: Vec<&Item>) {
        if is_field {
            self.in_fields += own.len() as f32;
        }
        for item in &own {
            match is_field || lies_in(&draft.grid, place, item) {
                true => self.inside += 1.0,
                false => self.crossed += 1.0,
            }
        }
        self.lines += in_lines(own).len() as f32 - 1.0;
    }
}

fn written<'a>(cell: &DraftCell, items: &'a [Item]) -> Vec<&'a Item> {
    let symbols = cell.symbols.iter();
    symbols.filter_map(|&at| items.get(at)).collect()
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

/// The gap between two symbols, in heights.
fn gap(a: &Item, b: &Item) -> f32 {
    (b.bounds.left - a.bounds.right) / a.height().max(b.height())
}

/// The gaps between the symbols of a cell that part numbers: none within a number that signs join.
fn wide_gaps(own: &[&Item], characters: &[char]) -> usize {
    let items = own.iter().map(|&item| item.clone()).collect();
    let items = joined(items, characters);
    let is_wide = |pair: &&[&Item]| gap(pair[0], pair[1]) > NUMBER_GAP;
    let lines = in_lines(&items).into_iter();
    lines
        .map(|line| line.windows(2).filter(is_wide).count())
        .sum()
}

fn is_close(a: &Item, b: &Item) -> bool {
    gap(a, b) < CLOSE
}

/// By how much the rows of a table (axis 0), or its columns (axis 1), differ from the median one, as the
/// mean logarithm of the ratio; none of one row.
fn uneven(draft: &Draft, axis: usize) -> Option<f32> {
    let lines = [&draft.grid.level, &draft.grid.upright][axis];
    let sizes = lines.windows(2).map(|pair| {
        let along = pair[0].middle();
        (pair[1].at(along) - pair[0].at(along)).max(1.0)
    });
    let sizes: Vec<f32> = sizes.collect();
    let usual = median(sizes.iter().copied())?;
    (sizes.len() > 1).then(|| mean(sizes.iter().map(|size| (size / usual).ln().abs())))
}

/// By how much the numbers of each column differ in where they start, end, or have their middle, whichever
/// is least, in heights of a digit.
fn ragged<'a>(draft: &'a Draft, items: &'a [Item]) -> impl Iterator<Item = f32> + 'a {
    let columns = draft.grid.columns();
    (0..columns).filter_map(move |column| {
        let cells = draft.cells.iter().skip(column).step_by(columns);
        let own: Vec<Vec<&Item>> = cells
            .map(|cell| written(cell, items))
            .filter(|own| !own.is_empty())
            .collect();
        let height = usual_height(own.iter().flatten().copied()).max(1.0);
        let ends: Vec<[f32; 2]> = own
            .iter()
            .map(|own| {
                let bounds = own.iter().map(|item| item.bounds);
                bounds.fold([f32::MAX, f32::MIN], |[left, right], bounds| {
                    [left.min(bounds.left), right.max(bounds.right)]
                })
            })
            .collect();
        // Where they start, have their middle, and end.
        let spread = |share: f32| {
            let places = || {
                ends.iter()
                    .map(|[left, right]| left + share * (right - left))
            };
            let middle = median(places())?;
            Some(mean(places().map(|place| (place - middle).abs())))
        };
        let least = [0.0, 0.5, 1.0]
            .into_iter()
            .filter_map(spread)
            .reduce(f32::min)?;
        (own.len() > 2).then_some((least / height).min(3.0))
    })
}

/// The share of enclosed areas that are about a cell of the layout.
fn matched(areas: &[[Point; 4]], tried: &Tried) -> f32 {
    let mut found = 0.0;
    for area in areas {
        let corners = area.map(|corner| tried.frame.to_sheet(corner));
        let [left, top, right, bottom] = around(corners);
        let middle = [(left + right) / 2.0, (top + bottom) / 2.0];
        let own = (right - left) * (bottom - top);
        let cell = tried.drafts.iter().find_map(|draft| {
            let [row, column] = draft.grid.place(middle)?;
            draft.cells.get(row * draft.grid.columns() + column)
        });
        found += cell.map_or(0.0, |cell| {
            let [left, top, right, bottom] = around(cell.corners);
            let size = (right - left) * (bottom - top);
            let is_alike = size.max(own) <= ALIKE * size.min(own);
            f32::from(u8::from(cell.is_field || is_alike))
        });
    }
    found / (areas.len() as f32).max(1.0)
}

/// The mean of some numbers; 0 of none.
fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / f32::max(count, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ruled;
    use crate::table::testing::{Written, lines};

    /// Features by name of two columns and three rows of numbers, 40 high, in cells with these lines, of
    /// which those of the true cells are drawn.
    fn found(xs: &[f32], ys: &[f32]) -> impl Fn(&str) -> f32 {
        let mut written = Written::default();
        let mut areas = vec![];
        for row in 0..3 {
            for column in 0..2 {
                let [x, y] = [100.0 * column as f32, 60.0 * row as f32];
                written.add("12", [x + 30.0, y + 30.0], 40.0);
                let [left, right] = [x + 10.0, x + 110.0];
                areas.push([[left, y], [right, y], [right, y + 60.0], [left, y + 60.0]]);
            }
        }
        let grid = ruled::grids(&lines(xs, ys)).0.remove(0);
        let (draft, _) = Draft::of_grid(grid, written.items.clone());
        let tried = Tried {
            drafts: &[draft.unwrap()],
            frame: &Frame::upright(),
            origin: Origin::Traced,
            items: &written.items,
            characters: &['7'; 12],
            areas: [&areas, &areas],
        };
        let features = features(&tried);
        move |name| features[FEATURES.iter().position(|&own| own == name).unwrap()]
    }

    const XS: [f32; 3] = [10.0, 110.0, 210.0];
    const YS: [f32; 4] = [0.0, 60.0, 120.0, 180.0];

    #[test]
    fn true_cells_hold_what_is_written_and_are_drawn() {
        let right = found(&XS, &YS);
        for (name, value) in [
            ("in one cell", 1.0),
            ("crossed by a line", 0.0),
            ("outside", 0.0),
            ("empty rows and columns", 0.0),
            ("areas that are cells", 1.0),
            ("cells for each that is filled", 0.0),
            ("ragged columns", 0.0),
            ("uneven rows", 0.0),
        ] {
            assert_eq!(right(name), value, "{name}");
        }
    }

    #[test]
    fn wrong_cells_show_in_a_feature_each() {
        let paper = found(&XS, &[0.0, 30.0, 60.0, 90.0, 120.0, 150.0, 180.0]);
        assert_eq!(paper("crossed by a line"), 1.0);
        assert_eq!(paper("areas that are cells"), 0.0);
        let tall = found(&XS, &[0.0, 180.0]);
        assert!(tall("lines of writing beyond a cell's first") > 0.3);
        let wide = found(&[10.0, 210.0], &YS);
        assert!(wide("wide gaps within a cell") > 0.2);
        let long = found(&[10.0, 110.0, 210.0, 310.0], &YS);
        assert!(long("empty rows and columns") > 0.1);
        let short = found(&XS, &[0.0, 60.0, 120.0]);
        assert!(short("outside") > 0.3);
    }
}
