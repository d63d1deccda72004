//! Follows lines one pixel wide from end to end and through crossings.

use super::super::super::Point;
use super::grid::{AROUND, Grid};

/// Steps from a line's end after which its direction is measured.
const LOOK_AHEAD: usize = 5;

/// A line between two ends or crossings.
struct Branch {
    points: Vec<Point>,
    /// The crossings at its first and its last point, if any.
    ends: [Option<usize>; 2],
}

/// The smoothed strokes along the pixels `middle`. Branches with a free end that are not much
/// longer than the lines are wide are spurs, which thinning leaves at corners.
pub fn strokes(grid: &Grid, middle: &[usize], line_width: f32) -> Vec<Vec<Point>> {
    let mut branches = branches(grid, middle);
    let is_hair = |branch: &Branch| {
        let free = branch.ends[0].is_none() != branch.ends[1].is_none();
        free && (branch.points.len() as f32) < line_width * 0.6 + 2.0
    };
    branches.retain(|branch| !is_hair(branch));
    let mut strokes = joined(&branches);
    for stroke in &mut strokes {
        smooth(stroke);
    }
    strokes
}

/// Neighbours along lines: a diagonal one counts only if no horizontal or vertical one leads there.
fn next(grid: &Grid, at: usize) -> impl Iterator<Item = usize> {
    let bits = grid.neighbours(at);
    let has = move |index: usize| bits >> (index % 8) & 1 == 1;
    let leads = move |index: usize| {
        has(index) && (index.is_multiple_of(2) || !has(index + 7) && !has(index + 1))
    };
    (0..8)
        .filter(move |&index| leads(index))
        .map(move |index| grid.beside(at, AROUND[index]))
}

fn branches(grid: &Grid, middle: &[usize]) -> Vec<Branch> {
    let place = |at: usize| [(at % grid.width) as f32, (at / grid.width) as f32];
    let mut crossing: Vec<Option<usize>> = vec![None; grid.pixels.len()];
    let mut centres: Vec<Point> = Vec::new();
    let degree = |at: usize| next(grid, at).count();
    // Crossing pixels that touch are one crossing.
    for &at in middle {
        if degree(at) < 3 || crossing[at].is_some() {
            continue;
        }
        let (mut members, mut open) = (Vec::new(), vec![at]);
        crossing[at] = Some(centres.len());
        while let Some(member) = open.pop() {
            members.push(place(member));
            for beside in next(grid, member) {
                if degree(beside) >= 3 && crossing[beside].is_none() {
                    crossing[beside] = Some(centres.len());
                    open.push(beside);
                }
            }
        }
        let mean = |axis: usize| {
            members.iter().map(|point| point[axis]).sum::<f32>() / members.len() as f32
        };
        centres.push([mean(0), mean(1)]);
    }
    let mut seen = vec![false; grid.pixels.len()];
    let mut branches = Vec::new();
    let at_crossing = |&&at: &&usize| crossing[at].is_some();
    for &at in middle.iter().filter(at_crossing) {
        for beside in next(grid, at) {
            // A branch is found from both ends: its pixels show whether it was already followed.
            if crossing[beside].is_none() && !seen[beside] {
                let (mut points, end) = follow(grid, &crossing, &mut seen, at, beside);
                let ends = [crossing[at], end];
                points.insert(0, place(at));
                let last = points.len() - 1;
                for (end, index) in ends.into_iter().zip([0, last]) {
                    if let Some(end) = end {
                        points[index] = centres[end];
                    }
                }
                branches.push(Branch { points, ends });
            }
        }
    }
    // The rest has no crossing: lines from a free end, then rings.
    for rings in [false, true] {
        for &at in middle {
            if seen[at] || crossing[at].is_some() || !rings && degree(at) > 1 {
                continue;
            }
            seen[at] = true;
            let mut points = vec![place(at)];
            if let Some(first) = next(grid, at).next() {
                points.extend(follow(grid, &crossing, &mut seen, at, first).0);
            }
            if rings {
                points.push(place(at));
            }
            branches.push(Branch {
                points,
                ends: [None, None],
            });
        }
    }
    branches
}

