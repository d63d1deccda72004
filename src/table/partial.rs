//! Tables with lines in one direction only: the digits tell where the other lines would be.

use super::align::{level_bounds, upright_bounds};
use super::curve::Curve;
use super::grid::Grid;
use super::lines::Lines;
use super::settings::{LONG, SAME_LINE, TABLE_GAP};
use super::writing::{Item, in_lines, median};

/// The share of the longer of two lines beside which the other runs, in one table.
const BESIDE: f32 = 0.7;
/// The share of lines that start before a table's left edge, and that end behind its right one.
const ENDS: f32 = 0.2;
/// Least share of the rows between lines that hold digits: fewer are the lines of writing paper.
const FILLED: f32 = 0.5;
/// Least share of these rows with one line of digits: otherwise the lines part groups of rows.
const SINGLE: f32 = 0.7;

/// The grids that these lines make together with the items between them.
pub(super) fn grids(lines: &Lines, items: &[Item]) -> Vec<Grid> {
    let level = groups(&lines.level, 3).into_iter();
    let upright = groups(&lines.upright, 2).into_iter();
    let level = level.filter_map(|group| level_grid(group, items));
    level
        .chain(upright.filter_map(|group| upright_grid(group, items)))
        .collect()
}

/// Lines beside each other, at least so many, in order.
fn groups(lines: &[Curve], least: usize) -> Vec<Vec<Curve>> {
    let middle = |line: &Curve| line.at(line.middle());
    let mut lines: Vec<&Curve> = lines.iter().filter(|line| line.length() >= LONG).collect();
    lines.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    let mut groups: Vec<Vec<Curve>> = vec![];
    for line in lines {
        let runs_beside = |other: &Curve| {
            let both = line.end().min(other.end()) - line.start().max(other.start());
            both >= BESIDE * line.length().max(other.length())
        };
        let found = groups
            .iter_mut()
            .rev()
            .find(|group| group.last().is_some_and(runs_beside));
        match found {
            Some(group) => {
                let near = group
                    .last()
                    .map(|last| line.at(last.middle()) - middle(last));
                if near.is_none_or(|near| near > SAME_LINE) {
                    group.push(line.clone());
                }
            }
            None => groups.push(vec![line.clone()]),
        }
    }
    let mut parts = vec![];
    for group in groups {
        let step = |pair: &[Curve]| middle(&pair[1]) - middle(&pair[0]);
        let usual = median(group.windows(2).map(step)).unwrap_or(0.0);
        let separated = group.chunk_by(|a, b| middle(b) - middle(a) <= TABLE_GAP * usual);
        parts.extend(separated.map(<[Curve]>::to_vec));
    }
    parts.retain(|part| part.len() >= least);
    parts
}

fn level_grid(level: Vec<Curve>, items: &[Item]) -> Option<Grid> {
    // Where most lines were followed to their ends: some may have been lost before.
    let at = |share: f32, end: fn(&Curve) -> f32| {
        let mut ends: Vec<f32> = level.iter().map(end).collect();
        ends.sort_by(f32::total_cmp);
        ends.get((share * ends.len() as f32) as usize).copied()
    };
    let edges = [at(ENDS, Curve::start)?, at(1.0 - ENDS, Curve::end)?];
    let mut bands: Vec<Vec<&Item>> = vec![vec![]; level.len() - 1];
    for item in items {
        let [x, y] = item.centre();
        let above = level.partition_point(|line| line.at(x) <= y);
        if (edges[0]..edges[1]).contains(&x) && (1..level.len()).contains(&above) {
            bands[above - 1].push(item);
        }
    }
    let rows: Vec<Vec<&Item>> = bands
        .iter()
        .filter(|band| !band.is_empty())
        .cloned()
        .collect();
    let single = rows
        .iter()
        .filter(|row| in_lines(row.iter().copied()).len() == 1);
    let is_table = rows.len() as f32 >= FILLED * bands.len() as f32
        && single.count() as f32 >= SINGLE * rows.len() as f32
        && !rows.is_empty();
    if !is_table {
        return None;
    }
    let ordered: Vec<Vec<&Item>> = rows
        .into_iter()
        .map(|row| in_lines(row).into_iter().flatten().collect())
        .collect();
    let upright = upright_bounds(&ordered, Some(edges));
    Some(Grid { level, upright })
}

fn upright_grid(mut upright: Vec<Curve>, items: &[Item]) -> Option<Grid> {
    let middle = |line: &Curve| line.at(line.middle());
    let (first, last) = (upright.first()?, upright.last()?);
    let extent = [first.start().min(last.start()), first.end().max(last.end())];
    let step = |pair: &[Curve]| middle(&pair[1]) - middle(&pair[0]);
    let usual = median(upright.windows(2).map(step))?;
    let edges = [middle(first) - usual, middle(last) + usual];
    let inside: Vec<&Item> = items
        .iter()
        .filter(|item| {
            let [x, y] = item.centre();
            (extent[0]..extent[1]).contains(&y) && (edges[0]..edges[1]).contains(&x)
        })
        .collect();
    let beside = |is_beside: &dyn Fn(f32) -> bool| {
        let count = inside
            .iter()
            .filter(|item| is_beside(item.centre()[0]))
            .count();
        count > 1
    };
    let (before, after) = (
        beside(&|x| x < middle(first)),
        beside(&|x| x > middle(last)),
    );
    let rows = in_lines(inside);
    if rows.len() < 2 {
        return None;
    }
    if before {
        upright.insert(0, Curve::straight(extent, edges[0]));
    }
    if after {
        upright.push(Curve::straight(extent, edges[1]));
    }
    Some(Grid {
        level: level_bounds(&rows, &[]),
        upright,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::draft::Draft;
    use crate::table::testing::{Written, steps};

    fn level(ys: &[f32]) -> Lines {
        Lines {
            level: ys
                .iter()
                .map(|&y| Curve::straight([0.0, 500.0], y))
                .collect(),
            upright: vec![],
        }
    }

    fn written(rows: usize, pitch: f32) -> Written {
        let mut written = Written::default();
        for row in 0..rows {
            let y = pitch * (row as f32 + 0.5);
            written.add("12", [50.0, y], 20.0);
            written.add("345", [300.0, y], 20.0);
        }
        written
    }

    #[test]
    fn level_lines_bound_rows_and_digits_part_columns() {
        let written = written(4, 40.0);
        // The last row is empty.
        let grids = grids(&level(&steps(0.0, 40.0, 5)), &written.items);
        let (draft, rest) = Draft::of_grid(grids[0].clone(), written.items.clone());
        assert_eq!(
            written.texts(&draft.unwrap()),
            "12|345 12|345 12|345 12|345 |"
        );
        assert!(rest.is_empty());
    }

    #[test]
    fn lines_of_writing_paper_and_between_groups_of_rows_bound_no_rows() {
        let written = written(4, 40.0);
        assert!(grids(&level(&steps(0.0, 40.0, 20)), &written.items).is_empty());
        assert!(grids(&level(&[0.0, 80.0, 160.0]), &written.items).is_empty());
    }

    #[test]
    fn upright_lines_bound_columns_and_digits_part_rows() {
        let written = written(4, 40.0);
        let upright = [200.0, 450.0]
            .map(|x| Curve::straight([0.0, 160.0], x))
            .to_vec();
        let lines = Lines {
            level: vec![],
            upright,
        };
        let grids = grids(&lines, &written.items);
        let (draft, _) = Draft::of_grid(grids[0].clone(), written.items.clone());
        assert_eq!(written.texts(&draft.unwrap()), ["12|345"; 4].join(" "));
    }
}
