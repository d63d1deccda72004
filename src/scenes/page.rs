//! The layout of a page: digits, and what people write, print and draw beside them.
//!
//! Layouts are made in units of a digit's height and then fitted into the page, so that each occurs
//! at every size.

mod alone;
mod amount;
mod blank;
mod form;
mod layout;
mod mark;
mod number;
mod row;
mod sheet;
mod sign;
mod specks;
mod spread;
mod strike;
mod table;
mod text;

pub use layout::Page;
pub use mark::{Mark, Placement, Shape, Tool, Weight};
pub use sheet::{NumberSheet, SheetKind};

use super::glyph::Glyph;
use super::material::Material;
use super::{Bounds, Point, Split};
use crate::random::SeededRng;
use layout::Writer;

/// How often lines cross a page regardless of what is written there.
const CROSSED_SHARE: f64 = 0.12;

/// How often there are dots beside the digits of a page.
const SPECKS_SHARE: f64 = 0.06;

/// A function that fills a page with one kind of layout.
type Layout = fn(&Writer, &mut SeededRng) -> Page;

impl Page {
    /// Fills a square page of `side` pixels. Lines of the first pen are `pen_width` heights of a
    /// digit wide.
    pub fn compose(
        material: &Material,
        split: Split,
        side: usize,
        pen_width: f32,
        rng: &mut SeededRng,
    ) -> Self {
        let writer = Writer::new(material, split, pen_width, side as f32, rng);
        let layouts: [(f64, Layout); 12] = [
            (0.385, alone::compose),
            (0.19, blank::compose),
            (0.13, number::one),
            (0.06, number::several),
            (0.045, table::compose),
            (0.025, table::dense),
            (0.02, table::squares),
            (0.025, form::compose),
            (0.04, spread::compose),
            (0.03, text::lines),
            (0.03, text::amounts),
            (0.015, text::sums),
        ];
        let mut page =
            layouts[rng.weighted_index(&layouts.map(|(share, _)| share))].1(&writer, rng);
        if let Some(height) = page.digit_heights().reduce(f32::min)
            && rng.random_bool(SPECKS_SHARE)
        {
            let specks = specks::beside(&page.marks, writer.side, height, rng);
            page.marks.push(specks);
        }
        if rng.random_bool(CROSSED_SHARE) {
            let height = page.digit_heights().fold(page.line_height, f32::min);
            page.marks.push(strike::across(writer.side, height, rng));
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::characters::CHARACTERS;

    #[test]
    fn digits_of_all_classes_occur_equally_on_pages_of_all_kinds() {
        let material = Material::builtin();
        let mut counts = [0u32; CHARACTERS];
        let mut blank = 0;
        for index in 0..1500 {
            let mut rng = SeededRng::new(3, index);
            let page = Page::compose(&material, Split::Training, 256, 0.1, &mut rng);
            let classes: Vec<u8> = page.marks.iter().filter_map(|mark| mark.class).collect();
            blank += u32::from(classes.is_empty());
            for class in classes {
                counts[usize::from(class)] += 1;
            }
        }
        assert!((200..400).contains(&blank), "{blank}");
        let (digits, signs) = counts.split_at(10);
        let mean = digits.iter().sum::<u32>() / 10;
        for count in digits {
            assert!(count.abs_diff(mean) < mean / 5, "{counts:?}");
        }
        assert!(signs.iter().all(|&count| count > 30), "{counts:?}");
    }
}
