//! One thing on a page, and its position.

use super::{Bounds, Glyph, Point};
use crate::scenes::glyph::Form;

/// One thing on a page: a digit, something else that is written, or a line.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What it looks like and where it is.
    pub shape: Shape,
    /// One of [`CHARACTERS`](crate::characters::CHARACTERS) for a digit or a sign of a number; none
    /// for anything else, including crossed-out digits.
    pub class: Option<u8>,
    /// For a sign: the points above and below it, as far apart as the digits of its row are high.
    pub line: Option<[Point; 2]>,
    /// What it is drawn with.
    pub tool: Tool,
}

/// What a mark looks like.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Something written, with the placement of its frame on the page.
    Glyph(Glyph, Placement),
    /// Strokes in coordinates of the page.
    Path(Vec<Vec<Point>>, Weight),
}

/// What a mark is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// The pen that writes most of a page.
    First,
    /// Another pen, or the same.
    Second,
    /// The print of forms and tables.
    Printer,
}

/// How wide a line is.
#[derive(Clone, Copy, Debug)]
pub enum Weight {
    /// As the pen writes digits of this height, in pixels.
    Height(f32),
    /// In pixels of a picture with a side of 256.
    Width(f32),
}

/// The placement of a glyph's frame: its point `[x, y]` is at `origin + x * right + y * down`.
#[derive(Clone, Copy, Debug)]
pub struct Placement {
    /// The frame's top left.
    pub origin: Point,
    /// One height along the frame's top.
    pub right: Point,
    /// One height down the frame's left side.
    pub down: Point,
}

impl Placement {
    /// Upright, with the given top left and height.
    pub fn upright(left: f32, top: f32, height: f32) -> Self {
        Self {
            origin: [left, top],
            right: [height, 0.0],
            down: [0.0, height],
        }
    }

    /// Where a point of the frame lies.
    pub fn at(&self, [x, y]: Point) -> Point {
        [
            self.origin[0] + x * self.right[0] + y * self.down[0],
            self.origin[1] + x * self.right[1] + y * self.down[1],
        ]
    }

    /// Height of the frame, in pixels.
    pub fn height(&self) -> f32 {
        self.down[0].hypot(self.down[1])
    }
}

impl Mark {
    /// A digit, 1 high, with its top left at the origin.
    pub fn digit(glyph: Glyph, class: u8) -> Self {
        Self {
            class: Some(class),
            ..Self::glyph(glyph)
        }
    }

    /// Something other than a digit, 1 high, with its top left at the origin.
    pub fn glyph(glyph: Glyph) -> Self {
        Self {
            shape: Shape::Glyph(glyph, Placement::upright(0.0, 0.0, 1.0)),
            class: None,
            line: None,
            tool: Tool::First,
        }
    }

    /// Lines of the pen that writes digits 1 high.
    pub fn strokes(strokes: Vec<Vec<Point>>) -> Self {
        Self {
            shape: Shape::Path(strokes, Weight::Height(1.0)),
            class: None,
            line: None,
            tool: Tool::First,
        }
    }

    /// Printed lines, `width` pixels wide on a page with a side of 256.
    pub fn ruling(strokes: Vec<Vec<Point>>, width: f32) -> Self {
        Self {
            shape: Shape::Path(strokes, Weight::Width(width)),
            class: None,
            line: None,
            tool: Tool::Printer,
        }
    }

    /// The same as a sign of this class, in a row whose digits reach from `line[0]` to `line[1]`.
    pub fn sign(self, class: u8, line: [Point; 2]) -> Self {
        Self {
            class: Some(class),
            line: Some(line),
            ..self
        }
    }

    /// The same with another tool.
    pub fn with(self, tool: Tool) -> Self {
        Self { tool, ..self }
    }

