//! Hands, fonts, symbols and photos from which scenes are made, parsed once.

mod builtin;
mod face;
mod hand;
mod legible;
mod letters;
mod mnist;
mod samples;
mod skeleton;
mod split;
mod store;
mod texture;
mod words;

use image::GrayImage;

use super::Split;
use super::glyph::{Form, Glyph, Style};
use crate::random::SeededRng;
pub use hand::Hand;
pub use store::Material;

impl Material {
    /// One person's handwriting: all digits of a number come from one hand.
    pub fn hand(&self, split: Split, rng: &mut SeededRng) -> Hand<'_> {
        Hand::new(self, split, rng)
    }

    /// A single thing that a person may write or draw other than a digit: a letter, a sign of
    /// another script, a scribble, a shape, a face, an arrow, a tick, a signature, a drawing.
    ///
    /// Never one that could be read as a digit.
    pub fn other(&self, split: Split, rng: &mut SeededRng) -> Glyph {
        loop {
            let glyph = self.any_other(split, rng);
            if !is_stick(&glyph) {
                return glyph;
            }
        }
    }

    fn any_other(&self, split: Split, rng: &mut SeededRng) -> Glyph {
        let shares = [
            0.16,
            0.22 * self.symbols.any(split),
            0.16 * self.hands.any(split),
            0.06 * self.prints.any(split),
            0.12 * self.writers.any(split),
            0.07 * self.drawings.any(split),
            0.18,
            0.08,
        ];
        let drawn = match rng.weighted_index(&shares) {
            1 => self.symbols.one(split, rng).map(|sample| sample.glyph(rng)),
            2 => letters::of_face(&self.hands, split, rng),
            3 => letters::of_face(&self.prints, split, rng),
            4 => letters::of_writer(&self.writers, split, rng),
            5 => self
                .drawings
                .one(split, rng)
                .map(|sample| sample.glyph(rng)),
            6 => Some(builtin::letter(rng)),
            7 => Some(builtin::signature(rng)),
            _ => None,
        };
        drawn.unwrap_or_else(|| builtin::drawing(rng))
    }

    /// One or a few words, in handwriting or print, as one glyph without digits.
    pub fn words(&self, split: Split, rng: &mut SeededRng) -> Glyph {
        let shares = [
            0.5 * self.hands.any(split),
            0.2 * self.prints.any(split),
            0.25 * self.writers.any(split),
        ];
        let text = words::text(rng);
        let style = Style::new(0.6, rng);
        let written = match rng.weighted_index(&shares) {
            0 => words::set(&self.hands, split, &text, &style, rng),
            1 => words::set(&self.prints, split, &text, &style, rng),
            _ => words::write(&self.writers, split, &text, &style, rng),
        };
        written.unwrap_or_else(|| builtin::word(rng))
    }

    /// A photo of a surface or a landscape, if there is one.
    pub fn texture(&self, split: Split, rng: &mut SeededRng) -> Option<&GrayImage> {
        self.textures.one(split, rng)
    }
}

/// Whether a glyph is a single line, neither flat nor much bent, which many would read as a 1.
fn is_stick(glyph: &Glyph) -> bool {
    let Form::Strokes(strokes) = &glyph.form else {
        return false;
    };
    let [stroke] = &strokes[..] else { return false };
    let length: f32 = stroke
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
    fn what_is_written_depends_on_chance_alone() {
        let material = Material::builtin();
        let write = |index| {
            let mut rng = SeededRng::new(4, index);
            let hand = material.hand(Split::Training, &mut rng);
            let digit = hand.digit((index % 10) as u8, &mut rng);
            let word = material.words(Split::Training, &mut rng);
            let other = material.other(Split::Training, &mut rng);
            [digit, word, other, hand.other(&mut rng)].map(|glyph| shape(&glyph))
        };
        for index in 0..200 {
            assert_eq!(write(index), write(index));
        }
        assert_ne!(write(1)[0], write(11)[0]);
    }

    #[test]
    fn a_hand_writes_each_digit_a_little_differently_each_time() {
        let material = Material::builtin();
        let mut rng = SeededRng::new(5, 0);
        let hand = material.hand(Split::Training, &mut rng);
        for class in 0..10 {
            let (one, other) = (hand.digit(class, &mut rng), hand.digit(class, &mut rng));
            assert_ne!(shape(&one), shape(&other));
            assert!(one.width > 0.0 && one.width < 6.0, "{class}: {}", one.width);
        }
    }

    #[test]
    fn a_single_vertical_line_is_never_a_non_digit() {
        let material = Material::builtin();
        for index in 0..2000 {
            let glyph = material.other(Split::Training, &mut SeededRng::new(6, index));
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
