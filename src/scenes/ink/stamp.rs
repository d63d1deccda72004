//! Draws ink that is an image, under an affine or bent placement.

use image::GrayImage;

use super::super::{Bounds, Point};
use super::layer::Layer;

/// Cells per side into which an image is divided under a bent placement.
const CELLS: usize = 6;

/// The box of the placed ink (of at least half coverage).
pub fn bounds(image: &GrayImage, width: f32, place: &dyn Fn(Point) -> Point) -> Option<Bounds> {
    let (columns, rows) = (image.width() as f32, image.height() as f32);
    let mut bounds: Option<Bounds> = None;
    for (row, line) in image
        .as_raw()
        .chunks_exact(image.width() as usize)
        .enumerate()
    {
        let ink = |byte: &u8| *byte >= 128;
        let (Some(first), Some(last)) = (line.iter().position(ink), line.iter().rposition(ink))
        else {
            continue;
        };
        for (column, down) in [first, last + 1].into_iter().zip([0.0, 1.0]) {
            let corner = [column as f32 / columns * width, (row as f32 + down) / rows];
            let [x, y] = place(corner);
            let here = Bounds {
                left: x,
                top: y,
                right: x,
                bottom: y,
            };
            bounds = Some(bounds.map_or(here, |bounds| bounds.union(&here)));
        }
    }
    bounds
}

/// Adds the image's ink; `scale` is pixels of the plane per height.
///
/// Enlarged ink gets edges about a pixel wide, rather than the image's enlarged blur.
pub fn stamp(
    layer: &mut Layer,
    image: &GrayImage,
    width: f32,
    scale: f32,
    place: &dyn Fn(Point) -> Point,
) {
    let source = Source::new(image, scale);
    let cells = match is_flat(width, place) {
        true => 1,
        false => CELLS,
    };
    let corner = |column: usize, row: usize| {
        let share = [column, row].map(|index| index as f32 / cells as f32);
        let [x, y] = place([share[0] * width, share[1]]);
        [x, y, share[0], share[1]]
    };
    for row in 0..cells {
        for column in 0..cells {
            let (first, last) = (corner(column, row), corner(column + 1, row + 1));
            for third in [corner(column + 1, row), corner(column, row + 1)] {
                triangle(layer, &source, first, third, last);
            }
        }
    }
}

/// Whether a placement is affine, to a third of a pixel.
fn is_flat(width: f32, place: &dyn Fn(Point) -> Point) -> bool {
    let at = |x: f32, y: f32| place([x * width, y]);
    let (start, right, down) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0));
    [
        (1.0, 1.0),
        (0.5, 0.5),
        (0.5, 0.0),
        (0.0, 0.5),
        (1.0, 0.5),
        (0.5, 1.0),
    ]
    .into_iter()
    .all(|(x, y)| {
        let seen = at(x, y);
        [0, 1].into_iter().all(|axis| {
            let flat =
                start[axis] + x * (right[axis] - start[axis]) + y * (down[axis] - start[axis]);
            (flat - seen[axis]).abs() < 0.33
        })
    })
}

/// An image that can be sampled at any point.
struct Source {
    columns: usize,
    rows: usize,
    values: Vec<f32>,
    /// How much steeper the edges of the ink become.
    gain: f32,
}

impl Source {
    /// The image, halved until its pixels are about as large as those of the plane.
    fn new(image: &GrayImage, scale: f32) -> Self {
        let mut source = Self {
            columns: image.width() as usize,
            rows: image.height() as usize,
            values: image.iter().map(|&byte| f32::from(byte) / 255.0).collect(),
            gain: 1.0,
        };
        while source.rows as f32 > 1.6 * scale && source.rows > 3 && source.columns > 3 {
            source = source.halved();
        }
        // These images have edges about four of their pixels wide.
        source.gain = (4.0 * scale / image.height() as f32 / 1.3).max(1.0);
        source
    }

