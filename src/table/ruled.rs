//! Tables that lines make.

use super::curve::{Curve, crossing};
use super::frame::around;
use super::grid::Grid;
use super::lines::{Lines, reach};
use super::settings::{MIN_COVER, OPEN_CELL, SAME_LINE};

/// The share of the lines across that lies beside a lone line if there are cells on that side.
const LONE: f32 = 0.15;

/// Lines that touch each other, and no others.
#[derive(Clone, Debug, Default)]
struct Network {
    level: Vec<Curve>,
    upright: Vec<Curve>,
}

/// The grids of all lines that cross others, and the lines that cross none.
pub(super) fn grids(lines: &Lines) -> (Vec<Grid>, Lines) {
    let (networks, rest) = networks(lines);
    let mut grids = vec![];
    for network in networks {
        grids.extend(network.grid());
    }
    let outlines: Vec<_> = grids.iter().map(outline).collect();
    let mut at = 0;
    // The frame around a table is no table.
    grids.retain(|grid| {
        let own = outlines[at];
        let holds = |other: &[f32; 4]| {
            other != &own
                && (own[0] <= other[0] && own[1] <= other[1])
                && (own[2] >= other[2] && own[3] >= other[3])
        };
        at += 1;
        grid.rows() * grid.columns() > 1 || !outlines.iter().any(holds)
    });
    (grids, rest)
}

fn outline(grid: &Grid) -> [f32; 4] {
    grid.outline().map_or([0.0; 4], around)
}

fn networks(lines: &Lines) -> (Vec<Network>, Lines) {
    let levels = lines.level.len();
    let mut group: Vec<usize> = (0..levels + lines.upright.len()).collect();
    for (i, level) in lines.level.iter().enumerate() {
        for (j, upright) in lines.upright.iter().enumerate() {
            if touch(level, upright) {
                let (a, b) = (root(&mut group, i), root(&mut group, levels + j));
                group[a] = b;
            }
        }
    }
    let mut all: Vec<Network> = vec![Network::default(); group.len()];
    for (i, level) in lines.level.iter().enumerate() {
        all[root(&mut group, i)].level.push(level.clone());
    }
    for (j, upright) in lines.upright.iter().enumerate() {
        all[root(&mut group, levels + j)]
            .upright
            .push(upright.clone());
    }
    let mut rest = Lines::default();
    all.retain_mut(|network| {
        let crossed = !network.level.is_empty() && !network.upright.is_empty();
        if !crossed {
            rest.level.append(&mut network.level);
            rest.upright.append(&mut network.upright);
        }
        crossed
    });
    (all, rest)
}

fn root(group: &mut [usize], mut at: usize) -> usize {
    while group[at] != at {
        group[at] = group[group[at]];
        at = group[at];
    }
    at
}

fn touch(level: &Curve, upright: &Curve) -> bool {
    let near = reach(level, upright);
    let [x, y] = crossing(level, upright);
    (level.start() - near..=level.end() + near).contains(&x)
        && (upright.start() - near..=upright.end() + near).contains(&y)
}

impl Network {
    fn grid(self) -> Option<Grid> {
        let mut level = merged(self.level);
        let mut upright = merged(self.upright);
        let extent = |a: &[Rule], b: &[Rule]| -> [f32; 2] {
            let ends = a
                .iter()
                .flat_map(|rule| [rule.curve.start(), rule.curve.end()]);
            let across = b.iter().map(|rule| rule.curve.at(rule.curve.middle()));
            ends.chain(across)
                .fold([f32::MAX, f32::MIN], |[least, most], at| {
                    [least.min(at), most.max(at)]
                })
        };
        let (wide, high) = (extent(&level, &upright), extent(&upright, &level));
        level.retain(|rule| rule.covered >= MIN_COVER * (wide[1] - wide[0]));
        upright.retain(|rule| rule.covered >= MIN_COVER * (high[1] - high[0]));
        let open_level = opened(&level, &upright);
        let open_upright = opened(&upright, &level);
        let curves = |rules: Vec<Rule>| rules.into_iter().map(|rule| rule.curve);
        let mut grid = Grid {
            level: curves(level).chain(open_level).collect(),
            upright: curves(upright).chain(open_upright).collect(),
        };
        let order = |curves: &mut Vec<Curve>, [start, end]: [f32; 2]| {
            let middle = (start + end) / 2.0;
            curves.sort_by(|a, b| a.at(middle).total_cmp(&b.at(middle)));
        };
        order(&mut grid.level, wide);
        order(&mut grid.upright, high);
        (grid.rows() > 0 && grid.columns() > 0).then_some(grid)
    }
}

