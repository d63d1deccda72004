//! Tables without lines: rows and columns of numbers that line up.

use super::columns::{Gap, gaps, separated};
use super::crowded;
use super::curve::Curve;
use super::draft::Draft;
use super::grid::Grid;
use super::settings::TABLE_GAP;
use super::writing::{Item, in_lines, median, usual_height};

/// Heights of a digit by which the cells at the edge reach beyond their digits.
const MARGIN: f32 = 0.4;
/// Share of the rows that hold numbers on both sides of a gap within one table.
const BOTH_SIDES: f32 = 0.5;
/// A gap between tables beside each other, in heights of a digit.
const WIDE: f32 = 2.5;
/// How much wider than all others a gap is that parts tables whose rows line up.
const FAR_WIDER: f32 = 1.8;
/// Rows are evenly spaced if half of the distances between at least so many are off by less than this
/// share.
const EVEN_ROWS: usize = 5;
const EVEN: f32 = 0.12;
/// Heights within which the slope of a short row is not trusted.
const STEADY: f32 = 6.0;

/// The tables that items form.
pub(super) fn drafts(items: &[Item]) -> Vec<Draft> {
    let mut drafts = vec![];
    for part in beside(items.iter().collect()) {
        for rows in below(in_lines(part)) {
            let all: Vec<&Item> = rows.iter().flatten().copied().collect();
            match beside(all) {
                parts if parts.len() > 1 => {
                    drafts.extend(
                        parts
                            .into_iter()
                            .filter_map(|part| of_rows(&in_lines(part))),
                    );
                }
                _ => drafts.extend(of_rows(&rows)),
            }
        }
    }
    drafts
}

/// Parts of the sheet beside each other whose rows do not line up.
fn beside(items: Vec<&Item>) -> Vec<Vec<&Item>> {
    let rows = in_lines(items.iter().copied());
    let height = usual_height(items.iter().copied());
    let parts = |at: f32| {
        let has = |row: &Vec<&Item>| {
            let left = row.iter().any(|item| item.centre()[0] < at);
            let right = row.iter().any(|item| item.centre()[0] >= at);
            [left, right]
        };
        let sides: Vec<[bool; 2]> = rows.iter().map(has).collect();
        let count = |both: [bool; 2]| sides.iter().filter(|&&side| side == both).count();
        let (both, left, right) = (
            count([true, true]),
            count([true, false]),
            count([false, true]),
        );
        // A column with empty cells lacks numbers on one side only.
        let shorter = (both + left).min(both + right);
        shorter > 0 && (both as f32) < BOTH_SIDES * shorter as f32
    };
    let all = gaps(&rows);
    let wide = all.iter().filter(|gap| gap.width() >= WIDE * height);
    let cuts: Vec<f32> = wide
        .filter(|gap| parts(gap.middle()) || is_far_wider(gap, &all))
        .map(|gap| gap.middle())
        .collect();
    let mut all = vec![vec![]; cuts.len() + 1];
    for item in items {
        all[cuts.partition_point(|&cut| cut <= item.centre()[0])].push(item);
    }
    all.retain(|part| !part.is_empty());
    all
}

/// Whether a gap is much wider than all others, with several columns on both of its sides.
fn is_far_wider(gap: &Gap, all: &[Gap]) -> bool {
    let others = || all.iter().filter(|other| other.start != gap.start);
    let widest = others().map(|other| other.width()).fold(0.0, f32::max);
    let before = others().filter(|other| other.end <= gap.start).count();
    let is_between = before > 0 && before < others().count();
    is_between && gap.width() >= FAR_WIDER * widest
}

/// Parts below each other.
fn below(rows: Vec<Vec<&Item>>) -> Vec<Vec<Vec<&Item>>> {
    let height = usual_height(rows.iter().flatten().copied());
    let depth = |row: &Vec<&Item>| median(row.iter().map(|item| item.centre()[1])).unwrap_or(0.0);
    let depths: Vec<f32> = rows.iter().map(depth).collect();
    let steps: Vec<f32> = depths.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // The distance that half of the rows keep; of two rows, there is no other.
    let usual = median(steps.iter().copied())
        .unwrap_or(0.0)
        .max(1.5 * height);
    let mut parts: Vec<Vec<Vec<&Item>>> = vec![];
    let mut previous = None;
    for (row, depth) in rows.into_iter().zip(depths) {
        let is_far = previous.is_some_and(|previous| depth - previous > TABLE_GAP * usual);
        match parts.last_mut() {
            Some(part) if !is_far => part.push(row),
            _ => parts.push(vec![row]),
        }
        previous = Some(depth);
    }
    parts
}

