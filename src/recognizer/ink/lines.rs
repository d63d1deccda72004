//! Ruled and squared paper: lines across the picture are wiped, strokes they cross stay whole.

use std::ops::Range;

use image::Luma;

use super::paper::Depths;

/// Smaller pictures are drawings; nobody draws them on ruled paper.
const SMALLEST: usize = 150;
/// Lines are looked for in so many strips beside each other: paper bends, and lenses bend more.
const STRIPS: usize = 5;
/// A line is seen in at least so many of them, or in two where there are [`FAMILY`] such lines:
/// longer than any stroke of a digit.
const ACROSS: usize = 4;
const FAMILY: usize = 4;
/// Share of a strip's columns in which a line shows.
const SHOWN: f32 = 0.7;
/// Steepest line, as rise per run: paper that is turned by 12 degrees.
const STEEPEST: f32 = 0.22;
/// Slopes that are tried, on each side of 0.
const SLOPES: i32 = 22;

/// A line within a strip, or through all of them.
#[derive(Clone, Copy, Debug)]
struct Segment {
    /// Where it is in the middle column of its strip.
    middle: f32,
    slope: f32,
}

/// Depths, read along the rows or along the columns.
struct Grid<'a> {
    depths: &'a mut Depths,
    upright: bool,
}

impl Grid<'_> {
    fn width(&self) -> usize {
        let (width, height) = self.depths.dimensions();
        (if self.upright { height } else { width }) as usize
    }

    fn height(&self) -> usize {
        let (width, height) = self.depths.dimensions();
        (if self.upright { width } else { height }) as usize
    }

    fn place(&self, x: usize, y: usize) -> (u32, u32) {
        let (x, y) = if self.upright { (y, x) } else { (x, y) };
        (x as u32, y as u32)
    }

    fn get(&self, x: usize, y: usize) -> f32 {
        let (x, y) = self.place(x, y);
        self.depths.get_pixel(x, y)[0]
    }

    fn set(&mut self, x: usize, y: usize, depth: f32) {
        let (x, y) = self.place(x, y);
        self.depths.put_pixel(x, y, Luma([depth]));
    }
}

/// Wipes the lines of ruled and squared paper out of `depths`, where paper is below `floor`.
pub(super) fn erase(depths: &mut Depths, floor: f32) {
    for upright in [false, true] {
        let mut grid = Grid { depths, upright };
        if grid.width().min(grid.height()) >= SMALLEST {
            for line in lines(&grid, floor) {
                wipe(&mut grid, &line, floor);
            }
        }
    }
}

/// Widest line, in pixels.
fn widest(grid: &Grid) -> usize {
    (grid.width().max(grid.height()) / 70).max(4)
}

/// All lines from left to right, as one segment a strip.
fn lines(grid: &Grid, floor: f32) -> Vec<[Segment; STRIPS]> {
    let reach = widest(grid);
    let strip_width = grid.width() / STRIPS;
    let mut chains: Vec<[Option<Segment>; STRIPS]> = Vec::new();
    for strip in 0..STRIPS {
        let columns = strip * strip_width..(strip + 1) * strip_width;
        for segment in segments(grid, columns, floor, reach) {
            let goes_on = |chain: &&mut [Option<Segment>; STRIPS]| {
                let last = chain[..strip].iter().rposition(Option::is_some);
                last.and_then(|at| Some((at, chain[at]?)))
                    .is_some_and(|(at, last)| {
                        let run = ((strip - at) * strip_width) as f32;
                        let expected = last.middle + run * (last.slope + segment.slope) / 2.0;
                        chain[strip].is_none()
                            && strip - at <= 3
                            && (expected - segment.middle).abs() < reach as f32 / 2.0 + run * 0.012
                    })
            };
            match chains.iter_mut().find(goes_on) {
                Some(chain) => chain[strip] = Some(segment),
                None => {
                    let mut chain = [None; STRIPS];
                    chain[strip] = Some(segment);
                    chains.push(chain);
                }
            }
        }
    }
    let seen = |chain: &[Option<Segment>; STRIPS]| chain.iter().flatten().count();
    let family = chains.iter().filter(|chain| seen(chain) >= 2).count() >= FAMILY;
    let through = |chain: &[Option<Segment>; STRIPS]| {
        seen(chain) >= 3 && chain[0].is_some() && chain[STRIPS - 1].is_some()
    };
    chains.retain(|chain| seen(chain) >= ACROSS || through(chain) || (family && seen(chain) >= 2));
    chains
        .iter()
        .filter_map(|chain| filled(chain, strip_width))
        .collect()
}

/// The line in all strips, also where a stroke hid it.
fn filled(chain: &[Option<Segment>; STRIPS], strip_width: usize) -> Option<[Segment; STRIPS]> {
    let mut line = [Segment {
        middle: 0.0,
        slope: 0.0,
    }; STRIPS];
    for (strip, segment) in line.iter_mut().enumerate() {
        let nearest = (0..STRIPS)
            .filter(|other| chain[*other].is_some())
            .min_by_key(|other| other.abs_diff(strip))?;
        let from = chain[nearest]?;
        let run = (strip as f32 - nearest as f32) * strip_width as f32;
        *segment = Segment {
            middle: from.middle + run * from.slope,
            slope: from.slope,
        };
    }
    Some(line)
}

