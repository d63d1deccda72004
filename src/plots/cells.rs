//! A sheet with what was read drawn in each of its cells.

use anyhow::Result;
use image::{RgbImage, imageops};
use plotters::coord::Shift;
use plotters::element::{PathElement, Polygon, Rectangle};
use plotters::prelude::{BitMapBackend, DrawingArea, IntoDrawingArea};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor};

use super::style::{BLUE, VERMILION, WHITE};
use super::text::{Direction, Type, draw, text_width};

/// A cell of a sheet.
#[derive(Clone, Debug)]
pub struct CellMark {
    /// Clockwise from the top left, in pixels of the picture.
    pub corners: [[f32; 2]; 4],
    /// What was read, or empty.
    pub text: String,
    /// Those that someone should look at have another colour.
    pub is_doubtful: bool,
}

/// Smaller pictures are enlarged until the longest side has at least this many pixels.
const LEGIBLE: u32 = 1200;
/// Em of a text as a share of its cell's height, and its limits in pixels.
const EM: f32 = 0.35;
const EMS: [f32; 2] = [11.0, 36.0];
/// Thickness of the line around a cell, in pixels.
const LINE: u32 = 2;
/// How much the colour of a doubtful cell covers of what is written in it.
const TINT: f64 = 0.25;
/// Farthest that a corner may lie outside the picture, in pixels.
const OUTSIDE: f32 = 10_000.0;

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// The picture with a line around each cell and its text in the top left corner. A small picture is
/// enlarged by an integer factor, so that the texts are legible.
///
/// # Errors
/// If the bundled font cannot be read.
pub fn cells(picture: &RgbImage, marks: &[CellMark]) -> Result<RgbImage> {
    let longest = picture.width().max(picture.height()).max(1);
    let factor = LEGIBLE.div_ceil(longest);
    let size = (picture.width() * factor, picture.height() * factor);
    let mut large = imageops::resize(picture, size.0, size.1, imageops::FilterType::Nearest);
    let area = BitMapBackend::with_buffer(&mut large, size).into_drawing_area();
    // Doubtful ones last, so that no neighbour's line covers theirs.
    for is_doubtful in [false, true] {
        for mark in marks.iter().filter(|mark| mark.is_doubtful == is_doubtful) {
            cell(&area, mark, factor as f32)?;
        }
    }
    area.present()?;
    drop(area);
    Ok(large)
}

fn cell(area: &Area<'_>, mark: &CellMark, factor: f32) -> Result<()> {
    let place = |length: f32| (factor * length).clamp(-OUTSIDE, OUTSIDE).round() as i32;
    let corners = mark.corners.map(|[x, y]| (place(x), place(y)));
    let color = if mark.is_doubtful { VERMILION } else { BLUE };
    if mark.is_doubtful {
        area.draw(&Polygon::new(corners, color.mix(TINT)))?;
    }
    let outline: Vec<_> = corners.into_iter().chain([corners[0]]).collect();
    area.draw(&PathElement::new(outline, color.stroke_width(LINE)))?;
    if mark.text.is_empty() {
        return Ok(());
    }
    let height = factor * (mark.corners[3][1] - mark.corners[0][1]).abs();
    let em = (EM * height).clamp(EMS[0], EMS[1]).round();
    label(area, &mark.text, f64::from(em), corners[0], color)
}

/// A text in white on a label whose top left corner is there.
fn label(area: &Area<'_>, text: &str, em: f64, from: (i32, i32), color: RGBColor) -> Result<()> {
    let wide = (text_width(text, em)? + 0.4 * em).ceil() as i32;
    let high = em.ceil() as i32;
    let to = (from.0 + wide, from.1 + high);
    area.draw(&Rectangle::new([from, to], color.filled()))?;
    let style = Type {
        em,
        color: WHITE,
        anchor: HPos::Center,
    };
    // Digits of Open Sans are 0.714 em high.
    let baseline = (f64::from(from.1 + to.1) / 2.0 + 0.357 * em).round() as i32;
    let middle = (from.0 + to.0) / 2;
    draw(area, text, (middle, baseline), style, Direction::Across)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn mark(left: f32, is_doubtful: bool, text: &str) -> CellMark {
        let (right, top, bottom) = (left + 200.0, 100.0, 200.0);
        CellMark {
            corners: [[left, top], [right, top], [right, bottom], [left, bottom]],
            text: text.to_owned(),
            is_doubtful,
        }
    }

    fn count(picture: &RgbImage, color: RGBColor) -> usize {
        let wanted = [color.0, color.1, color.2];
        picture.pixels().filter(|pixel| pixel.0 == wanted).count()
    }

    #[test]
    fn doubtful_cells_have_another_colour_and_stay_legible() {
        let picture = RgbImage::from_pixel(1200, 400, Rgb([240; 3]));
        let marks = [mark(100.0, false, "12"), mark(300.0, true, "7")];
        let drawn = cells(&picture, &marks).unwrap();
        assert_eq!(drawn.dimensions(), (1200, 400));
        assert!(count(&drawn, BLUE) > 500 && count(&drawn, VERMILION) > 500);
        assert_eq!(drawn.get_pixel(200, 170).0, [240; 3]);
        let tinted = drawn.get_pixel(400, 170).0;
        assert!(tinted[0] > 200 && tinted[2] < tinted[0], "{tinted:?}");
    }

    #[test]
    fn an_empty_cell_has_no_label() {
        let picture = RgbImage::from_pixel(1200, 400, Rgb([240; 3]));
        let blue = |text| count(&cells(&picture, &[mark(100.0, false, text)]).unwrap(), BLUE);
        assert!(blue("88") > blue("") + 300);
    }

    #[test]
    fn cells_anywhere_and_small_pictures_are_drawn() {
        let picture = RgbImage::from_pixel(30, 20, Rgb([255; 3]));
        let mut far = mark(-1e9, true, "1");
        far.corners[2] = [f32::MAX, f32::NAN];
        let drawn = cells(&picture, &[far, mark(0.0, false, "")]).unwrap();
        assert!(drawn.width() >= LEGIBLE && drawn.width() * 20 == drawn.height() * 30);
        assert_eq!(cells(&picture, &[]).unwrap().width(), 1200);
    }
}
