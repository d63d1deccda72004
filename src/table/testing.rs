//! Sheets drawn for tests.

use image::{GrayImage, Luma};
use imageproc::geometric_transformations::{Border, Interpolation, Projection, warp};

use super::Point;
use super::curve::Curve;
use super::draft::{Draft, DraftCell};
use super::lines::Lines;
use super::writing::Item;
use crate::dataset::synthetic;
use crate::scenes::Bounds;

/// A white page with dark ink.
pub(super) struct Page(pub(super) GrayImage);

impl Page {
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self(GrayImage::from_pixel(width, height, Luma([235])))
    }

    /// A straight line of some thickness.
    pub(super) fn line(&mut self, a: Point, b: Point, thickness: f32) {
        self.toned(a, b, thickness, 60);
    }

    pub(super) fn toned(&mut self, a: Point, b: Point, thickness: f32, tone: u8) {
        let steps = (b[0] - a[0]).hypot(b[1] - a[1]).ceil().max(1.0);
        for step in 0..=steps as u32 {
            let at = |axis: usize| a[axis] + (b[axis] - a[axis]) * step as f32 / steps;
            let (left, top) = (at(0) - thickness / 2.0, at(1) - thickness / 2.0);
            for y in 0..thickness.ceil() as i64 {
                for x in 0..thickness.ceil() as i64 {
                    self.darken(left as i64 + x, top as i64 + y, tone);
                }
            }
        }
    }

    fn darken(&mut self, x: i64, y: i64, tone: u8) {
        let inside = |at: i64, length: u32| u32::try_from(at).ok().filter(|&at| at < length);
        let place = inside(x, self.0.width()).zip(inside(y, self.0.height()));
        if let Some((x, y)) = place {
            let pixel = self.0.get_pixel_mut(x, y);
            pixel[0] = pixel[0].min(tone);
        }
    }

    /// The lines of a grid.
    pub(super) fn grid(&mut self, xs: &[f32], ys: &[f32], thickness: f32) {
        let (left, right) = (xs[0], xs[xs.len() - 1]);
        let (top, bottom) = (ys[0], ys[ys.len() - 1]);
        for &x in xs {
            self.line([x, top], [x, bottom], thickness);
        }
        for &y in ys {
            self.line([left, y], [right, y], thickness);
        }
    }

    /// A number of digits of some height around a point.
    pub(super) fn number(&mut self, text: &str, [x, y]: Point, height: f32, seed: u64) {
        let step = 0.72 * height;
        let left = x - step * text.len() as f32 / 2.0;
        // A drawing has a margin of a tenth.
        let side = (height / 0.8).round() as usize;
        for (at, digit) in text.bytes().enumerate() {
            let ink = synthetic::draw(digit - b'0', side, seed + 31 * at as u64);
            let middle = left + step * (at as f32 + 0.5);
            let corner = [middle - side as f32 / 2.0, y - side as f32 / 2.0];
            for (pixel, &tone) in ink.iter().enumerate() {
                let (column, row) = ((pixel % side) as i64, (pixel / side) as i64);
                let tone = 235 - (f32::from(tone) * 0.75) as u8;
                self.darken(corner[0] as i64 + column, corner[1] as i64 + row, tone);
            }
        }
    }

    /// Something like a word around a point: letters of strokes.
    pub(super) fn word(&mut self, [x, y]: Point, height: f32, letters: usize) {
        for letter in 0..letters {
            let left = x + (letter as f32 - letters as f32 / 2.0) * 0.7 * height;
            let (top, foot) = (y - height / 2.0, y + height / 2.0);
            let right = left + 0.5 * height;
            let strokes = [
                ([left, foot], [(left + right) / 2.0, top]),
                ([(left + right) / 2.0, top], [right, foot]),
                ([left + 0.1 * height, y], [right - 0.1 * height, y]),
            ];
            for (a, b) in strokes {
                self.line(a, b, 0.1 * height);
            }
        }
    }

    /// The page as a camera sees it whose picture moves the corners of the page to these places, on
    /// a darker desk.
    pub(super) fn seen(&self, corners: [Point; 4], width: u32, height: u32) -> GrayImage {
        let (right, bottom) = (self.0.width() as f32, self.0.height() as f32);
        let from = [(0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)];
        let map = Projection::from_control_points(from, corners.map(|[x, y]| (x, y))).unwrap();
        let (page_width, page_height) = self.0.dimensions();
        let mut wide =
            GrayImage::from_pixel(width.max(page_width), height.max(page_height), Luma([90]));
        image::imageops::replace(&mut wide, &self.0, 0, 0);
        let seen = warp(
            &wide,
            map,
            Interpolation::Bilinear,
            Border::Constant(Luma([90])),
        );
        image::imageops::crop_imm(&seen, 0, 0, width, height).to_image()
    }
}

/// Numbers on a sheet, as if they had been read.
#[derive(Default)]
pub(super) struct Written {
    pub(super) items: Vec<Item>,
    digits: Vec<char>,
}

impl Written {
    /// Adds a number that starts at a place, around a middle line; digits are 0.6 as wide as high.
    pub(super) fn add(&mut self, text: &str, [mut left, middle]: Point, height: f32) {
        for digit in text.chars() {
            let bounds = Bounds {
                left,
                top: middle - height / 2.0,
                right: left + 0.6 * height,
                bottom: middle + height / 2.0,
            };
            self.items.push(Item {
                bounds,
                symbols: vec![self.digits.len()],
                corners: None,
            });
            self.digits.push(digit);
            left += 0.75 * height;
        }
    }

    /// The texts of a table's cells, `12|3 4||5`: rows separated by a space.
    pub(super) fn texts(&self, draft: &Draft) -> String {
        let cell = |cell: &DraftCell| -> String {
            let digits = cell.symbols.iter().map(|&at| self.digits[at]);
            digits.collect()
        };
        let row = |row: &[DraftCell]| row.iter().map(cell).collect::<Vec<_>>().join("|");
        let rows = draft.cells.chunks(draft.grid.columns());
        rows.map(row).collect::<Vec<_>>().join(" ")
    }
}

/// Lines of a grid on a sheet.
pub(super) fn lines(xs: &[f32], ys: &[f32]) -> Lines {
    let ends = |places: &[f32]| [places[0], places[places.len() - 1]];
    Lines {
        level: ys.iter().map(|&y| Curve::straight(ends(xs), y)).collect(),
        upright: xs.iter().map(|&x| Curve::straight(ends(ys), x)).collect(),
    }
}

/// Numbers from `start` on in equal steps.
pub(super) fn steps(start: f32, step: f32, count: usize) -> Vec<f32> {
    (0..=count).map(|at| start + step * at as f32).collect()
}
