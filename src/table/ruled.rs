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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::frame::Frame;
    use crate::table::testing::{Page, lines, steps};
    use crate::table::working::Working;
    use image::GrayImage;

    /// The grids in a picture, with the way back to the picture.
    fn found(picture: &GrayImage) -> (Vec<Grid>, Frame) {
        let working = Working::of(picture);
        let lines = Lines::of(&working);
        let size = [
            working.picture.width() as f32,
            working.picture.height() as f32,
        ];
        let frame = Frame::of_lines(&lines, size);
        (grids(&frame.lines(&lines)).0, frame)
    }

    fn sizes(picture: &GrayImage) -> Vec<(usize, usize)> {
        let (grids, _) = found(picture);
        grids
            .iter()
            .map(|grid| (grid.rows(), grid.columns()))
            .collect()
    }

    #[test]
    fn cells_are_found_where_they_are_drawn_even_askew() {
        let mut page = Page::new(900, 700);
        page.grid(&steps(100.0, 140.0, 5), &steps(80.0, 60.0, 9), 3.0);
        for digit in 0..20 {
            let (column, row) = (digit % 5, digit / 5);
            let middle = [170.0 + 140.0 * column as f32, 110.0 + 60.0 * row as f32];
            page.number("25", middle, 40.0, digit as u64);
        }
        assert_eq!(sizes(&page.0), [(9, 5)]);
        let corners = [
            [260.0, 20.0],
            [1040.0, 260.0],
            [850.0, 960.0],
            [30.0, 660.0],
        ];
        let (grids, frame) = found(&page.seen(corners, 1100, 1000));
        assert_eq!(
            (grids.len(), grids[0].rows(), grids[0].columns()),
            (1, 9, 5)
        );
        let from = [(0.0, 0.0), (900.0, 0.0), (900.0, 700.0), (0.0, 700.0)];
        let map = imageproc::geometric_transformations::Projection::from_control_points(
            from,
            corners.map(|[x, y]| (x, y)),
        );
        for (row, column) in [(0, 0), (3, 2), (8, 4)] {
            let corner = grids[0].corners([row, column]).unwrap()[0];
            let [x, y] = frame.to_picture(corner);
            let drawn = (100.0 + 140.0 * column as f32, 80.0 + 60.0 * row as f32);
            let (true_x, true_y) = map.unwrap() * drawn;
            let off = (x - true_x).hypot(y - true_y);
            assert!(off < 5.0, "row {row}, column {column}: off by {off}");
        }
    }

    #[test]
    fn lines_may_bend_and_be_light() {
        let mut page = Page::new(800, 600);
        let bend = |x: f32| 8.0 * (x / 130.0).sin();
        for row in 0..7 {
            for x in 100..700 {
                let place = |x: f32| [x, 60.0 + 80.0 * row as f32 + bend(x)];
                page.line(place(x as f32), place(x as f32 + 1.0), 2.0);
            }
        }
        for x in steps(100.0, 150.0, 4) {
            page.line([x, 60.0 + bend(x)], [x, 540.0 + bend(x)], 2.0);
        }
        assert_eq!(sizes(&page.0), [(6, 4)]);
        image::imageops::invert(&mut page.0);
        assert_eq!(sizes(&page.0), [(6, 4)]);
    }

    #[test]
    fn a_grid_without_a_border_has_cells_at_its_edges() {
        let crossed = Lines {
            level: lines(&[0.0, 300.0], &[100.0, 200.0]).level,
            upright: lines(&[100.0, 200.0], &[0.0, 300.0]).upright,
        };
        let (grids, _) = grids(&crossed);
        assert_eq!((grids[0].rows(), grids[0].columns()), (3, 3));
    }

    #[test]
    fn a_line_in_one_cell_alone_parts_no_column() {
        let mut crossed = lines(&steps(0.0, 100.0, 3), &steps(0.0, 40.0, 8));
        crossed.upright.push(Curve::straight([40.0, 80.0], 150.0));
        let (grids, _) = grids(&crossed);
        assert_eq!((grids[0].rows(), grids[0].columns()), (8, 3));
    }

    #[test]
    fn pictures_without_lines_have_no_grid() {
        for side in [1, 5, 200] {
            assert!(sizes(&GrayImage::new(side, side)).is_empty());
        }
        let noise = GrayImage::from_fn(300, 300, |x, y| {
            let hash = (x * 7919 + y * 104_729).wrapping_mul(2_654_435_761) >> 24;
            image::Luma([hash as u8])
        });
        assert!(sizes(&noise).is_empty());
    }
}