/// All lines at one position.
#[derive(Debug)]
struct Rule {
    curve: Curve,
    covered: f32,
}

/// Joins the lines that lie at one position, whatever is between them.
fn merged(mut lines: Vec<Curve>) -> Vec<Rule> {
    lines.sort_by(|a, b| b.length().total_cmp(&a.length()));
    let mut rules: Vec<Rule> = vec![];
    for line in lines {
        let off = |rule: &Rule| {
            let (start, end) = (
                line.start().max(rule.curve.start()),
                line.end().min(rule.curve.end()),
            );
            if start <= end {
                let middle = (start + end) / 2.0;
                let off = (line.at(middle) - rule.curve.at(middle)).abs();
                return (off <= SAME_LINE).then_some(off);
            }
            // Where both are not, a longer line beside them tells how the sheet bends.
            let gap = start - end;
            let middle = (start + end) / 2.0;
            let straight = (line.at(middle) - rule.curve.at(middle)).abs();
            let level = (line.at(line.middle()) - rule.curve.at(rule.curve.middle())).abs();
            let off = straight.min(level);
            (off <= SAME_LINE + 0.01 * gap).then_some(off)
        };
        let best = rules
            .iter()
            .enumerate()
            .filter_map(|(at, rule)| Some((at, off(rule)?)))
            .min_by(|(_, a), (_, b)| a.total_cmp(b));
        match best {
            Some((at, _)) => {
                let rule = &mut rules[at];
                let both = line.end().min(rule.curve.end()) - line.start().max(rule.curve.start());
                rule.covered += line.length() - both.max(0.0);
                rule.curve = rule.curve.joined(&line);
            }
            None => rules.push(Rule {
                covered: line.length(),
                curve: line,
            }),
        }
    }
    rules
}

/// Lines that are not drawn, at the ends of those that cross the outermost of `rules` by far.
fn opened(rules: &[Rule], across: &[Rule]) -> Vec<Curve> {
    let middle = |rule: &Rule| rule.curve.at(rule.curve.middle());
    let mut places: Vec<f32> = rules.iter().map(middle).collect();
    places.sort_by(f32::total_cmp);
    let (Some(&first), Some(&last)) = (places.first(), places.last()) else {
        return vec![];
    };
    let median = |mut values: Vec<f32>| {
        values.sort_by(f32::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let cell = median(places.windows(2).map(|pair| pair[1] - pair[0]).collect());
    let start = median(across.iter().map(|rule| rule.curve.start()).collect());
    let end = median(across.iter().map(|rule| rule.curve.end()).collect());
    let (Some(start), Some(end)) = (start, end) else {
        return vec![];
    };
    let extent = |rule: &Rule| [rule.curve.start(), rule.curve.end()];
    let ends = rules.iter().flat_map(extent);
    let along = ends.fold([f32::MAX, f32::MIN], |[least, most], at| {
        [least.min(at), most.max(at)]
    });
    // A lone line has no cell beside it that would tell how wide they are.
    let least = cell.map_or(LONE * (end - start), |cell| OPEN_CELL * cell);
    let mut open = vec![];
    if first - start > least {
        open.push(Curve::straight(along, start));
    }
    if end - last > least {
        open.push(Curve::straight(along, end));
    }
    open
}
