//! Draws the marks of a page with their pens and records the ink of each digit.

use image::GrayImage;

use super::medium::Pens;
use crate::random::SeededRng;
use crate::scenes::camera::View;
use crate::scenes::glyph::{Form, Glyph};
use crate::scenes::ink::{self, Pen};
use crate::scenes::page::{Mark, Page, Shape, Tool, Weight};
use crate::scenes::surface::Surface;
use crate::scenes::{Bounds, Plane, Point};

/// Least coverage, as a share of a digit's greatest, at which a pixel counts as ink for its box:
/// relative, so that faint ink counts too.
const BOX_COVERAGE: f32 = 0.3;

/// The same for the masks.
const MASK_COVERAGE: f32 = 0.4;

/// Least width of the box of a sign, in heights of its row's digits.
const MIN_SIGN_WIDTH: f32 = 0.25;

/// The ink on one page, in pixels of the picture.
pub struct Inking {
    /// Coverage by the first pen, the second pen and the printer, if there is any.
    pub layers: [Option<Plane>; 3],
    /// Digits with visible ink.
    pub digits: Vec<InkedDigit>,
    /// 255 where there is ink of a digit.
    pub digit_ink: GrayImage,
    /// 255 where there is other ink.
    pub other_ink: GrayImage,
}

/// The ink of one digit.
pub struct InkedDigit {
    /// One of [`CHARACTERS`](crate::characters::CHARACTERS).
    pub class: u8,
    /// The box of its ink in the picture, for a sign as high as the digits of its row.
    pub bounds: Bounds,
    /// The centre of its ink.
    pub centre: Point,
    /// The approximate share of its ink that lies in the picture.
    pub inside: f32,
    /// Typical width of its lines, in pixels.
    pub stroke: f32,
    /// First column and row of `coverage`.
    pub corner: [usize; 2],
    /// The coverage by its ink alone, in a box that holds all of it.
    pub coverage: Plane,
}

impl Inking {
    /// Draws everything on a page as seen in a picture of `side` pixels.
    pub fn draw(page: &Page, pens: &Pens, view: &View, side: usize, rng: &mut SeededRng) -> Self {
        let blank = GrayImage::new(side as u32, side as u32);
        let mut inking = Self {
            layers: [None, None, None],
            digits: Vec::new(),
            digit_ink: blank.clone(),
            other_ink: blank,
        };
        let mut scratch = Plane::new(side, side, 0.0);
        for mark in &page.marks {
            let pen = pens.of(mark.tool);
            if let Some(bounds) = draw(&mut scratch, mark, pen, view, rng) {
                inking.take(&mut scratch, &bounds, mark, view);
            }
        }
        inking
    }

    /// Writes all layers on a surface, each in a tone of its own.
    pub fn write_on(&self, surface: &mut Surface, rng: &mut SeededRng) {
        for coverage in &self.layers {
            let tone = surface.tone(rng);
            if let Some(coverage) = coverage {
                surface.write(coverage, tone);
            }
        }
    }

    /// The smallest size and line width of the digits, in pixels; zeros without digits.
    pub fn finest(&self) -> (f32, f32) {
        let sizes = self.digits.iter().map(|digit| {
            let bounds = &digit.bounds;
            (bounds.height().max(bounds.width()), digit.stroke)
        });
        let smallest = sizes.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1)));
        smallest.unwrap_or((0.0, 0.0))
    }

    /// The greatest coverage by any ink of the pixel with index `at`.
    pub fn coverage(&self, at: usize) -> f32 {
        let layers = self.layers.iter().flatten();
        layers.map(|layer| layer.values[at]).fold(0.0, f32::max)
    }

    /// Moves the ink of one mark from the scratch plane to its layer and mask.
    fn take(&mut self, scratch: &mut Plane, bounds: &Bounds, mark: &Mark, view: &View) {
        let side = scratch.width;
        let columns = reach(bounds.left, bounds.right, side);
        let rows = reach(bounds.top, bounds.bottom, side);
        let layer = match mark.tool {
            Tool::First => 0,
            Tool::Second => 1,
            Tool::Printer => 2,
        };
        let layer = self.layers[layer].get_or_insert_with(|| Plane::new(side, side, 0.0));
        let mask = match mark.class {
            Some(_) => &mut self.digit_ink,
            None => &mut self.other_ink,
        };
        let own = |y: usize| &scratch.values[y * side + columns.start..y * side + columns.end];
        let thickest = rows.clone().flat_map(own).copied().fold(0.0, f32::max);
        let mut coverage = Plane::new(columns.len(), rows.len(), 0.0);
        for (row, y) in rows.clone().enumerate() {
            let span = y * side + columns.start..y * side + columns.end;
            let own = &mut scratch.values[span.clone()];
            let bytes = &mut mask.as_mut()[span.clone()];
            let all = &mut layer.values[span];
            let kept = coverage.row_mut(row);
            for ((own, byte), (all, kept)) in
                own.iter_mut().zip(bytes).zip(all.iter_mut().zip(kept))
            {
                if *own > 0.0 {
                    *all = all.max(*own);
                    *kept = *own;
                    if *own > MASK_COVERAGE * thickest {
                        *byte = 255;
                    }
                    *own = 0.0;
                }
            }
        }
        let Some(class) = mark.class else {
            return;
        };
        let corner = [columns.start, rows.start];
        let Some(seen) = bounding_box(&coverage, BOX_COVERAGE * thickest, corner) else {
            return;
        };
        let centre = [
            (seen.left + seen.right) / 2.0,
            (seen.top + seen.bottom) / 2.0,
        ];
        let line = mark.line.map(|line| line.map(|point| view.to_view(point)));
        let bounds = line.map_or(seen, |line| around_sign(&seen, line));
        let inside = mark.share_inside(&|point| view.to_view(point), side as f32);
        self.digits.push(InkedDigit {
            class,
            bounds: bounds.clipped(side, side),
            centre,
            inside,
            stroke: line_width(&coverage),
            corner,
            coverage,
        });
    }
}