/// The pixels of a line from `here`, coming from `before`, to its end; the crossing there, if any.
fn follow(
    grid: &Grid,
    crossing: &[Option<usize>],
    seen: &mut [bool],
    mut before: usize,
    mut here: usize,
) -> (Vec<Point>, Option<usize>) {
    let mut points = Vec::new();
    loop {
        points.push([(here % grid.width) as f32, (here / grid.width) as f32]);
        if crossing[here].is_some() {
            return (points, crossing[here]);
        }
        seen[here] = true;
        let ahead = next(grid, here)
            .find(|&beside| beside != before && (crossing[beside].is_some() || !seen[beside]));
        let Some(beside) = ahead else {
            return (points, None);
        };
        (before, here) = (here, beside);
    }
}

/// Branches joined where they continue straight through a crossing.
fn joined(branches: &[Branch]) -> Vec<Vec<Point>> {
    // Ends are numbered: the first of branch `i` is `2 * i`, its last one `2 * i + 1`.
    let crossing = |end: usize| branches[end / 2].ends[end % 2];
    let direction = |end: usize| {
        let points = &branches[end / 2].points;
        let ahead = LOOK_AHEAD.min(points.len() - 1);
        let (from, to) = match end % 2 {
            0 => (points[0], points[ahead]),
            _ => (points[points.len() - 1], points[points.len() - 1 - ahead]),
        };
        let length = (to[0] - from[0]).hypot(to[1] - from[1]).max(1e-6);
        [(to[0] - from[0]) / length, (to[1] - from[1]) / length]
    };
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for one in 0..2 * branches.len() {
        for other in one + 1..2 * branches.len() {
            if crossing(one).is_some() && crossing(one) == crossing(other) {
                let (a, b) = (direction(one), direction(other));
                pairs.push((a[0] * b[0] + a[1] * b[1], one, other));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut partner: Vec<Option<usize>> = vec![None; 2 * branches.len()];
    for (bend, one, other) in pairs {
        if bend < -0.2 && partner[one].is_none() && partner[other].is_none() {
            partner[one] = Some(other);
            partner[other] = Some(one);
        }
    }
    let mut used = vec![false; branches.len()];
    let mut strokes = Vec::new();
    // Strokes with a free end first, then closed ones.
    for closed in [false, true] {
        for start in 0..2 * branches.len() {
            if used[start / 2] || !closed && partner[start].is_some() {
                continue;
            }
            let mut stroke: Vec<Point> = Vec::new();
            let mut end = Some(start);
            while let Some(from) = end.filter(|end| !used[end / 2]) {
                used[from / 2] = true;
                let points = branches[from / 2].points.iter();
                let skipped = usize::from(!stroke.is_empty());
                match from % 2 {
                    0 => stroke.extend(points.skip(skipped)),
                    _ => stroke.extend(points.rev().skip(skipped)),
                }
                end = partner[from ^ 1];
            }
            strokes.push(stroke);
        }
    }
    strokes
}

/// Removes the pixel steps of a stroke and half of its points.
fn smooth(stroke: &mut Vec<Point>) {
    let last = stroke.len() - 1;
    if last < 3 {
        return;
    }
    let closed = stroke[0] == stroke[last];
    for _ in 0..4 {
        let before = stroke.clone();
        for index in 0..=last {
            let (left, right) = match (index, closed) {
                (0, false) => continue,
                (index, false) if index == last => continue,
                (0, true) => (before[last - 1], before[1]),
                (index, true) if index == last => (before[last - 1], before[1]),
                (index, _) => (before[index - 1], before[index + 1]),
            };
            stroke[index] =
                [0, 1].map(|axis| (left[axis] + 2.0 * before[index][axis] + right[axis]) / 4.0);
        }
    }
    let mut index = 0_usize;
    stroke.retain(|_| {
        index += 1;
        (index - 1).is_multiple_of(2) || index - 1 == last
    });
}