/// Straight thin segments through all `columns`, by Hough's transform.
fn segments(grid: &Grid, columns: Range<usize>, floor: f32, reach: usize) -> Vec<Segment> {
    let height = grid.height();
    let middle = (columns.start + columns.end) as f32 / 2.0;
    let slopes: Vec<f32> = (-SLOPES..=SLOPES)
        .map(|step| step as f32 * STEEPEST / SLOPES as f32)
        .collect();
    let mut votes = vec![0u16; slopes.len() * height];
    let sampled: Vec<usize> = columns.clone().step_by(2).collect();
    for &x in &sampled {
        for y in ridges(grid, x, floor, reach) {
            for (slope, votes) in slopes.iter().zip(votes.chunks_mut(height)) {
                let at = y as f32 - slope * (x as f32 - middle);
                if let Some(vote) = votes.get_mut(at.round().max(0.0) as usize) {
                    *vote += 1;
                }
            }
        }
    }
    // A ridge is one pixel a column, and may waver between two or three rows.
    let near = |slope: usize, y: usize| -> u16 {
        let row = &votes[slope * height..(slope + 1) * height];
        row[y.saturating_sub(1)..(y + 2).min(height)].iter().sum()
    };
    let enough = (sampled.len() as f32 * SHOWN) as u16;
    let mut found: Vec<(u16, Segment)> = Vec::new();
    for (index, &slope) in slopes.iter().enumerate() {
        for y in 0..height {
            let count = near(index, y);
            if count >= enough.max(5) {
                found.push((
                    count,
                    Segment {
                        middle: y as f32,
                        slope,
                    },
                ));
            }
        }
    }
    found.sort_by(|a, b| {
        b.0.cmp(&a.0)
            .then(a.1.slope.abs().total_cmp(&b.1.slope.abs()))
    });
    let mut best: Vec<Segment> = Vec::new();
    for (_, segment) in found {
        let apart = |other: &Segment| (other.middle - segment.middle).abs() > reach as f32;
        if best.iter().all(apart) {
            best.push(segment);
        }
    }
    best
}

/// Rows of column `x` in which something thin is deepest.
fn ridges(grid: &Grid, x: usize, floor: f32, reach: usize) -> Vec<usize> {
    let mut ridges = Vec::new();
    let mut y = 0;
    while y < grid.height() {
        if grid.get(x, y) <= floor {
            y += 1;
            continue;
        }
        let run = run_at(grid, x, y, floor);
        if run.len() <= 2 * reach {
            let deepest = run
                .clone()
                .max_by(|a, b| grid.get(x, *a).total_cmp(&grid.get(x, *b)));
            ridges.extend(deepest);
        }
        y = run.end + 1;
    }
    ridges
}

/// The rows around `y` in column `x` that are deeper than `floor`.
fn run_at(grid: &Grid, x: usize, y: usize, floor: f32) -> Range<usize> {
    let above = (0..y).rev().take_while(|&y| grid.get(x, y) > floor).count();
    let below = (y..grid.height())
        .take_while(|&y| grid.get(x, y) > floor)
        .count();
    y - above..y + below
}

/// Wipes a line, except where a stroke makes it thicker.
fn wipe(grid: &mut Grid, line: &[Segment; STRIPS], floor: f32) {
    let reach = widest(grid);
    let strip_width = grid.width() / STRIPS;
    let course = |x: usize| {
        let strip = (x / strip_width).min(STRIPS - 1);
        let middle = strip as f32 * strip_width as f32 + strip_width as f32 / 2.0;
        line[strip].middle + line[strip].slope * (x as f32 - middle)
    };
    let mut runs: Vec<(usize, Range<usize>)> = Vec::new();
    for x in 0..grid.width() {
        let expected = course(x).round();
        let (from, to) = (expected - reach as f32 / 2.0, expected + reach as f32 / 2.0);
        if to < 0.0 || from >= grid.height() as f32 {
            continue;
        }
        let rows = from.max(0.0) as usize..=(to as usize).min(grid.height() - 1);
        let deepest = rows.max_by(|a, b| grid.get(x, *a).total_cmp(&grid.get(x, *b)));
        if let Some(y) = deepest.filter(|&y| grid.get(x, y) > floor) {
            runs.push((x, run_at(grid, x, y, floor)));
        }
    }
    let mut widths: Vec<usize> = runs.iter().map(|(_, run)| run.len()).collect();
    widths.sort_unstable();
    let Some(&width) = widths.get(widths.len() / 2) else {
        return;
    };
    for (x, run) in runs {
        if run.len() <= width + width / 2 + 1 {
            let (start, end) = (
                run.start.saturating_sub(1),
                (run.end + 1).min(grid.height()),
            );
            for y in start..end {
                grid.set(x, y, grid.get(x, y).min(0.0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    const SIDE: u32 = 300;

    /// Squared paper, turned a little, with a thick stroke that leans.
    fn squared(lines: bool, stroke: bool) -> Depths {
        Depths::from_fn(SIDE, SIDE, |x, y| {
            let (x, y) = (x as f32, y as f32);
            let on_line = |along: f32, across: f32| (across + 0.05 * along) % 60.0 < 2.5;
            let on_stroke = (90.0..210.0).contains(&y) && (x + 0.3 * y - 200.0).abs() < 6.0;
            let deep = (lines && (on_line(x, y) || on_line(y, x))) || (stroke && on_stroke);
            Luma([if deep { 0.8 } else { 0.0 }])
        })
    }

    #[test]
    fn a_grid_goes_and_the_stroke_across_it_stays_whole() {
        let mut depths = squared(true, true);
        erase(&mut depths, 0.1);
        let expected = squared(false, true);
        let pairs = || depths.iter().zip(expected.iter());
        let lost = pairs()
            .filter(|(now, then)| **now < 0.5 && **then > 0.5)
            .count();
        let left = pairs()
            .filter(|(now, then)| **now > 0.5 && **then < 0.5)
            .count();
        assert!(lost < 15 && left < 300, "lost {lost}, left {left}");
    }

    #[test]
    fn strokes_without_a_grid_are_left_alone() {
        let mut depths = squared(false, true);
        erase(&mut depths, 0.1);
        assert!(depths == squared(false, true));
    }
}
