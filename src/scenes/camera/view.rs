//! The viewpoint from which a page is seen.

use std::ops::Range;

use super::super::{Bounds, Plane, Point};
use crate::random::SeededRng;

/// A projective transformation, by rows.
type Matrix = [[f32; 3]; 3];

/// How a page is seen: rotated by up to 20 degrees, mostly much less, and in perspective. Page and
/// view share their centre, and have the same scale there.
#[derive(Clone, Debug)]
pub struct View {
    to_view: Matrix,
    to_page: Matrix,
}

impl View {
    /// As with a camera held over a page.
    pub fn new(width: usize, height: usize, rng: &mut SeededRng) -> Self {
        let degrees = match rng.weighted_index(&[0.2, 0.55, 0.25]) {
            0 => 0.0,
            1 => rng.approx_normal(2.5),
            _ => rng.uniform(-20.0, 20.0),
        };
        // How much larger one border appears than the opposite one, as a share: at most a quarter.
        let tilts = if rng.random_bool(0.6) {
            [rng.approx_normal(0.06), rng.approx_normal(0.06)]
        } else {
            [0.0; 2]
        };
        Self::tilted(
            [width as f32, height as f32],
            degrees as f32,
            tilts.map(|tilt| tilt as f32),
        )
    }

    /// A page seen straight on: scans, screens and drawings.
    pub fn straight(width: usize, height: usize) -> Self {
        Self::tilted([width as f32, height as f32], 0.0, [0.0; 2])
    }

    fn tilted(size: [f32; 2], degrees: f32, tilts: [f32; 2]) -> Self {
        let middle = size.map(|side| side / 2.0);
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let shift = |[x, y]: Point| [[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]];
        let turn = |sine: f32| [[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]];
        let [across, down] = [tilts[0] / size[0], tilts[1] / size[1]];
        let tilt = |sign: f32| {
            [
                [1.0, 0.0, 0.0],
                [0.0, 1.0, 0.0],
                [sign * across, sign * down, 1.0],
            ]
        };
        let away = shift([-middle[0], -middle[1]]);
        let back = shift(middle);
        Self {
            to_view: product(product(back, tilt(1.0)), product(turn(sine), away)),
            to_page: product(product(back, turn(-sine)), product(tilt(-1.0), away)),
        }
    }

    /// The point of the view at which a point of the page is seen.
    pub fn to_view(&self, page: Point) -> Point {
        mapped(&self.to_view, page)
    }

    /// The point of the page that is seen at a point of the view.
    pub fn to_page(&self, view: Point) -> Point {
        mapped(&self.to_page, view)
    }

    /// Calls `paint` for all pixels of a plane of the view, with the point of the page at their
    /// centre.
    pub fn over(&self, plane: &mut Plane, paint: impl FnMut(Point, &mut f32)) {
        let (columns, rows) = (0..plane.width, 0..plane.height);
        self.over_part(plane, columns, rows, paint);
    }

    /// The same, only for the pixels around a box of the page.
    pub fn over_box(&self, plane: &mut Plane, page: &Bounds, paint: impl FnMut(Point, &mut f32)) {
        let corners = [
            [page.left, page.top],
            [page.right, page.top],
            [page.left, page.bottom],
            [page.right, page.bottom],
        ]
        .map(|corner| self.to_view(corner));
        let range = |axis: usize, limit: usize| {
            let places = corners.map(|corner| corner[axis]);
            let low = places.iter().fold(f32::MAX, |low, place| low.min(*place));
            let high = places.iter().fold(0.0_f32, |high, place| high.max(*place));
            (low.max(0.0) as usize).min(limit)..(high.ceil() as usize).min(limit)
        };
        let (columns, rows) = (range(0, plane.width), range(1, plane.height));
        self.over_part(plane, columns, rows, paint);
    }

    fn over_part(
        &self,
        plane: &mut Plane,
        columns: Range<usize>,
        rows: Range<usize>,
        mut paint: impl FnMut(Point, &mut f32),
    ) {
        let [a, b, c] = self.to_page;
        for y in rows {
            let down = y as f32 + 0.5;
            let start = [a, b, c].map(|row| row[1] * down + row[2]);
            let pixels = &mut plane.row_mut(y)[columns.clone()];
            for (x, value) in columns.clone().zip(pixels) {
                let right = x as f32 + 0.5;
                let scale = 1.0 / (c[0] * right + start[2]);
                let place = [a[0] * right + start[0], b[0] * right + start[1]];
                paint(place.map(|part| part * scale), value);
            }
        }
    }
}

fn mapped(matrix: &Matrix, [x, y]: Point) -> Point {
    let [across, down, scale] = matrix.map(|row| row[0] * x + row[1] * y + row[2]);
    [across / scale, down / scale]
}

fn product(left: Matrix, right: Matrix) -> Matrix {
    left.map(|row| std::array::from_fn(|column| (0..3).map(|k| row[k] * right[k][column]).sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapping_to_the_view_and_back_is_the_identity() {
        for index in 0..50 {
            let view = View::new(256, 128, &mut SeededRng::new(1, index));
            for place in [[0.0, 0.0], [256.0, 0.0], [13.0, 100.0], [256.0, 128.0]] {
                let [x, y] = view.to_page(view.to_view(place));
                assert!(
                    (x - place[0]).hypot(y - place[1]) < 0.05,
                    "{place:?} {x} {y}"
                );
            }
        }
        let straight = View::straight(64, 64);
        assert_eq!(straight.to_view([3.0, 5.0]), [3.0, 5.0]);
    }
}
