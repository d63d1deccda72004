//! Single letters and signs that nobody would read as a digit.

use super::super::Split;
use super::super::glyph::{Glyph, Style};
use super::face::{Face, Faces};
use super::samples::{Writer, written};
use super::split::BySplit;
use crate::random::SeededRng;

/// Characters that do not look like a digit in any hand: without `b`, `f`, `l`, `O`, `S`, `|` and
/// the like.
const PLAIN: &str = "acdehkmnprtuvwxACEFHKLMNPRTUVWX#$%*+=<>?@~";

/// One from any font.
pub fn of_face(faces: &Faces, split: Split, rng: &mut SeededRng) -> Option<Glyph> {
    let face = faces.one(split, rng)?;
    let style = Style::new(0.8, rng);
    from_face(face, &style, rng)
}

/// One from any person.
pub fn of_writer(writers: &BySplit<Writer>, split: Split, rng: &mut SeededRng) -> Option<Glyph> {
    let with_letters: Vec<&Writer> = writers
        .of(split)
        .iter()
        .filter(|writer| !writer.letters.is_empty())
        .collect();
    if with_letters.is_empty() {
        return None;
    }
    let writer = rng.choose(&with_letters);
    let style = Style::new(0.6, rng);
    from_writer(writer, &style, rng)
}

/// One from this font, in this style.
pub fn from_face(face: &Face, style: &Style, rng: &mut SeededRng) -> Option<Glyph> {
    if face.is_display {
        return None;
    }
    let letters: Vec<char> = PLAIN.chars().collect();
    let letter = *rng.choose(&letters);
    if rng.random_bool(0.35)
        && let Some(strokes) = face.strokes(letter)
    {
        return Some(Glyph::of_strokes(written(strokes, style, rng)));
    }
    let mut contours = face.alone(letter)?;
    for point in contours.iter_mut().flatten() {
        *point = style.bend(*point);
    }
    Some(Glyph::of_outline(contours))
}

/// One from this person, in this style.
pub fn from_writer(writer: &Writer, style: &Style, rng: &mut SeededRng) -> Option<Glyph> {
    let plain: Vec<&(char, super::samples::Sample)> = writer
        .letters
        .iter()
        .filter(|(letter, _)| PLAIN.contains(*letter))
        .collect();
    if plain.is_empty() {
        return None;
    }
    let (_, sample) = rng.choose(&plain);
    Some(Glyph::of_strokes(written(sample.strokes(), style, rng)))
}
