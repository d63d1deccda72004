//! Lines and areas that are part of a surface: creases, smears, edges, print.

use super::Plane;
use super::site::Site;
use crate::random::SeededRng;
use crate::scenes::Point;

/// Draws a path of points of the plane with a round pen of a `width` in pixels, with edges soft
/// over `soft` pixels; combines coverage by maximum.
pub fn trace(coverage: &mut Plane, path: &[Point], width: f32, soft: f32, strength: f32) {
    let reach = width / 2.0 + soft;
    for pair in path.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let along = [end[0] - start[0], end[1] - start[1]];
        let length = (along[0] * along[0] + along[1] * along[1]).max(1e-6);
        let range = |axis: usize, limit: usize| {
            let low = (start[axis].min(end[axis]) - reach).floor().max(0.0) as usize;
            let high = (start[axis].max(end[axis]) + reach).ceil().max(0.0) as usize;
            low.min(limit)..high.min(limit)
        };
        let columns = range(0, coverage.width);
        for y in range(1, coverage.height) {
            let row = coverage.row_mut(y);
            for x in columns.clone() {
                let place = [x as f32 + 0.5 - start[0], y as f32 + 0.5 - start[1]];
                let share = (place[0] * along[0] + place[1] * along[1]) / length;
                let share = share.clamp(0.0, 1.0);
                let away = [place[0] - share * along[0], place[1] - share * along[1]];
                let distance = (away[0] * away[0] + away[1] * away[1]).sqrt();
                let covered = ((reach - distance) / (2.0 * soft)).clamp(0.0, 1.0);
                row[x] = row[x].max(strength * covered);
            }
        }
    }
}

/// A winding path from a point of the plane, in this many steps of a length.
pub fn wander(start: Point, steps: u32, length: f32, bend: f64, rng: &mut SeededRng) -> Vec<Point> {
    let mut angle = rng.uniform(0.0, std::f64::consts::TAU);
    let mut turn = rng.approx_normal(bend / 2.0);
    let mut path = vec![start];
    let [mut x, mut y] = start;
    for _ in 0..steps {
        turn = 0.8 * turn + rng.approx_normal(bend / 2.0);
        angle += turn;
        x += length * angle.cos() as f32;
        y += length * angle.sin() as f32;
        path.push([x, y]);
    }
    path
}

/// Any point of the view, or just outside it.
pub fn anywhere(site: &Site, rng: &mut SeededRng) -> Point {
    [
        (rng.uniform(-0.1, 1.1) * site.width as f64) as f32,
        (rng.uniform(-0.1, 1.1) * site.height as f64) as f32,
    ]
}

/// A straight line through the view.
pub fn across(site: &Site, rng: &mut SeededRng) -> [Point; 2] {
    let middle = anywhere(site, rng);
    let angle = rng.uniform(0.0, std::f64::consts::PI) as f32;
    let far = 1.5 * site.width.max(site.height) as f32;
    let (down, right) = angle.sin_cos();
    let end = |sign: f32| {
        [
            middle[0] + sign * far * right,
            middle[1] + sign * far * down,
        ]
    };
    [end(-1.0), end(1.0)]
}

/// Darkens a plane by a share of the coverage, or lightens it with a negative one.
pub fn darken(plane: &mut Plane, coverage: &Plane, share: f32) {
    for (value, covered) in plane.values.iter_mut().zip(&coverage.values) {
        *value *= 1.0 - share * covered;
    }
}

/// A row of bars as long as words, like print seen from afar, in which no letter can be read
/// (greeking). Positions are on the page.
pub fn greeking(
    coverage: &mut Plane,
    site: &Site,
    [left, top, right]: [f32; 3],
    height: f32,
    rng: &mut SeededRng,
) {
    let mut x = left;
    while x < right - height {
        let length = (height * rng.log_uniform(0.8, 5.0) as f32).min(right - x);
        let ends = [[x, top], [x + length, top]].map(|place| site.view.to_view(place));
        trace(
            coverage,
            &ends,
            height * 0.55,
            0.5,
            0.55 + 0.3 * (length / right).min(1.0),
        );
        x += length + height * rng.uniform(0.4, 0.9) as f32;
    }
}
