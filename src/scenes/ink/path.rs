//! The path of a pen over the plane: position, width and darkness of its line.

use std::f32::consts::TAU;

use super::super::{Bounds, Point};
use super::pen::Pen;
use crate::random::SeededRng;

/// The pen at one point of its path, in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Nib {
    pub x: f32,
    pub y: f32,
    /// Half the line's width.
    pub radius: f32,
    /// The ink's coverage as a share of full coverage.
    pub tone: f32,
}

/// Slow changes along a line: the sum of two waves, about -1 to 1.
struct Drift([(f32, f32, f32); 2]);

impl Drift {
    fn new(rng: &mut SeededRng) -> Self {
        Self(
            [(0.65, 0.3, 1.3), (0.35, 1.5, 4.5)].map(|(height, slow, fast)| {
                let frequency = TAU * rng.log_uniform(slow, fast) as f32;
                (height, frequency, rng.uniform(0.0, 6.3) as f32)
            }),
        )
    }

    fn at(&self, along: f32) -> f32 {
        let swing = |&(height, frequency, phase): &(f32, f32, f32)| {
            height * (frequency * along + phase).sin()
        };
        self.0.iter().map(swing).sum()
    }
}

/// The paths of the pen when it draws `strokes`; `scale` is pixels per height.
pub fn paths(
    strokes: &[Vec<Point>],
    pen: &Pen,
    place: &dyn Fn(Point) -> Point,
    scale: f32,
    rng: &mut SeededRng,
) -> Vec<Vec<Nib>> {
    let mut paths = Vec::with_capacity(strokes.len());
    let radius = pen.width() * scale / 2.0;
    // Nibs just close enough that curves look smooth.
    let step = (radius * 0.4).clamp(0.7, 7.0);
    for stroke in strokes.iter().filter(|stroke| !stroke.is_empty()) {
        let (width_drift, tone_drift) = (Drift::new(rng), Drift::new(rng));
        let line = placed(stroke, pen.jag(), step, place, rng);
        let reach = |index: usize| {
            let (before, after) = (line[index.saturating_sub(1)], line[index]);
            (before[0] - after[0]).hypot(before[1] - after[1])
        };
        let length: f32 = (0..line.len()).map(reach).sum();
        let mut travelled = 0.0;
        let mut nib_width = 1.0;
        let mut path = Vec::with_capacity(line.len());
        for (index, &[x, y]) in line.iter().enumerate() {
            travelled += reach(index);
            let before = line[index.saturating_sub(1)];
            let after = line[(index + 1).min(line.len() - 1)];
            let direction = pen.direction(after[0] - before[0], after[1] - before[1]);
            // The line's width changes gradually with its direction.
            nib_width = if index == 0 {
                direction
            } else {
                0.6 * nib_width + 0.4 * direction
            };
            let along = travelled / scale;
            let to_end = travelled.min(length - travelled) / scale;
            let pressure = pen.pressure(along, length / scale, to_end, width_drift.at(along));
            path.push(Nib {
                x,
                y,
                radius: radius * nib_width * pressure,
                tone: pen.flow(tone_drift.at(along)),
            });
        }
        match pen.dashes() {
            Some(dashes) => cut(&path, dashes.map(|share| share * scale), &mut paths),
            None => paths.push(path),
        }
    }
    paths
}

/// The points of a stroke in pixels: at least `step` apart, and for a jagged line (`jag`, in
/// heights) much more.
fn placed(
    stroke: &[Point],
    jag: f32,
    step: f32,
    place: &dyn Fn(Point) -> Point,
    rng: &mut SeededRng,
) -> Vec<Point> {
    let mut line: Vec<Point> = Vec::with_capacity(stroke.len());
    let (mut corner, mut wanted) = (stroke[0], 0.0);
    for (index, &point) in stroke.iter().enumerate() {
        let last = index + 1 == stroke.len();
        if jag > 0.0 && !last {
            if (point[0] - corner[0]).hypot(point[1] - corner[1]) < wanted {
                continue;
            }
            corner = point;
            wanted = jag * rng.uniform(0.4, 1.6) as f32;
        }
        let [x, y] = place(point);
        let near = |before: &Point| (before[0] - x).hypot(before[1] - y) < step;
        if last || !line.last().is_some_and(near) {
            line.push([x, y]);
        }
    }
    line
}

/// Cuts a path into dashes; the lengths of dash and gap are in pixels.
fn cut(path: &[Nib], [ink, gap]: [f32; 2], paths: &mut Vec<Vec<Nib>>) {
    let mut travelled = 0.0;
    let mut dash: Vec<Nib> = Vec::new();
    for (index, &nib) in path.iter().enumerate() {
        let before = path[index.saturating_sub(1)];
        travelled += (before.x - nib.x).hypot(before.y - nib.y);
        if travelled % (ink + gap) < ink.max(1e-3) {
            dash.push(nib);
        } else if !dash.is_empty() {
            paths.push(std::mem::take(&mut dash));
        }
    }
    if !dash.is_empty() {
        paths.push(dash);
    }
}

/// Lines along closed contours, to make a filled shape bolder by `radius` pixels.
pub fn around(contours: &[Vec<Point>], radius: f32) -> Vec<Vec<Nib>> {
    let nib = |&[x, y]: &Point| Nib {
        x,
        y,
        radius,
        tone: 1.0,
    };
    contours
        .iter()
        .filter(|contour| !contour.is_empty())
        .map(|contour| contour.iter().chain(contour.first()).map(nib).collect())
        .collect()
}

/// The box of the ink of all paths.
pub fn bounds(paths: &[Vec<Nib>]) -> Option<Bounds> {
    let around = |nib: &Nib| {
        let radius = nib.radius.max(0.5);
        Bounds {
            left: nib.x - radius,
            top: nib.y - radius,
            right: nib.x + radius,
            bottom: nib.y + radius,
        }
    };
    let boxes = paths.iter().flatten().map(around);
    boxes.reduce(|all, next| all.union(&next))
}
