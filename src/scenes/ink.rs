//! The ink that a pen leaves: where it covers the background, and how strongly.

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
use crate::random::SeededRng;
use layer::Layer;

/// Draws a glyph with a pen.
///
/// `place` maps the glyph's frame (0..`width`, 0..1) to pixels of the plane, whose pixel `x`, `y`
/// reaches from `[x, y]` to `[x + 1, y + 1]`; it may shift, rotate, tilt and bend. The ink's
/// coverage, 0 to 1 and with the pen's grain, is combined with what is already there.
///
/// Returns the box of its ink in pixels, which may extend beyond the plane; `None` if it has no
/// ink.
pub fn draw(
    coverage: &mut Plane,
    glyph: &Glyph,
    pen: &Pen,
    place: &dyn Fn(Point) -> Point,
    rng: &mut SeededRng,
) -> Option<Bounds> {
    let scale = pixels_per_height(glyph, place);
    let grain = pen.grain(scale, rng);
    match &glyph.form {
        Form::Strokes(strokes) => {
            let paths = path::paths(strokes, pen, place, scale, rng);
            let bounds = path::bounds(&paths)?;
            let mut layer = Layer::new(&bounds, coverage)?;
            match pen.see_through() {
                Some(depth) => {
                    line::draw_transparent(&mut layer, &paths, pen.softness(scale), depth)
                }
                None => line::draw(&mut layer, &paths, pen.softness(scale)),
            }
            pen.rim(scale).into_iter().for_each(|rim| layer.hollow(rim));
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
            pen.rim(scale).into_iter().for_each(|rim| layer.hollow(rim));
            layer.join(coverage, pen, &grain);
            Some(bounds)
        }
        Form::Bitmap(image) => {
            let bounds = stamp::bounds(image, glyph.width, place)?;
            let mut layer = Layer::new(&bounds, coverage)?;
            stamp::stamp(&mut layer, image, glyph.width, scale, place);
            pen.rim(scale).into_iter().for_each(|rim| layer.hollow(rim));
            layer.join(coverage, pen, &grain);
            Some(bounds)
        }
    }
}

/// Pixels per height of a glyph, at its centre.
fn pixels_per_height(glyph: &Glyph, place: &dyn Fn(Point) -> Point) -> f32 {
    let middle = glyph.width / 2.0;
    let (above, below) = (place([middle, 0.25]), place([middle, 0.75]));
    2.0 * (above[0] - below[0]).hypot(above[1] - below[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma};

    /// The box of the pixels with at least this coverage.
    fn inked(plane: &Plane, least: f32) -> Option<Bounds> {
        let cells = (0..plane.values.len()).filter(|&at| plane.values[at] >= least);
        let cell = |at: usize| {
            let (x, y) = ((at % plane.width) as f32, (at / plane.width) as f32);
            Bounds {
                left: x,
                top: y,
                right: x + 1.0,
                bottom: y + 1.0,
            }
        };
        cells.map(cell).reduce(|all, next| all.union(&next))
    }

    fn forms() -> [Glyph; 3] {
        let ring: Vec<Point> = (0..=60)
            .map(|step| {
                let (sine, cosine) = (step as f32 / 60.0 * std::f32::consts::TAU).sin_cos();
                [0.4 * cosine, 0.5 * sine]
            })
            .collect();
        let disc = GrayImage::from_fn(48, 60, |x, y| {
            let (x, y) = ((x as f32 + 0.5) / 24.0 - 1.0, (y as f32 + 0.5) / 30.0 - 1.0);
            Luma([((1.0 - x.hypot(y)) * 2000.0 + 128.0).clamp(0.0, 255.0) as u8])
        });
        [
            Glyph::of_strokes(vec![ring.clone()]),
            Glyph::of_outline(vec![ring]),
            Glyph::of_bitmap(disc),
        ]
    }

    #[test]
    fn the_box_holds_the_ink_to_a_pixel_also_when_bent() {
        let mut rng = SeededRng::new(1, 1);
        let pen = Pen::mouse(&mut rng).solid().with_width(0.08);
        for (high, bent) in [(20.0, 0.0), (90.0, 0.0), (90.0, 0.2)] {
            let place = |[x, y]: Point| [30.3 + (x + bent * y * y) * high, 20.7 + y * high];
            for glyph in forms() {
                let mut plane = Plane::new(160, 140, 0.0);
                let reported = draw(&mut plane, &glyph, &pen, &place, &mut rng).unwrap();
                let seen = inked(&plane, 0.3).unwrap();
                let errors = [
                    reported.left - seen.left,
                    reported.top - seen.top,
                    reported.right - seen.right,
                    reported.bottom - seen.bottom,
                ];
                // A jagged line may cut corners a little.
                assert!(errors.iter().all(|error| error.abs() <= 1.6), "{errors:?}");
            }
        }
    }

    #[test]
    fn ink_beyond_the_plane_is_reported_but_not_drawn() {
        let mut rng = SeededRng::new(1, 2);
        let pen = Pen::felt(&mut rng).with_width(0.1);
        for glyph in forms() {
            let mut plane = Plane::new(50, 50, 0.0);
            let place = |[x, y]: Point| [x * 60.0 + 20.0, y * 60.0 - 25.0];
            let reported = draw(&mut plane, &glyph, &pen, &place, &mut rng).unwrap();
            assert!(
                reported.top < -24.0 && reported.right > 65.0,
                "{reported:?}"
            );
            assert!(inked(&plane, 0.3).is_some());
            let far = |[x, y]: Point| [x * 60.0 + 500.0, y * 60.0];
            let mut empty = Plane::new(50, 50, 0.0);
            assert!(draw(&mut empty, &glyph, &pen, &far, &mut rng).is_some());
            assert_eq!(inked(&empty, 1e-6), None);
        }
    }

    #[test]
    fn hard_pixels_are_inked_wholly_or_not_at_all() {
        let mut rng = SeededRng::new(1, 3);
        let pen = Pen::hard_pixels(&mut rng).solid();
        let mut plane = Plane::new(64, 64, 0.0);
        let place = |[x, y]: Point| [x * 50.0 + 7.0, y * 50.0 + 7.0];
        draw(&mut plane, &forms()[0], &pen, &place, &mut rng).unwrap();
        assert!(plane.values.iter().all(|&ink| ink == 0.0 || ink == 1.0));
    }

    #[test]
    fn a_hollow_line_has_its_edges_and_no_middle() {
        let mut rng = SeededRng::new(1, 4);
        let pen = Pen::mouse(&mut rng).solid();
        let bar = Glyph::of_strokes(vec![vec![[0.0, 0.0], [0.0, 1.0]]]);
        let place = |[x, y]: Point| [x * 80.0 + 40.0, y * 80.0 + 20.0];
        let middle = |pen: &Pen, rng: &mut SeededRng| {
            let mut plane = Plane::new(90, 120, 0.0);
            draw(&mut plane, &bar, pen, &place, rng).unwrap();
            let row = &plane.values[60 * 90..61 * 90];
            (row[42], row.iter().filter(|&&ink| ink > 0.5).count())
        };
        let (full, width) = middle(&pen.clone().with_width(0.2), &mut rng);
        let (hollow, edges) = middle(&pen.hollow(&mut rng).with_width(0.2), &mut rng);
        assert!(full > 0.9 && hollow < 0.1, "{full} {hollow}");
        assert!(edges >= 2 && edges < width, "{edges} of {width}");
    }
}
