//! The layout of digits on the page: a single one, or several in an uneven row.

use image::GrayImage;
use rand_chacha::ChaCha8Rng;

use super::colour::{bell, between};
use super::shape::{Nib, Shape};

/// How often a row is moved and shrunk to fit into the view.
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
    middle: (f32, f32),
    /// Length in pixels of an average digit's longer side.
    pub size: f32,
}

impl Layout {
    /// Places digits of about `size` pixels on a page, smaller if `is_in_view` would not hold for all
    /// of their corners.
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
            middle: (0.0, 0.0),
            size: 1.0,
        };
        let corners = row.corners();
        let wide = corners
            .iter()
            .fold(0.1, |wide: f32, corner| wide.max(corner.0));
        row.size = size.min(0.92 * page.0 / wide);
        let mut spread = 0.22;
        for _ in 0..TRIES {
            row.middle = (
                page.0 * (0.5 + bell(rng, spread)),
                page.1 * (0.5 + bell(rng, spread)),
            );
            if corners
                .iter()
                .all(|&corner| is_in_view(row.place(corner, wide)))
            {
                break;
            }
            (row.size, spread) = (row.size * 0.97, spread * 0.95);
        }
        let places: Vec<_> = row
            .glyphs
            .iter()
            .map(|glyph| row.place(glyph.middle, wide))
            .collect();
        for (glyph, place) in row.glyphs.iter_mut().zip(places) {
            glyph.middle = place;
            glyph.size *= row.size;
        }
        row
    }

    /// The place on the page of a point in a row that starts at 0 and is `wide` wide.
    fn place(&self, (across, down): (f32, f32), wide: f32) -> (f32, f32) {
        (
            (across - wide / 2.0) * self.size + self.middle.0,
            down * self.size + self.middle.1,
        )
    }

    /// Corners of all digits; the middle of the row if there are none.
    pub fn corners(&self) -> Vec<(f32, f32)> {
        if self.glyphs.is_empty() {
            return vec![self.middle];
        }
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

/// Digits side by side, each about 1 long, on a baseline that may rise or fall.
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
