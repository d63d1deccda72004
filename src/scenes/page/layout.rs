//! A page, its writer, and how its content is fitted into it.

use super::{Bounds, Glyph, Mark, Shape, mark};
use crate::characters::is_digit;
use crate::random::SeededRng;
use crate::scenes::Split;
use crate::scenes::material::{Hand, Material};

/// Least height of a digit in pixels. Smaller ones can hardly be distinguished, so layouts that
/// would make them smaller are cropped.
pub(super) const MIN_HEIGHT: f32 = 9.5;

/// Everything on one page, in pixels.
pub struct Page {
    /// In writing order.
    pub marks: Vec<Mark>,
    /// Approximate height of a written line, for rulings.
    pub line_height: f32,
}

/// The writer of a page, and its size.
pub(super) struct Writer<'a> {
    pub(super) material: &'a Material,
    pub(super) split: Split,
    pub(super) hand: Hand<'a>,
    /// Width of a line, in heights of a digit.
    pub(super) pen_width: f32,
    /// Width and height of the page, in pixels.
    pub(super) side: f32,
}

impl Page {
    /// The height of each digit, in pixels.
    pub fn digit_heights(&self) -> impl Iterator<Item = f32> {
        self.marks.iter().filter_map(|mark| match &mark.shape {
            Shape::Glyph(_, place) if mark.class.is_some_and(is_digit) => Some(place.height()),
            _ => None,
        })
    }

    /// Places `marks`, given in heights of a digit, somewhere on the page, as large as fits or
    /// smaller; sometimes larger, as in a close-up of a part.
    pub(super) fn fit(mut marks: Vec<Mark>, writer: &Writer, rng: &mut SeededRng) -> Self {
        let Some(extent) = mark::extent(&marks) else {
            return Self::empty(writer, rng);
        };
        let side = writer.side;
        let pen = writer.pen_width;
        let (width, height) = (extent.width() + pen, extent.height() + pen);
        let full = side / width.max(height).max(1.05);
        let scale = match rng.weighted_index(&[0.66, 0.26, 0.08]) {
            0 => full * rng.uniform(0.8, 0.98) as f32,
            1 => full * rng.log_uniform(0.35, 0.9) as f32,
            _ => full * rng.uniform(1.0, 1.5) as f32,
        }
        .clamp(MIN_HEIGHT, side * 0.9);
        let spread = *rng.choose(&[0.1, 0.4, 1.0, 1.0]);
        let mut free = |size: f32, least: f32| {
            let middle = 0.5 + spread * rng.uniform(-0.5, 0.5) as f32;
            // What does not fit is cut off at either side.
            (side - size * scale) * middle + (pen / 2.0 - least) * scale
        };
        let shift = [free(width, extent.left), free(height, extent.top)];
        for mark in &mut marks {
            mark.transform(scale, 0.0, shift);
        }
        Self {
            marks,
            line_height: scale * rng.uniform(1.2, 2.2) as f32,
        }
    }

    /// Scales and moves everything into the `room` on a sheet or canvas, as far as digits stay
    /// large enough.
    pub fn squeeze(&mut self, room: &Bounds, side: usize) {
        let least = self.digit_heights().fold(f32::MAX, f32::min);
        let scale = (room.width().min(room.height()) / side as f32)
            .max(MIN_HEIGHT / least)
            .min(1.0);
        let start = |low: f32, high: f32| (low + high - scale * side as f32) / 2.0;
        let shift = [start(room.left, room.right), start(room.top, room.bottom)];
        for mark in &mut self.marks {
            mark.transform(scale, 0.0, shift);
        }
    }

    pub(super) fn empty(writer: &Writer, rng: &mut SeededRng) -> Self {
        Self {
            marks: Vec::new(),
            line_height: writer.side * rng.log_uniform(0.05, 0.4) as f32,
        }
    }
}

impl<'a> Writer<'a> {
    /// A random hand, whose pen's lines are `pen_width` wide, on a page of `side` pixels.
    pub(super) fn new(
        material: &'a Material,
        split: Split,
        pen_width: f32,
        side: f32,
        rng: &mut SeededRng,
    ) -> Self {
        Self {
            material,
            split,
            hand: material.hand(split, rng),
            pen_width,
            side,
        }
    }

    /// A digit in this writer's hand, of any class, 1 high with its top left at the origin.
    pub(super) fn digit(&self, rng: &mut SeededRng) -> Mark {
        let class = rng.below(10) as u8;
        Mark::digit(self.hand.digit(class, rng), class)
    }

    /// A letter or sign in this writer's hand or, half of the time, anything that is not a digit.
    pub(super) fn other(&self, rng: &mut SeededRng) -> Glyph {
        match rng.random_bool(0.5) {
            true => self.hand.other(rng),
            false => self.material.other(self.split, rng),
        }
    }
}
