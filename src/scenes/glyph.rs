//! One digit, letter, word or sign as somebody wrote it, without a pen and without a place.

mod curve;
mod style;

use image::GrayImage;

use super::Point;

pub(super) use curve::{shaken, smooth};
pub(super) use style::Style;

/// Least height of a frame in its widths, so that a dash does not become a beam.
const FLATTEST: f32 = 0.2;
/// Least width of a frame in heights, so that a plain stick still has one.
const NARROWEST: f32 = 0.05;

/// What was written, in a frame of its own: its ink's box is 1 high and `width` wide, from `[0, 0]` at
/// the top left. Ink of pens reaches half a pen's width beyond the frame of strokes.
///
/// The frame of a stick is a twentieth wide at least, that of a dash a fifth of its width high, with
/// the ink in the middle.
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

impl Glyph {
    /// The pen's ways on any scale, `y` down, fitted into a frame of their own.
    pub fn of_strokes(mut strokes: Vec<Vec<Point>>) -> Self {
        let width = fit(&mut strokes);
        Self {
            form: Form::Strokes(strokes),
            width,
        }
    }

    /// Closed outlines on any scale, `y` down, fitted into a frame of their own.
    pub fn of_outline(mut contours: Vec<Vec<Point>>) -> Self {
        let width = fit(&mut contours);
        Self {
            form: Form::Outline(contours),
            width,
        }
    }

    /// Ink (255 is full) that reaches to all four edges of the image.
    pub fn of_bitmap(image: GrayImage) -> Self {
        let width = image.width() as f32 / image.height().max(1) as f32;
        Self {
            form: Form::Bitmap(image),
            width,
        }
    }
}

/// The least and the greatest coordinates of all points, or `None` where there is no point.
pub(super) fn extent(lines: &[Vec<Point>]) -> Option<[Point; 2]> {
    let mut points = lines.iter().flatten();
    let &first = points.next()?;
    let grow = |[low, high]: [Point; 2], point: &Point| {
        [
            [low[0].min(point[0]), low[1].min(point[1])],
            [high[0].max(point[0]), high[1].max(point[1])],
        ]
    };
    Some(points.fold([first, first], grow))
}

/// Scales lines into a frame that is 1 high; returns its width.
fn fit(lines: &mut [Vec<Point>]) -> f32 {
    let Some([low, high]) = extent(lines) else {
        return NARROWEST;
    };
    let (across, down) = (high[0] - low[0], high[1] - low[1]);
    let height = down.max(across * FLATTEST).max(f32::MIN_POSITIVE);
    let width = (across / height).max(NARROWEST);
    let middle = [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0];
    for point in lines.iter_mut().flatten() {
        point[0] = (point[0] - middle[0]) / height + width / 2.0;
        point[1] = (point[1] - middle[1]) / height + 0.5;
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_fill_their_frame_and_dashes_lie_in_its_middle() {
        let tall = Glyph::of_strokes(vec![vec![[10.0, 20.0], [30.0, 60.0]]]);
        assert_eq!(tall.width, 0.5);
        let Form::Strokes(ways) = tall.form else {
            unreachable!("made of strokes")
        };
        assert_eq!(ways, [[[0.0, 0.0], [0.5, 1.0]]]);
        let dash = Glyph::of_strokes(vec![vec![[0.0, 7.0], [50.0, 7.0]]]);
        assert_eq!(dash.width, 5.0);
        let dot = Glyph::of_strokes(vec![vec![[3.0, 3.0]]]);
        let Form::Strokes(ways) = dot.form else {
            unreachable!("made of strokes")
        };
        assert_eq!(ways[0][0], [NARROWEST / 2.0, 0.5]);
    }
}
