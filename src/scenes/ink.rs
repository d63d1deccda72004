//! What a pen leaves on the ground: where its ink covers it, and how well.

mod fill;
mod grain;
mod layer;
mod line;
mod path;
mod pen;
mod stamp;

pub use pen::Pen;

pub(super) use fill::filled;

use super::glyph::{Form, Glyph};
use super::{Bounds, Plane, Point};
use crate::chance::Chance;
use layer::Layer;

/// Draws a glyph with a pen.
///
/// `place` maps the glyph's frame (0..`width`, 0..1) to pixels of the plane, whose pixel `x`, `y`
/// reaches from `[x, y]` to `[x + 1, y + 1]`; it may shift, turn, tilt and bend. The ink's coverage,
/// 0 to 1 and with the pen's grain, joins what is there already.
///
/// Returns the box of its ink in pixels, also where it lies beyond the plane; `None` where it has none.
pub fn draw(
    coverage: &mut Plane,
    glyph: &Glyph,
    pen: &Pen,
    place: &dyn Fn(Point) -> Point,
    chance: &mut Chance,
) -> Option<Bounds> {
    let scale = pixels_per_height(glyph, place);
    let grain = pen.grain(scale, chance);
    match &glyph.form {
        Form::Strokes(ways) => {
            let paths = path::paths(ways, pen, place, scale, chance);
            let bounds = path::bounds(&paths)?;
            let mut layer = Layer::new(&bounds, coverage)?;
            match pen.see_through() {
                Some(depth) => line::draw_apart(&mut layer, &paths, pen.softness(scale), depth),
                None => line::draw(&mut layer, &paths, pen.softness(scale)),
            }
            layer.join(coverage, pen, &grain);
            Some(bounds)
        }
        Form::Outline(contours) => {
            let placed: Vec<Vec<Point>> = contours
                .iter()
                .map(|contour| contour.iter().map(|&point| place(point)).collect())
                .collect();
            let swollen = pen.swelling(scale);
            let bounds = fill::bounds(&placed, swollen)?;
            let mut layer = Layer::new(&bounds, coverage)?;
            fill::fill(&mut layer, &placed);
            if swollen > 0.0 {
                line::draw(&mut layer, &path::around(&placed, swollen), 1.0);
            }
            layer.join(coverage, pen, &grain);
            Some(bounds)
        }
        Form::Bitmap(image) => {
            let bounds = stamp::bounds(image, glyph.width, place)?;
            let mut layer = Layer::new(&bounds, coverage)?;
            stamp::stamp(&mut layer, image, glyph.width, scale, place);
            layer.join(coverage, pen, &grain);
            Some(bounds)
        }
    }
}

/// Pixels that a glyph's height takes, in its middle.
fn pixels_per_height(glyph: &Glyph, place: &dyn Fn(Point) -> Point) -> f32 {
    let middle = glyph.width / 2.0;
    let (above, below) = (place([middle, 0.25]), place([middle, 0.75]));
    2.0 * (above[0] - below[0]).hypot(above[1] - below[1])
}