/// The box of a sign: around its ink and the height of its row's digits, and not too narrow.
fn around_sign(ink: &Bounds, [above, below]: [Point; 2]) -> Bounds {
    let height = (below[0] - above[0]).hypot(below[1] - above[1]);
    let missing = (MIN_SIGN_WIDTH * height - ink.width()).max(0.0);
    Bounds {
        left: ink.left - missing / 2.0,
        top: ink.top.min(above[1]),
        right: ink.right + missing / 2.0,
        bottom: ink.bottom.max(below[1]),
    }
}

/// Pixels from `low` to `high`, and one more on either side, clipped to the plane.
fn reach(low: f32, high: f32, side: usize) -> std::ops::Range<usize> {
    let start = (low - 1.0).max(0.0) as usize;
    let end = (high + 2.0).clamp(0.0, side as f32) as usize;
    start.min(end)..end
}

/// Draws one mark and returns the box of its ink, if it has any.
fn draw(
    plane: &mut Plane,
    mark: &Mark,
    pen: &Pen,
    view: &View,
    rng: &mut SeededRng,
) -> Option<Bounds> {
    match &mark.shape {
        Shape::Glyph(glyph, place) => {
            let seen = |point: Point| view.to_view(place.at(point));
            ink::draw(plane, glyph, pen, &seen, rng)
        }
        Shape::Path(strokes, weight) => {
            // The pen draws as if it wrote a glyph of this height.
            let unit = match weight {
                Weight::Height(height) => *height,
                Weight::Width(width) => width * plane.width as f32 / 256.0 / pen.width(),
            };
            let scaled = |stroke: &Vec<Point>| -> Vec<Point> {
                stroke.iter().map(|&[x, y]| [x / unit, y / unit]).collect()
            };
            let glyph = Glyph {
                form: Form::Strokes(strokes.iter().map(scaled).collect()),
                width: mark.extent()?.width() / unit,
            };
            let seen = |[x, y]: Point| view.to_view([x * unit, y * unit]);
            ink::draw(plane, &glyph, pen, &seen, rng)
        }
    }
}

/// The box of the pixels with more coverage than `least`; none without any.
fn bounding_box(coverage: &Plane, least: f32, corner: [usize; 2]) -> Option<Bounds> {
    let (mut left, mut right) = (usize::MAX, 0);
    let (mut top, mut bottom) = (usize::MAX, 0);
    for (y, row) in coverage
        .values
        .chunks_exact(coverage.width.max(1))
        .enumerate()
    {
        let covered = |&value: &f32| value > least;
        if let (Some(first), Some(last)) =
            (row.iter().position(covered), row.iter().rposition(covered))
        {
            left = left.min(first);
            right = right.max(last + 1);
            top = top.min(y);
            bottom = y + 1;
        }
    }
    (left < right).then(|| Bounds {
        left: (corner[0] + left) as f32,
        top: (corner[1] + top) as f32,
        right: (corner[0] + right) as f32,
        bottom: (corner[1] + bottom) as f32,
    })
}

/// The width of the lines of some ink: twice its area divided by the length of its edge.
fn line_width(coverage: &Plane) -> f32 {
    let width = coverage.width;
    let area: f32 = coverage.values.iter().sum();
    let across = coverage
        .values
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).abs());
    let below = coverage.values.iter().skip(width);
    let down = coverage
        .values
        .iter()
        .zip(below)
        .map(|(a, b)| (a - b).abs());
    // Measured along rows and columns, an edge is 4/π times too long on average over all
    // directions.
    let edge = (across.sum::<f32>() + down.sum::<f32>()) * std::f32::consts::FRAC_PI_4;
    2.0 * area / edge.max(1e-3)
}
