//! Hands, fonts, symbols and photos that scenes are made of, parsed once.

mod face;
mod hand;
mod legible;
mod letters;
mod mnist;
mod own;
mod part;
mod samples;
mod skeleton;
mod store;
mod texture;
mod words;

use image::GrayImage;

use super::Part;
use super::glyph::{Form, Glyph, Style};
use crate::chance::Chance;
pub use hand::Hand;
pub use store::Material;

impl Material {
    /// One person's way of writing digits: all digits of a number come from one.
    pub fn hand(&self, part: Part, chance: &mut Chance) -> Hand<'_> {
        Hand::new(self, part, chance)
    }

    /// Anything a person may write or draw that is no digit, alone: a letter, a sign of another
    /// alphabet, a scribble, a shape, a face, an arrow, a tick, a signature, a drawing.
    ///
    /// Never one that a person could read as a digit.
    pub fn other(&self, part: Part, chance: &mut Chance) -> Glyph {
        loop {
            let glyph = self.any_other(part, chance);
            if !is_stick(&glyph) {
                return glyph;
            }
        }
    }

    fn any_other(&self, part: Part, chance: &mut Chance) -> Glyph {
        let shares = [
            0.16,
            0.22 * self.symbols.any(part),
            0.16 * self.hands.any(part),
            0.06 * self.prints.any(part),
            0.12 * self.writers.any(part),
            0.07 * self.drawings.any(part),
            0.18,
            0.08,
        ];
        let drawn = match chance.pick(&shares) {
            1 => self
                .symbols
                .one(part, chance)
                .map(|sample| sample.glyph(chance)),
            2 => letters::of_face(&self.hands, part, chance),
            3 => letters::of_face(&self.prints, part, chance),
            4 => letters::of_writer(&self.writers, part, chance),
            5 => self
                .drawings
                .one(part, chance)
                .map(|sample| sample.glyph(chance)),
            6 => Some(own::letter(chance)),
            7 => Some(own::signature(chance)),
            _ => None,
        };
        drawn.unwrap_or_else(|| own::drawing(chance))
    }

    /// A word or a few, in handwriting or print, as one glyph without digits.
    pub fn words(&self, part: Part, chance: &mut Chance) -> Glyph {
        let shares = [
            0.5 * self.hands.any(part),
            0.2 * self.prints.any(part),
            0.25 * self.writers.any(part),
        ];
        let text = words::text(chance);
        let style = Style::new(0.6, chance);
        let written = match chance.pick(&shares) {
            0 => words::set(&self.hands, part, &text, &style, chance),
            1 => words::set(&self.prints, part, &text, &style, chance),
            _ => words::write(&self.writers, part, &text, &style, chance),
        };
        written.unwrap_or_else(|| own::word(chance))
    }

    /// A photo of a ground or a landscape, if there is one.
    pub fn texture(&self, part: Part, chance: &mut Chance) -> Option<&GrayImage> {
        self.textures.one(part, chance)
    }
}

/// Whether a glyph is one line, neither flat nor much bent: a one, to many.
fn is_stick(glyph: &Glyph) -> bool {
    let Form::Strokes(ways) = &glyph.form else {
        return false;
    };
    let [way] = &ways[..] else { return false };
    let length: f32 = way
        .windows(2)
        .map(|pair| (pair[0][0] - pair[1][0]).hypot(pair[0][1] - pair[1][1]))
        .sum();
    glyph.width < 2.5 && length < 1.15 * glyph.width.hypot(1.0)
}

#[cfg(test)]
mod tests {
    use super::mnist::Mnist;
    use super::*;

    fn shape(glyph: &Glyph) -> String {
        format!("{glyph:?}")
    }

    #[test]
    fn chance_alone_decides_what_is_written() {
        let material = Material::own();
        let write = |index| {
            let mut chance = Chance::new(4, index);
            let hand = material.hand(Part::Training, &mut chance);
            let digit = hand.digit((index % 10) as u8, &mut chance);
            let word = material.words(Part::Training, &mut chance);
            let other = material.other(Part::Training, &mut chance);
            [digit, word, other, hand.other(&mut chance)].map(|glyph| shape(&glyph))
        };
        for index in 0..200 {
            assert_eq!(write(index), write(index));
        }
        assert_ne!(write(1)[0], write(11)[0]);
    }

    #[test]
    fn a_hand_writes_each_digit_a_little_differently_each_time() {
        let material = Material::own();
        let mut chance = Chance::new(5, 0);
        let hand = material.hand(Part::Training, &mut chance);
        for class in 0..10 {
            let (one, other) = (
                hand.digit(class, &mut chance),
                hand.digit(class, &mut chance),
            );
            assert_ne!(shape(&one), shape(&other));
            assert!(one.width > 0.0 && one.width < 6.0, "{class}: {}", one.width);
        }
    }

    #[test]
    fn no_lone_stick_passes_as_something_else_than_a_one() {
        let material = Material::own();
        for index in 0..2000 {
            let glyph = material.other(Part::Training, &mut Chance::new(6, index));
            assert!(!is_stick(&glyph));
        }
        let stick = Glyph::of_strokes(vec![vec![[0.0, 0.0], [0.2, 1.0]]]);
        assert!(is_stick(&stick));
    }

    #[test]
    fn images_that_do_not_fit_their_labels_are_refused() {
        assert!(Mnist::new(&[0; 784], &[1, 2]).is_err());
        assert!(Mnist::new(&[0; 784], &[10]).is_err());
    }
}
