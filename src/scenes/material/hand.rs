//! One person's writing.

use super::super::Part;
use super::super::glyph::{Glyph, Style, extent};
use super::face::Face;
use super::samples::{Writer, written};
use super::store::Material;
use super::{letters, mnist, own};
use crate::chance::Chance;

/// One person's way of writing: digits of one hand go together.
pub struct Hand<'a> {
    material: &'a Material,
    part: Part,
    source: Source<'a>,
    style: Style,
    /// Fixes what the person does each time.
    seed: u64,
    /// Whether zeros have a stroke through them.
    slashed: bool,
    /// Whether ones are plain lines.
    sticks: bool,
    /// Whether sevens are narrow hooks; ones are plain lines then, so that each can be told from the other.
    hooks: bool,
}

/// Where a person's shapes come from.
enum Source<'a> {
    /// MNIST's images as they are: the share of digits that lean less, and how much bolder.
    Images { lean: f64, bolder: f32 },
    /// The pens' ways in MNIST's images: the share of digits that lean less.
    Traced { lean: f64 },
    /// A person whose pen's ways are known.
    Writer(&'a Writer),
    /// The program's own strokes.
    Own,
    /// A font's outlines.
    Outlines(&'a Face),
    /// The ways of a pen that would write as a font does.
    Ways(&'a Face),
}

impl<'a> Hand<'a> {
    pub(super) fn new(material: &'a Material, part: Part, chance: &mut Chance) -> Self {
        let images = if material.mnist.is_some() { 1.0 } else { 0.0 };
        let shares = [
            0.18 * images,
            0.17 * images,
            0.25 * material.writers.any(part),
            0.15,
            0.17 * material.hands.any(part),
            0.08 * material.prints.any(part),
        ];
        let lean = chance.between(0.0, 1.0);
        let face = |font: Option<&'a Face>, traced: bool| match (font, traced) {
            (Some(face), true) => Source::Ways(face),
            (Some(face), false) => Source::Outlines(face),
            (None, _) => Source::Own,
        };
        let (source, freedom) = match chance.pick(&shares) {
            0 => {
                let bolder = chance.between(-0.15, 0.12) as f32;
                (Source::Images { lean, bolder }, 0.5)
            }
            1 => (Source::Traced { lean }, 0.7),
            2 => {
                let writer = material.writers.one(part, chance);
                (writer.map_or(Source::Own, Source::Writer), 0.8)
            }
            4 => {
                let traced = chance.happens(0.5);
                (face(material.hands.one(part, chance), traced), 0.9)
            }
            5 => (face(material.prints.one(part, chance), false), 0.5),
            _ => (Source::Own, 0.4),
        };
        let hooks = chance.happens(0.06);
        Self {
            material,
            part,
            source,
            style: Style::new(freedom, chance),
            seed: chance.below(u32::MAX).into(),
            slashed: chance.happens(0.03),
            sticks: hooks || chance.happens(0.12),
            hooks,
        }
    }

    /// A digit (0 to 9), a little different each time.
    pub fn digit(&self, class: u8, chance: &mut Chance) -> Glyph {
        let style = self.style.varied(chance);
        let character = char::from(b'0' + class.min(9));
        let ways = match self.source {
            _ if class == 1 && self.sticks => own::stick(chance),
            _ if class == 7 && self.hooks => own::hook(chance),
            Source::Images { lean, bolder } => {
                let image = self.image(class, lean, chance);
                match image.and_then(|image| mnist::enlarged(&image, &style, bolder)) {
                    Some(glyph) => return glyph,
                    None => own::digit(class, chance),
                }
            }
            Source::Traced { lean } => match self
                .image(class, lean, chance)
                .map(|image| mnist::ways(&image))
            {
                Some(ways) if !ways.is_empty() => ways,
                _ => own::digit(class, chance),
            },
            Source::Writer(writer) => chance.one_of(&writer.digits[usize::from(class)]).ways(),
            Source::Own => self.own(class, chance),
            Source::Outlines(face) => match face.alone(character) {
                Some(mut contours) => {
                    for point in contours.iter_mut().flatten() {
                        *point = style.bend(*point);
                    }
                    return Glyph::of_outline(contours);
                }
                None => own::digit(class, chance),
            },
            Source::Ways(face) => match face.ways(character) {
                Some(ways) => ways,
                None => own::digit(class, chance),
            },
        };
        let mut ways = written(ways, &style, chance);
        if let (0, true, Some([low, high])) = (class, self.slashed, extent(&ways)) {
            let reach = chance.between(0.75, 1.15) as f32 / 2.0;
            let middle = (low[0] + high[0]) / 2.0;
            let [across, down] = [reach * (high[0] - low[0]) * 0.9, reach * 0.95];
            ways.push(vec![[middle + across, -down], [middle - across, down]]);
        }
        Glyph::of_strokes(ways)
    }

    /// A letter or sign by the same hand that looks like no digit.
    pub fn other(&self, chance: &mut Chance) -> Glyph {
        let style = self.style.varied(chance);
        let letter = match self.source {
            Source::Outlines(face) | Source::Ways(face) => letters::from_face(face, &style, chance),
            Source::Writer(writer) => letters::from_writer(writer, &style, chance),
            _ => None,
        };
        let known =
            letter.or_else(|| letters::of_writer(&self.material.writers, self.part, chance));
        known.unwrap_or_else(|| own::letter(chance))
    }

    /// Most people write a digit one way, so most digits of a class begin alike.
    fn own(&self, class: u8, chance: &mut Chance) -> Vec<Vec<super::super::Point>> {
        match chance.happens(0.8) {
            true => own::digit(class, &mut Chance::new(self.seed, class.into())),
            false => own::digit(class, chance),
        }
    }

    fn image(&self, class: u8, lean: f64, chance: &mut Chance) -> Option<Vec<u8>> {
        self.material
            .mnist
            .as_ref()?
            .pick(self.part, class, lean, chance)
    }
}