/// The one table that items form.
pub(super) fn draft(items: &[Item]) -> Option<Draft> {
    of_rows(&in_lines(items))
}

/// The table that these rows form.
fn of_rows(rows: &[Vec<&Item>]) -> Option<Draft> {
    let missing = missing(rows);
    let grid = Grid {
        level: level_bounds(rows, &missing),
        upright: upright_bounds(rows, None),
    };
    let mut places = vec![];
    let mut at = 0;
    for (row, missing) in rows.iter().zip(missing) {
        at += missing;
        for item in row {
            let [x, y] = item.centre();
            let column = grid.upright.partition_point(|line| line.at(y) <= x);
            let column = column.clamp(1, grid.columns().max(1)) - 1;
            places.push(([at, column], *item));
        }
        at += 1;
    }
    Draft::new(grid, places)
}

/// How many rows before each are empty: where rows are evenly spaced, and one is twice as far from the
/// one before.
fn missing(rows: &[Vec<&Item>]) -> Vec<usize> {
    let depth = |row: &Vec<&Item>| median(row.iter().map(|item| item.centre()[1])).unwrap_or(0.0);
    let depths: Vec<f32> = rows.iter().map(depth).collect();
    let steps: Vec<f32> = depths.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let usual = median(steps.iter().copied()).unwrap_or(1.0).max(1.0);
    let counts = steps.iter().map(|step| step / usual);
    let off = median(counts.clone().map(|count| (count - 1.0).abs()));
    let is_even = steps.len() >= EVEN_ROWS && off.is_some_and(|off| off < EVEN);
    let before = counts.map(|count| match (count - count.round()).abs() < 2.0 * EVEN {
        true if is_even => (count.round() as usize).saturating_sub(1),
        _ => 0,
    });
    [0].into_iter().chain(before).take(rows.len()).collect()
}

