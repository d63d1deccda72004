//! One digit, letter, word or sign as somebody wrote it, without a pen and without a position.

mod curve;
mod style;

use image::GrayImage;

use super::Point;

pub(super) use curve::{add_tremor, smooth};
pub(super) use style::Style;

/// Least height of a frame in its widths, so that a dash does not become a bar.
const MIN_FRAME_HEIGHT: f32 = 0.2;
/// Least width of a frame in its heights, so that even a vertical line has a width.
const MIN_FRAME_WIDTH: f32 = 0.05;

/// Something written, in its own frame: the box of its ink is 1 high and `width` wide, with its
/// top left at `[0, 0]`. The ink of strokes reaches half a pen's width beyond the frame.
///
/// The frame of a vertical line is at least a twentieth wide, that of a dash at least a fifth of
/// its width high, with the ink in the middle.
#[derive(Clone, Debug)]
pub struct Glyph {
    /// The representation of its shape.
    pub form: Form,
    /// Width of its box in heights.
    pub width: f32,
}

/// The representation of a glyph's shape.
#[derive(Clone, Debug)]
pub enum Form {
    /// Pen strokes, each without lifting the pen; a stroke of one point is a dot.
    Strokes(Vec<Vec<Point>>),
    /// Closed outlines as polygons, filled by the nonzero winding rule.
    Outline(Vec<Vec<Point>>),
    /// Ink as an image that fills the box: 255 is ink. Pens do not affect it.
    Bitmap(GrayImage),
}

impl Glyph {
    /// Strokes at any scale, `y` down, fitted into their own frame.
    pub fn of_strokes(mut strokes: Vec<Vec<Point>>) -> Self {
        let width = fit(&mut strokes);
        Self {
            form: Form::Strokes(strokes),
            width,
        }
    }

    /// Closed outlines at any scale, `y` down, fitted into their own frame.
    pub fn of_outline(mut contours: Vec<Vec<Point>>) -> Self {
        let width = fit(&mut contours);
        Self {
            form: Form::Outline(contours),
            width,
        }
    }

    /// An image of ink (255 is full) that touches all four edges.
    pub fn of_bitmap(image: GrayImage) -> Self {
        let width = image.width() as f32 / image.height().max(1) as f32;
        Self {
            form: Form::Bitmap(image),
            width,
        }
    }
}

/// The least and the greatest coordinates of all points, or `None` without points.
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
        return MIN_FRAME_WIDTH;
    };
    let (across, down) = (high[0] - low[0], high[1] - low[1]);
    let height = down.max(across * MIN_FRAME_HEIGHT).max(f32::MIN_POSITIVE);
    let width = (across / height).max(MIN_FRAME_WIDTH);
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
        let Form::Strokes(strokes) = tall.form else {
            unreachable!("made of strokes")
        };
        assert_eq!(strokes, [[[0.0, 0.0], [0.5, 1.0]]]);
        let dash = Glyph::of_strokes(vec![vec![[0.0, 7.0], [50.0, 7.0]]]);
        assert_eq!(dash.width, 5.0);
        let dot = Glyph::of_strokes(vec![vec![[3.0, 3.0]]]);
        let Form::Strokes(strokes) = dot.form else {
            unreachable!("made of strokes")
        };
        assert_eq!(strokes[0][0], [MIN_FRAME_WIDTH / 2.0, 0.5]);
    }
}