    /// Scales and rotates it (clockwise, in radians) about the origin, then shifts it.
    pub fn transform(&mut self, scale: f32, angle: f32, shift: Point) {
        let (sine, cosine) = angle.sin_cos();
        let turned = |[x, y]: Point| {
            [
                scale * (x * cosine - y * sine),
                scale * (x * sine + y * cosine),
            ]
        };
        let moved = |point: Point| {
            let [x, y] = turned(point);
            [x + shift[0], y + shift[1]]
        };
        for point in self.line.iter_mut().flatten() {
            *point = moved(*point);
        }
        match &mut self.shape {
            Shape::Glyph(_, place) => {
                place.origin = moved(place.origin);
                place.right = turned(place.right);
                place.down = turned(place.down);
            }
            Shape::Path(strokes, weight) => {
                for point in strokes.iter_mut().flatten() {
                    *point = moved(*point);
                }
                if let Weight::Height(height) = weight {
                    *height *= scale;
                }
            }
        }
    }

    /// The same, scaled and then shifted.
    pub fn moved(mut self, scale: f32, shift: Point) -> Self {
        self.transform(scale, 0.0, shift);
        self
    }

    /// The same, rotated about its centre.
    pub fn turned(mut self, angle: f32) -> Self {
        let Some(box_) = self.extent() else {
            return self;
        };
        let centre = [
            (box_.left + box_.right) / 2.0,
            (box_.top + box_.bottom) / 2.0,
        ];
        self.transform(1.0, 0.0, centre.map(|value| -value));
        self.transform(1.0, angle, centre);
        self
    }

    /// The box of its frame or its points, without the width of the pen.
    pub fn extent(&self) -> Option<Bounds> {
        match &self.shape {
            Shape::Glyph(glyph, place) => {
                let width = glyph.width;
                let corners = [[0.0, 0.0], [width, 0.0], [0.0, 1.0], [width, 1.0]];
                around(corners.iter().map(|&corner| place.at(corner)))
            }
            Shape::Path(strokes, _) => around(strokes.iter().flatten().copied()),
        }
    }

    /// The share of its length that is visible through `view`, 0 to 1.
    pub fn share_inside(&self, view: &dyn Fn(Point) -> Point, side: f32) -> f32 {
        let inside = |point: Point| {
            let [x, y] = view(point);
            (0.0..side).contains(&x) && (0.0..side).contains(&y)
        };
        let mut length = [0.0, 0.0];
        let mut add = |from: Point, to: Point| {
            let piece = (from[0] - to[0]).hypot(from[1] - to[1]);
            let middle = [(from[0] + to[0]) / 2.0, (from[1] + to[1]) / 2.0];
            length[usize::from(inside(middle))] += piece;
        };
        match &self.shape {
            Shape::Glyph(glyph, place) => match &glyph.form {
                Form::Strokes(lines) | Form::Outline(lines) => {
                    for pair in lines.iter().flat_map(|line| line.windows(2)) {
                        add(place.at(pair[0]), place.at(pair[1]));
                    }
                }
                Form::Bitmap(image) => {
                    let rows = image.height() as f32;
                    let columns = image.width() as f32;
                    for (x, y, pixel) in image.enumerate_pixels() {
                        let across = (x as f32 + 0.5) / columns * glyph.width;
                        let point = place.at([across, (y as f32 + 0.5) / rows]);
                        add(point, [point[0] + f32::from(pixel[0]) * 1e-3, point[1]]);
                    }
                }
            },
            Shape::Path(strokes, _) => {
                for pair in strokes.iter().flat_map(|line| line.windows(2)) {
                    add(pair[0], pair[1]);
                }
            }
        }
        match length[0] + length[1] {
            0.0 => 1.0,
            all => length[1] / all,
        }
    }
}

/// The box of all marks, without the width of the pen; none without marks.
pub fn extent(marks: &[Mark]) -> Option<Bounds> {
    let boxes = marks.iter().filter_map(Mark::extent);
    boxes.reduce(|all, box_| all.union(&box_))
}

fn around(points: impl Iterator<Item = Point>) -> Option<Bounds> {
    points.fold(None, |all: Option<Bounds>, [x, y]| {
        let all = all.unwrap_or(Bounds {
            left: x,
            top: y,
            right: x,
            bottom: y,
        });
        Some(Bounds {
            left: all.left.min(x),
            top: all.top.min(y),
            right: all.right.max(x),
            bottom: all.bottom.max(y),
        })
    })
}
