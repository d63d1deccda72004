//! Where the digits lie on the page: one alone, or several in a person's uneven row.

use image::GrayImage;
use rand_chacha::ChaCha8Rng;

use super::colour::{bell, between};
use super::shape::{Nib, Shape};

/// How much of the row's room it may fill before it is moved and shrunk.
const TRIES: u32 = 60;

struct Glyph {
    shape: Shape,
    /// Middle of the digit, in lengths of a digit before the row is placed, in pixels after.
    middle: (f32, f32),
    size: f32,
    turn: f32,
}

impl Glyph {
    fn corners(&self) -> [(f32, f32); 4] {
        let (sine, cosine) = self.turn.sin_cos();
        let (half_width, half_height) = self.shape.half;
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y)| {
            let (x, y) = (x * half_width * self.size, y * half_height * self.size);
            (
                self.middle.0 + x * cosine - y * sine,
                self.middle.1 + x * sine + y * cosine,
            )
        })
    }
}

/// Digits on a page.
pub struct Layout {
    glyphs: Vec<Glyph>,
    /// Length in pixels of a usual digit's longer side.
    pub size: f32,
}

impl Layout {
    /// Lays digits of about `size` pixels on a page, smaller where `is_in_view` would not hold for
    /// all of their corners.
    pub fn new(
        writing: &[GrayImage],
        nib: Nib,
        page: (f32, f32),
        size: f32,
        is_in_view: impl Fn((f32, f32)) -> bool,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut row = Self {
            glyphs: row(writing, nib, rng),
            size: 1.0,
        };
        let wide = row
            .corners()
            .iter()
            .map(|corner| corner.0)
            .fold(0.0, f32::max)
            .max(0.1);
        let mut size = size.min(0.92 * page.0 / wide);
        let mut spread = 0.5;
        let mut middle = (page.0 / 2.0, page.1 / 2.0);
        for _ in 0..TRIES {
            middle = (
                page.0 * (0.5 + between(rng, -spread, spread)),
                page.1 * (0.5 + between(rng, -spread, spread)),
            );
            let mut corners = row.corners().into_iter();
            if corners.all(|corner| is_in_view(placed(corner, wide, size, middle))) {
                break;
            }
            (size, spread) = (size * 0.97, spread * 0.95);
        }
        for glyph in &mut row.glyphs {
            glyph.middle = placed(glyph.middle, wide, size, middle);
            glyph.size *= size;
        }
        row.size = size;
        row
    }

    /// Corners of all digits.
    pub fn corners(&self) -> Vec<(f32, f32)> {
        self.glyphs.iter().flat_map(Glyph::corners).collect()
    }

    /// Distance in pixels to the nearest stroke's edge, negative within; none far from all digits.
    pub fn distance(&self, x: f32, y: f32) -> Option<f32> {
        let to = |glyph: &Glyph| {
            let (sine, cosine) = glyph.turn.sin_cos();
            let (x, y) = (
                (x - glyph.middle.0) / glyph.size,
                (y - glyph.middle.1) / glyph.size,
            );
            let (x, y) = (x * cosine + y * sine, y * cosine - x * sine);
            Some(glyph.shape.distance(x, y)? * glyph.size)
        };
        self.glyphs.iter().filter_map(to).reduce(f32::min)
    }
}

/// Moves a point of the row, which lies to the right of and around 0, to the page.
fn placed(point: (f32, f32), wide: f32, size: f32, middle: (f32, f32)) -> (f32, f32) {
    (
        (point.0 - wide / 2.0) * size + middle.0,
        point.1 * size + middle.1,
    )
}

/// Digits side by side, each about 1 long, standing on a baseline that may climb or fall.
fn row(writing: &[GrayImage], nib: Nib, rng: &mut ChaCha8Rng) -> Vec<Glyph> {
    let gap = between(rng, 0.2, 0.7);
    let slope = bell(rng, 0.03);
    let mut right = 0.0;
    let glyph = |writing| {
        let shape = Shape::new(writing, nib);
        let size = 1.0 + bell(rng, 0.05);
        let half_width = shape.half.0 * size;
        let x = right + half_width;
        right = x + half_width + gap * between(rng, 0.75, 1.3);
        let middle = (x, (0.5 - shape.half.1) * size + slope * x + bell(rng, 0.04));
        Glyph {
            shape,
            middle,
            size,
            turn: bell(rng, 0.025),
        }
    };
    writing.iter().map(glyph).collect()
}