    fn halved(&self) -> Self {
        let (columns, rows) = (self.columns.div_ceil(2), self.rows.div_ceil(2));
        let mut values = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let at = |x: usize, y: usize| match x < self.columns && y < self.rows {
                    true => self.values[y * self.columns + x],
                    false => 0.0,
                };
                let (x, y) = (2 * column, 2 * row);
                values.push((at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1)) / 4.0);
            }
        }
        Self {
            columns,
            rows,
            values,
            gain: 1.0,
        }
    }

    /// Ink at a point, given in shares of the image's width and height.
    fn at(&self, x: f32, y: f32) -> f32 {
        let column = (x * self.columns as f32 - 0.5).clamp(0.0, (self.columns - 1) as f32);
        let row = (y * self.rows as f32 - 0.5).clamp(0.0, (self.rows - 1) as f32);
        let (left, top) = (column as usize, row as usize);
        let (right, below) = (
            (left + 1).min(self.columns - 1),
            (top + 1).min(self.rows - 1),
        );
        let (across, down) = (column - left as f32, row - top as f32);
        let value = |x: usize, y: usize| self.values[y * self.columns + x];
        let above = value(left, top) * (1.0 - across) + value(right, top) * across;
        let under = value(left, below) * (1.0 - across) + value(right, below) * across;
        let ink = above * (1.0 - down) + under * down;
        ((ink - 0.5) * self.gain + 0.5).clamp(0.0, 1.0)
    }
}

/// Inks the pixels of a triangle, whose corners are `x`, `y` in the plane and shares of the image.
fn triangle(layer: &mut Layer, source: &Source, a: [f32; 4], b: [f32; 4], c: [f32; 4]) {
    let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    if area.abs() < 1e-6 || !area.is_finite() {
        return;
    }
    let span = |axis: usize| {
        let (low, high) = (a[axis].min(b[axis]), a[axis].max(b[axis]));
        (low.min(c[axis]), high.max(c[axis]))
    };
    let (left, right) = span(0);
    let (top, bottom) = span(1);
    let columns = layer.columns(left, right);
    // Barycentric coordinates: shares of the edges to the second and the third corner.
    let across = [(c[1] - a[1]) / area, (a[1] - b[1]) / area];
    let down = [(a[0] - c[0]) / area, (b[0] - a[0]) / area];
    let first = (layer.left + columns.start) as f32 + 0.5 - a[0];
    let mix = |axis: usize, [second, third]: [f32; 2]| {
        second * (b[axis] - a[axis]) + third * (c[axis] - a[axis])
    };
    let (step_x, step_y) = (mix(2, across), mix(3, across));
    for row in layer.rows(top, bottom) {
        let y = (layer.top + row) as f32 + 0.5 - a[1];
        let start = [0, 1].map(|edge| first * across[edge] + y * down[edge]);
        // Adjacent triangles share their edge: both may ink it.
        let mut inside = (0.0, (columns.end - columns.start) as f32);
        cut(&mut inside, start[0] + 1e-3, across[0]);
        cut(&mut inside, start[1] + 1e-3, across[1]);
        cut(
            &mut inside,
            1.001 - start[0] - start[1],
            -across[0] - across[1],
        );
        let (from, to) = (inside.0.ceil() as usize, inside.1.ceil() as usize);
        let (mut u, mut v) = (
            a[2] + mix(2, start) + from as f32 * step_x,
            a[3] + mix(3, start) + from as f32 * step_y,
        );
        let values = &mut layer.values[row * layer.width..(row + 1) * layer.width];
        let values = &mut values[columns.clone()];
        for value in values.iter_mut().take(to).skip(from) {
            *value = value.max(source.at(u, v));
            u += step_x;
            v += step_y;
        }
    }
}

/// Restricts an interval to where `start + slope * x` is not negative.
fn cut(interval: &mut (f32, f32), start: f32, slope: f32) {
    let zero = -start / slope;
    if slope > 0.0 {
        interval.0 = interval.0.max(zero);
    } else if slope < 0.0 {
        interval.1 = interval.1.min(zero.max(0.0));
    } else if start < 0.0 {
        interval.1 = 0.0;
    }
}
