//! Where everything on a page is: digits, and what people write, print and draw beside them.
//!
//! Layouts are made in heights of a digit and then fitted into the page, so that each occurs at
//! every size.

mod alone;
mod blank;
mod form;
mod mark;
mod number;
mod row;
mod sign;
mod spread;
mod strike;
mod table;
mod text;

pub use mark::{Mark, Place, Shape, Tool, Weight};

use super::glyph::Glyph;
use super::material::{Hand, Material};
use super::{Bounds, Part, Point};
use crate::chance::Chance;

/// Lower digits can hardly be told apart, so layouts that would make them so small are cropped.
const LEAST_HEIGHT: f32 = 9.5;

/// How often lines run over a page that have nothing to do with what is written there.
const CROSSED: f64 = 0.12;

/// Fills a page in one way.
type Layout = fn(&Writer, &mut Chance) -> Page;

/// Everything on one page, in pixels.
pub struct Page {
    /// In the order of writing.
    pub marks: Vec<Mark>,
    /// About the height of a written line, for rulings.
    pub line_height: f32,
}

/// Who writes a page, and how much room there is.
struct Writer<'a> {
    material: &'a Material,
    part: Part,
    hand: Hand<'a>,
    /// Of a line, in heights of a digit.
    pen_width: f32,
    /// Width and height of the page, in pixels.
    side: f32,
}

impl Page {
    /// Fills a square page of `side` pixels. Lines of the first pen are `pen_width` heights of a
    /// digit wide.
    pub fn lay(
        material: &Material,
        part: Part,
        side: usize,
        pen_width: f32,
        chance: &mut Chance,
    ) -> Self {
        let writer = Writer {
            material,
            part,
            hand: material.hand(part, chance),
            pen_width,
            side: side as f32,
        };
        let layouts: [(f64, Layout); 12] = [
            (0.43, alone::lay),
            (0.2, blank::lay),
            (0.12, number::one),
            (0.05, number::several),
            (0.03, table::lay),
            (0.025, table::dense),
            (0.02, table::squares),
            (0.025, form::lay),
            (0.04, spread::lay),
            (0.03, text::lines),
            (0.015, text::amounts),
            (0.015, text::sums),
        ];
        let mut page = layouts[chance.pick(&layouts.map(|(share, _)| share))].1(&writer, chance);
        if chance.happens(CROSSED) {
            let height = page.digit_heights().fold(page.line_height, f32::min);
            page.marks.push(strike::across(writer.side, height, chance));
        }
        page
    }

    /// Of each digit, in pixels.
    pub fn digit_heights(&self) -> impl Iterator<Item = f32> {
        self.marks.iter().filter_map(|mark| match &mark.shape {
            Shape::Glyph(_, place) if mark.class.is_some() => Some(place.height()),
            _ => None,
        })
    }

    /// `marks`, given in heights of a digit, as large as fits or smaller, somewhere on the page;
    /// now and then a part of it as if seen from near.
    fn fit(mut marks: Vec<Mark>, writer: &Writer, chance: &mut Chance) -> Self {
        let Some(extent) = mark::extent(&marks) else {
            return Self::empty(writer, chance);
        };
        let side = writer.side;
        let pen = writer.pen_width;
        let (width, height) = (extent.width() + pen, extent.height() + pen);
        let full = side / width.max(height).max(1.05);
        let scale = match chance.pick(&[0.66, 0.26, 0.08]) {
            0 => full * chance.between(0.8, 0.98) as f32,
            1 => full * chance.doubling(0.35, 0.9) as f32,
            _ => full * chance.between(1.0, 1.5) as f32,
        }
        .clamp(LEAST_HEIGHT, side * 0.9);
        let spread = *chance.one_of(&[0.1, 0.4, 1.0, 1.0]);
        let mut free = |size: f32, least: f32| {
            let middle = 0.5 + spread * chance.between(-0.5, 0.5) as f32;
            // What does not fit is cut at either side.
            (side - size * scale) * middle + (pen / 2.0 - least) * scale
        };
        let shift = [free(width, extent.left), free(height, extent.top)];
        for mark in &mut marks {
            mark.transform(scale, 0.0, shift);
        }
        Self {
            marks,
            line_height: scale * chance.between(1.2, 2.2) as f32,
        }
    }

    /// Moves everything into the `room` on a sheet or canvas, as far as digits stay large enough.
    pub fn squeeze(&mut self, room: &Bounds, side: usize) {
        let least = self.digit_heights().fold(f32::MAX, f32::min);
        let scale = (room.width().min(room.height()) / side as f32)
            .max(LEAST_HEIGHT / least)
            .min(1.0);
        let start = |low: f32, high: f32| (low + high - scale * side as f32) / 2.0;
        let shift = [start(room.left, room.right), start(room.top, room.bottom)];
        for mark in &mut self.marks {
            mark.transform(scale, 0.0, shift);
        }
    }

    fn empty(writer: &Writer, chance: &mut Chance) -> Self {
        Self {
            marks: Vec::new(),
            line_height: writer.side * chance.doubling(0.05, 0.4) as f32,
        }
    }
}

impl Writer<'_> {
    /// A digit in this writer's hand, of any class, 1 high with its top left at the origin.
    fn digit(&self, chance: &mut Chance) -> Mark {
        let class = chance.below(10) as u8;
        Mark::digit(self.hand.digit(class, chance), class)
    }

    /// A letter or sign in this writer's hand or, now and then, anything that is no digit.
    fn other(&self, chance: &mut Chance) -> Glyph {
        match chance.happens(0.5) {
            true => self.hand.other(chance),
            false => self.material.other(self.part, chance),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_all_classes_occur_equally_on_pages_of_all_kinds() {
        let material = Material::own();
        let mut counts = [0u32; 10];
        let mut blank = 0;
        for index in 0..1500 {
            let mut chance = Chance::new(3, index);
            let page = Page::lay(&material, Part::Training, 256, 0.1, &mut chance);
            let classes: Vec<u8> = page.marks.iter().filter_map(|mark| mark.class).collect();
            blank += u32::from(classes.is_empty());
            for class in classes {
                counts[usize::from(class)] += 1;
            }
        }
        assert!((200..400).contains(&blank), "{blank}");
        let mean = counts.iter().sum::<u32>() / 10;
        for count in counts {
            assert!(count.abs_diff(mean) < mean / 5, "{counts:?}");
        }
    }
}
