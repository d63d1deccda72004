//! One person's writing.

use super::super::Split;
use super::super::glyph::{Form, Glyph, Style, extent};
use super::face::Face;
use super::samples::{Writer, written};
use super::store::Material;
use super::{builtin, letters, mnist};
use crate::random::SeededRng;

/// One person's handwriting, in which all digits have the same style.
pub struct Hand<'a> {
    material: &'a Material,
    split: Split,
    source: Source<'a>,
    style: Style,
    /// Seed of the shapes that the person keeps.
    seed: u64,
    /// Whether zeros have a stroke through them.
    slashed: bool,
    /// Whether ones are plain lines.
    sticks: bool,
    /// Whether sevens are narrow hooks; ones are then plain lines, so that they can be
    /// distinguished.
    hooks: bool,
}

/// Where a person's shapes come from.
enum Source<'a> {
    /// MNIST's images themselves: the share of digits that lean less, and how much bolder they are
    /// drawn.
    Images { lean: f64, bolder: f32 },
    /// Strokes traced in MNIST's images: the share of digits that lean less.
    Traced { lean: f64 },
    /// A person whose strokes were recorded.
    Writer(&'a Writer),
    /// The program's built-in strokes.
    Builtin,
    /// A font's outlines.
    Outlines(&'a Face),
    /// Strokes traced along a font's glyphs.
    FontStrokes(&'a Face),
}

impl<'a> Hand<'a> {
    pub(super) fn new(material: &'a Material, split: Split, rng: &mut SeededRng) -> Self {
        let images = if material.mnist.is_some() { 1.0 } else { 0.0 };
        let shares = [
            0.18 * images,
            0.17 * images,
            0.25 * material.writers.any(split),
            0.15,
            0.17 * material.hands.any(split),
            0.08 * material.prints.any(split),
        ];
        let lean = rng.uniform(0.0, 1.0);
        let face = |font: Option<&'a Face>, traced: bool| match (font, traced) {
            (Some(face), true) => Source::FontStrokes(face),
            (Some(face), false) => Source::Outlines(face),
            (None, _) => Source::Builtin,
        };
        let (source, freedom) = match rng.weighted_index(&shares) {
            0 => {
                let bolder = rng.uniform(-0.15, 0.12) as f32;
                (Source::Images { lean, bolder }, 0.5)
            }
            1 => (Source::Traced { lean }, 0.7),
            2 => {
                let writer = material.writers.one(split, rng);
                (writer.map_or(Source::Builtin, Source::Writer), 0.8)
            }
            4 => {
                let traced = rng.random_bool(0.5);
                (face(material.hands.one(split, rng), traced), 0.9)
            }
            5 => (face(material.prints.one(split, rng), false), 0.5),
            _ => (Source::Builtin, 0.4),
        };
        let hooks = rng.random_bool(0.06);
        Self {
            material,
            split,
            source,
            style: Style::new(freedom, rng),
            seed: rng.below(u32::MAX).into(),
            slashed: rng.random_bool(0.03),
            sticks: hooks || rng.random_bool(0.12),
            hooks,
        }
    }

    /// A digit (0 to 9), a little different each time.
    pub fn digit(&self, class: u8, rng: &mut SeededRng) -> Glyph {
        let style = self.style.varied(rng);
        let character = char::from(b'0' + class.min(9));
        let strokes = match self.source {
            _ if class == 1 && self.sticks => builtin::stick(rng),
            _ if class == 7 && self.hooks => builtin::hook(rng),
            Source::Images { lean, bolder } => {
                let image = self.image(class, lean, rng);
                match image.and_then(|image| mnist::enlarged(&image, &style, bolder)) {
                    Some(glyph) => return glyph,
                    None => builtin::digit(class, rng),
                }
            }
            Source::Traced { lean } => match self
                .image(class, lean, rng)
                .map(|image| mnist::strokes(&image))
            {
                Some(strokes) if !strokes.is_empty() => strokes,
                _ => builtin::digit(class, rng),
            },
            Source::Writer(writer) => rng.choose(&writer.digits[usize::from(class)]).strokes(),
            Source::Builtin => self.builtin(class, rng),
            Source::Outlines(face) => match face.alone(character) {
                Some(mut contours) => {
                    for point in contours.iter_mut().flatten() {
                        *point = style.bend(*point);
                    }
                    return Glyph::of_outline(contours);
                }
                None => builtin::digit(class, rng),
            },
            Source::FontStrokes(face) => match face.strokes(character) {
                Some(strokes) => strokes,
                None => builtin::digit(class, rng),
            },
        };
        let mut strokes = written(strokes, &style, rng);
        if let (0, true, Some([low, high])) = (class, self.slashed, extent(&strokes)) {
            let reach = rng.uniform(0.75, 1.15) as f32 / 2.0;
            let middle = (low[0] + high[0]) / 2.0;
            let [across, down] = [reach * (high[0] - low[0]) * 0.9, reach * 0.95];
            strokes.push(vec![[middle + across, -down], [middle - across, down]]);
        }
        Glyph::of_strokes(strokes)
    }

    /// A sign of numbers (such as `,` or `-`) in the hand's font, placed on a line from 0 to 1 on
    /// which digits are 1 high, from x = 0; none where the hand is no font's.
    pub fn sign(&self, character: char, rng: &mut SeededRng) -> Option<Glyph> {
        let (Source::Outlines(face) | Source::FontStrokes(face)) = self.source else {
            return None;
        };
        let (mut contours, width) = face.on_line(character)?;
        let style = self.style.varied(rng);
        for point in contours.iter_mut().flatten() {
            let [x, y] = style.bend([point[0] - width / 2.0, point[1] - 0.5]);
            *point = [x + width / 2.0, y + 0.5];
        }
        Some(Glyph {
            form: Form::Outline(contours),
            width,
        })
    }

    /// A letter or sign in the same hand that does not look like a digit.
    pub fn other(&self, rng: &mut SeededRng) -> Glyph {
        let style = self.style.varied(rng);
        let letter = match self.source {
            Source::Outlines(face) | Source::FontStrokes(face) => {
                letters::from_face(face, &style, rng)
            }
            Source::Writer(writer) => letters::from_writer(writer, &style, rng),
            _ => None,
        };
        let known = letter.or_else(|| letters::of_writer(&self.material.writers, self.split, rng));
        known.unwrap_or_else(|| builtin::letter(rng))
    }

    /// Most people write a digit in one way, so most digits of a class have the same base shape.
    fn builtin(&self, class: u8, rng: &mut SeededRng) -> Vec<Vec<super::super::Point>> {
        match rng.random_bool(0.8) {
            true => builtin::digit(class, &mut SeededRng::new(self.seed, class.into())),
            false => builtin::digit(class, rng),
        }
    }

    fn image(&self, class: u8, lean: f64, rng: &mut SeededRng) -> Option<Vec<u8>> {
        self.material
            .mnist
            .as_ref()?
            .pick(self.split, class, lean, rng)
    }
}
