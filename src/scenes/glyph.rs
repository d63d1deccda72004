//! One digit, letter, word or sign as somebody wrote it, without a pen and without a place.

use image::GrayImage;

use super::Point;

/// What was written, in a frame of its own: its ink's box is 1 high and `width` wide, from `[0, 0]` at
/// the top left. Ink of pens reaches half a pen's width beyond the frame of strokes.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// How its shape is known.
    pub form: Form,
    /// Width of its box in heights.
    pub width: f32,
}

/// How the shape of a glyph is known.
#[derive(Clone, Debug)]
pub enum Form {
    /// The pen's ways, each without lifting the pen; a way of one point is a dot.
    Strokes(Vec<Vec<Point>>),
    /// Closed outlines, flattened to lines; what they wind around is ink (nonzero winding).
    Outline(Vec<Vec<Point>>),
    /// Ink as an image that fills the box: 255 is ink. Pens cannot change it.
    Bitmap(GrayImage),
}
/// Stand-in.
pub struct Hand<'a>(pub &'a super::material::Material);
impl Hand<'_> {
    /// Stand-in.
    pub fn digit(&self, class: u8, chance: &mut crate::chance::Chance) -> Glyph {
        super::material::glyph_of(crate::dataset::synthetic::strokes(class, chance))
    }
    /// Stand-in.
    pub fn other(&self, chance: &mut crate::chance::Chance) -> Glyph {
        self.0.other(super::Part::Training, chance)
    }
}