/// The lines above, between and below rows. `missing` tells how many rows before each are empty, if any.
pub(super) fn level_bounds(rows: &[Vec<&Item>], missing: &[usize]) -> Vec<Curve> {
    let all = || rows.iter().flatten();
    let height = usual_height(all().copied());
    let margin = MARGIN * height;
    let left = all().map(|item| item.bounds.left).fold(f32::MAX, f32::min) - margin;
    let right = all().map(|item| item.bounds.right).fold(f32::MIN, f32::max) + margin;
    let at_ends = |row: &Vec<&Item>| {
        let count = row.len() as f32;
        let mean = |axis: usize| row.iter().map(|item| item.centre()[axis]).sum::<f32>() / count;
        let (x, y) = (mean(0), mean(1));
        let products = row.iter().map(|item| {
            let [across, down] = [item.centre()[0] - x, item.centre()[1] - y];
            [across * across, across * down]
        });
        let [spread, both] = products.fold([0.0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
        let slope = both / (spread + (STEADY * height).powi(2));
        [left, right].map(|end| y + slope * (end - x))
    };
    let lines: Vec<[f32; 2]> = rows.iter().map(at_ends).collect();
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return vec![];
    };
    let edge = height / 2.0 + margin;
    let mut bounds = vec![first.map(|y| y - edge)];
    for (at, pair) in lines.windows(2).enumerate() {
        let missing = missing.get(at + 1).copied().unwrap_or(0);
        bounds.extend((0..=missing).map(|at| {
            let share = (at as f32 + 0.5) / (missing + 1) as f32;
            [0, 1].map(|end| pair[0][end] + share * (pair[1][end] - pair[0][end]))
        }));
    }
    bounds.push(last.map(|y| y + edge));
    let curve = |ends: [f32; 2]| Curve::new(vec![[left, ends[0]], [right, ends[1]]]);
    bounds.into_iter().filter_map(curve).collect()
}

/// The lines before, between and after the columns of rows, the outer ones at `edges` if given.
pub(super) fn upright_bounds(rows: &[Vec<&Item>], edges: Option<[f32; 2]>) -> Vec<Curve> {
    let all = || rows.iter().flatten();
    let margin = MARGIN * usual_height(all().copied());
    let least = |value: fn(&Item) -> f32| all().map(|item| value(item)).fold(f32::MAX, f32::min);
    let most = |value: fn(&Item) -> f32| all().map(|item| value(item)).fold(f32::MIN, f32::max);
    let [left, right] = edges.unwrap_or([
        least(|item| item.bounds.left) - margin,
        most(|item| item.bounds.right) + margin,
    ]);
    let extent = [
        least(|item| item.bounds.top) - margin,
        most(|item| item.bounds.bottom) + margin,
    ];
    let (gaps, least_gap) = separated(rows);
    let between = gaps.into_iter().map(|gap| gap.middle());
    let between = between.filter(|at| (left..right).contains(at));
    let places: Vec<f32> = [left].into_iter().chain(between).chain([right]).collect();
    let mut bounds = vec![];
    for pair in places.windows(2) {
        bounds.push(Curve::straight(extent, pair[0]));
        bounds.extend(crowded::bounds(rows, pair[0]..pair[1], least_gap));
    }
    bounds.push(Curve::straight(extent, right));
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::Written;

    #[test]
    fn numbers_that_line_up_are_one_table_with_empty_cells() {
        let mut written = Written::default();
        for (row, [a, b]) in [["12", "3"], ["45", ""], ["6", "789"]]
            .into_iter()
            .enumerate()
        {
            let y = 100.0 + 50.0 * row as f32;
            written.add(a, [40.0, y], 20.0);
            written.add(b, [200.0, y + 4.0], 20.0);
        }
        let drafts = drafts(&written.items);
        assert_eq!(drafts.len(), 1);
        assert_eq!(written.texts(&drafts[0]), "12|3 45| 6|789");
    }

    #[test]
    fn evenly_spaced_rows_may_have_an_empty_one_between() {
        let column = |depths: &[f32]| {
            let mut written = Written::default();
            for &y in depths {
                written.add("12", [40.0, y], 20.0);
            }
            let drafts = drafts(&written.items);
            drafts
                .iter()
                .map(|draft| written.texts(draft))
                .collect::<Vec<_>>()
        };
        let even = [0.0, 40.0, 80.0, 160.0, 201.0, 240.0, 279.0];
        assert_eq!(column(&even), ["12 12 12  12 12 12 12"]);
        // One of few, or among uneven ones, may be a wider gap.
        assert_eq!(column(&[0.0, 40.0, 120.0, 160.0]), ["12 12 12 12"]);
        let uneven = [0.0, 40.0, 95.0, 120.0, 190.0, 221.0, 279.0, 320.0];
        assert_eq!(column(&uneven), ["12 12 12 12 12 12 12 12"]);
    }

    #[test]
    fn tables_are_separated_by_wide_gaps() {
        let mut written = Written::default();
        for row in 0..4 {
            written.add("12", [40.0, 100.0 + 40.0 * row as f32], 20.0);
            // Rows between those on the left.
            written.add("34", [400.0, 120.0 + 40.0 * row as f32], 20.0);
            written.add("56", [40.0, 600.0 + 40.0 * row as f32], 20.0);
        }
        let drafts = drafts(&written.items);
        let mut texts: Vec<String> = drafts.iter().map(|draft| written.texts(draft)).collect();
        texts.sort();
        assert_eq!(texts, ["12 12 12 12", "34 34 34 34", "56 56 56 56"]);
    }

    #[test]
    fn a_gap_that_is_much_wider_than_all_others_parts_tables() {
        let mut written = Written::default();
        for row in 0..5 {
            let y = 100.0 + 40.0 * row as f32;
            for x in [40.0, 80.0, 120.0, 240.0, 280.0] {
                written.add("1", [x, y], 20.0);
            }
        }
        let drafts = drafts(&written.items);
        let texts: Vec<String> = drafts.iter().map(|draft| written.texts(draft)).collect();
        assert_eq!(texts, [["1|1|1"; 5].join(" "), ["1|1"; 5].join(" ")]);
    }

    #[test]
    fn columns_may_drift_to_the_side() {
        let mut written = Written::default();
        for row in 0..6 {
            let y = 100.0 + 40.0 * row as f32;
            let drift = 14.0 * row as f32;
            written.add("1", [40.0 + drift, y], 20.0);
            written.add("2", [90.0 + drift, y], 20.0);
        }
        let drafts = drafts(&written.items);
        assert_eq!(written.texts(&drafts[0]), ["1|2"; 6].join(" "));
    }
}
