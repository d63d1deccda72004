//! (stand-in)
use super::Part;
use super::glyph::{Form, Glyph, Hand};
use crate::chance::Chance;
use crate::dataset::synthetic;
use image::GrayImage;
/// Stand-in.
pub struct Material {}
/// Stand-in.
pub fn glyph_of(strokes: Vec<Vec<(f64, f64)>>) -> Glyph {
    let all = || strokes.iter().flatten();
    let (l, r) = all().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p.0), b.max(p.0)));
    let (t, b) = all().fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p.1), b.max(p.1)));
    let h = (b - t).max(0.05);
    let f = |p: &(f64, f64)| [((p.0 - l) / h) as f32, ((p.1 - t) / h) as f32];
    Glyph {
        width: ((r - l) / h) as f32,
        form: Form::Strokes(strokes.iter().map(|s| s.iter().map(f).collect()).collect()),
    }
}
impl Material {
    /// Stand-in.
    pub fn own() -> Self {
        Self {}
    }
    /// Stand-in.
    pub fn hand(&self, _part: Part, _chance: &mut Chance) -> Hand<'_> {
        Hand(self)
    }
    /// Stand-in.
    pub fn other(&self, _part: Part, chance: &mut Chance) -> Glyph {
        glyph_of(synthetic::non_digit_strokes(chance))
    }
    /// Stand-in.
    pub fn words(&self, part: Part, chance: &mut Chance) -> Glyph {
        self.other(part, chance)
    }
    /// Stand-in.
    pub fn texture(&self, _part: Part, _chance: &mut Chance) -> Option<&GrayImage> {
        None
    }
}
