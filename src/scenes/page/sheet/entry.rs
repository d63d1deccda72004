//! What is written in one cell.

use super::super::layout::Writer;
use super::super::row::{self, Habit, Item};
use super::super::sign::Sign;
use super::super::{Bounds, Mark, mark};
use crate::random::SeededRng;

/// How often a cell of numbers with signs holds a lone dash, for none.
const NONE_SHARE: f64 = 0.05;

/// Marks with the baseline y = 0, and what they say.
pub struct Entry {
    pub marks: Vec<Mark>,
    /// As in [`TrueCell::text`](crate::scenes::TrueCell::text).
    pub text: Option<String>,
    /// The box of the marks.
    pub extent: Bounds,
}

/// What the numbers of a column look like.
#[derive(Clone, Copy, Debug)]
pub enum Numbers {
    /// Digits alone, at most this many.
    Whole(u32),
    /// `-3.5`: perhaps negative, with the sign before the last one or two digits.
    Decimal(Sign),
    /// `12:30`, `1/2`: two short numbers and the sign between them.
    Pair(Sign),
}

impl Numbers {
    /// A random look, with at most `longest` digits.
    pub fn new(longest: u32, has_signs: bool, rng: &mut SeededRng) -> Self {
        if !has_signs || rng.random_bool(0.55) {
            return Self::Whole(1 + rng.below(longest));
        }
        match rng.weighted_index(&[0.4, 0.3, 0.2, 0.1]) {
            0 => Self::Decimal(Sign::Point),
            1 => Self::Decimal(Sign::Comma),
            2 => Self::Pair(Sign::Colon),
            _ => Self::Pair(Sign::Slash),
        }
    }

    fn items(self, rng: &mut SeededRng) -> Vec<Item> {
        let mut some = |least: u32, most: u32| {
            let length = least + rng.below(most - least + 1);
            vec![Item::Digit; length as usize]
        };
        match self {
            Self::Whole(longest) => some(longest.div_ceil(2), longest),
            Self::Pair(sign) => [some(1, 2), vec![Item::Sign(sign)], some(1, 2)].concat(),
            Self::Decimal(sign) => {
                let number = [some(1, 3), vec![Item::Sign(sign)], some(1, 2)].concat();
                if rng.random_bool(NONE_SHARE) {
                    return vec![Item::Sign(Sign::Dash)];
                }
                let minus = rng.random_bool(0.2).then_some(Item::Sign(Sign::Dash));
                minus.into_iter().chain(number).collect()
            }
        }
    }
}

impl Entry {
    /// A number.
    pub fn number(
        writer: &Writer,
        numbers: Numbers,
        habit: &Habit,
        rng: &mut SeededRng,
    ) -> Option<Self> {
        let items = numbers.items(rng);
        let marks = row::write(writer, &items, habit, rng);
        let characters = items.iter().zip(&marks);
        let text = characters.map(|(item, mark)| match (item, mark.class) {
            (Item::Sign(sign), _) => character(*sign),
            (_, Some(class)) => Some(char::from(b'0' + class)),
            _ => None,
        });
        let text = Some(text.collect::<Option<String>>()?);
        let extent = mark::extent(&marks)?;
        Some(Self {
            marks,
            text,
            extent,
        })
    }

    /// Words in handwriting or print, `height` high and at most `width` wide.
    pub fn words(writer: &Writer, height: f32, width: f32, rng: &mut SeededRng) -> Option<Self> {
        // Long words would be tiny in a narrow cell: several are tried.
        let tried = (0..6).map(|_| writer.material.words(writer.split, rng));
        let words = tried.min_by(|a, b| {
            let excess = |width_of: f32| (width_of * height - width).max(0.0);
            excess(a.width).total_cmp(&excess(b.width))
        })?;
        let height = height.min(width / words.width.max(0.1));
        let mark = Mark::glyph(words).moved(height, [0.0, -height]);
        let extent = mark.extent()?;
        Some(Self {
            marks: vec![mark],
            text: None,
            extent,
        })
    }
}

/// A sign as it is typed; none where numbers do not have it.
fn character(sign: Sign) -> Option<char> {
    match sign {
        Sign::Point => Some('.'),
        Sign::Comma => Some(','),
        Sign::Dash => Some('-'),
        Sign::Slash => Some('/'),
        Sign::Colon => Some(':'),
        _ => None,
    }
}
