//! What was read in a picture, drawn where it was read, and what was left unread.

use anyhow::Result;
use image::{RgbImage, imageops};
use plotters::coord::Shift;
use plotters::element::Rectangle;
use plotters::prelude::{BitMapBackend, DrawingArea, IntoDrawingArea};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor};

use super::style::{BLUE, VERMILION, WHITE};
use super::text::{Direction, Type, draw, text_width};

/// An area of a picture and what was read there.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Left, top, width and height in pixels of the picture.
    pub area: [u32; 4],
    /// A word or two, or empty.
    pub text: String,
    /// Unread marks have another colour.
    pub is_read: bool,
}

impl Mark {
    fn color(&self) -> RGBColor {
        if self.is_read { BLUE } else { VERMILION }
    }
}

/// Smaller pictures are enlarged until the longest side has at least this many pixels.
const LEGIBLE: u32 = 600;
/// Thickness of the coloured line of a box, in pixels; a white one is on both of its sides.
const LINE: i32 = 2;
/// Paper between the ink and its box, in pixels.
const GAP: i32 = 2;
/// Em of the texts as a share of the height of the boxes, and its limits in pixels.
const EM: f64 = 0.4;
const EMS: std::ops::RangeInclusive<f64> = 14.0..=42.0;
/// Height of a label, in ems.
const LABEL: f64 = 1.15;

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;
/// First and last pixel of a rectangle.
type Corners = [(i32, i32); 2];

/// The picture with a box around each mark and its text on a label beside the box, where it hides
/// no other mark if possible. A small picture is enlarged by an integer factor, so that the texts
/// are legible.
///
/// # Errors
///
/// If the bundled font cannot be read.
pub fn annotated(picture: &RgbImage, marks: &[Mark]) -> Result<RgbImage> {
    let longest = picture.width().max(picture.height()).max(1);
    let factor = LEGIBLE.div_ceil(longest);
    let size = (picture.width() * factor, picture.height() * factor);
    let mut large = imageops::resize(picture, size.0, size.1, imageops::FilterType::Nearest);
    let area = BitMapBackend::with_buffer(&mut large, size).into_drawing_area();
    let corners = |mark: &Mark| corners(mark, picture, factor);
    let boxes: Vec<Corners> = marks.iter().map(corners).collect();
    for (mark, corners) in marks.iter().zip(&boxes) {
        frame(&area, *corners, mark.color())?;
    }
    let em = em(&boxes);
    let mut taken = boxes.clone();
    for (mark, own) in marks.iter().zip(&boxes) {
        if mark.text.is_empty() {
            continue;
        }
        let spot = place(&mark.text, em, own, &taken, size)?;
        label(&area, mark, em, spot)?;
        taken.push(spot);
    }
    area.present()?;
    drop(area);
    Ok(large)
}

/// First and last pixel of the box around a mark in the enlarged picture.
fn corners(mark: &Mark, picture: &RgbImage, factor: u32) -> Corners {
    let [left, top, width, height] = mark.area;
    let right = left.saturating_add(width).min(picture.width());
    let bottom = top.saturating_add(height).min(picture.height());
    let place = |x: u32, y: u32, off: i32| ((x * factor) as i32 + off, (y * factor) as i32 + off);
    let from = place(left.min(right), top.min(bottom), -GAP);
    [from, place(right, bottom, GAP - 1)]
}

/// A box with a white line on both sides, to be visible on any background.
fn frame(area: &Area<'_>, [from, to]: Corners, line: RGBColor) -> Result<()> {
    for ring in 0..LINE + 2 {
        let color = if (1..=LINE).contains(&ring) {
            line
        } else {
            WHITE
        };
        let corners = [(from.0 - ring, from.1 - ring), (to.0 + ring, to.1 + ring)];
        area.draw(&Rectangle::new(corners, color.stroke_width(1)))?;
    }
    Ok(())
}

/// One text size for all boxes, from the median box height.
fn em(boxes: &[Corners]) -> f64 {
    let mut heights: Vec<i32> = boxes.iter().map(|[from, to]| to.1 - from.1).collect();
    heights.sort_unstable();
    let middle = heights.get(heights.len() / 2).copied().unwrap_or(0);
    (EM * f64::from(middle))
        .clamp(*EMS.start(), *EMS.end())
        .round()
}

/// The place of a box's label: above, below, right or left of it, the first of these, moved into
/// the picture, that hides nothing; else above.
fn place(
    text: &str,
    em: f64,
    own: &Corners,
    taken: &[Corners],
    size: (u32, u32),
) -> Result<Corners> {
    let (width, height) = (size.0 as i32, size.1 as i32);
    let wide = (text_width(text, em)? + em * 0.5).ceil() as i32;
    let high = (em * LABEL).ceil() as i32;
    let [from, to] = *own;
    let (centred, off) = ((from.0 + to.0 - wide) / 2, LINE + 3);
    let spots = [
        (centred, from.1 - off - high),
        (centred, to.1 + off),
        (to.0 + off, from.1),
        (from.0 - off - wide, from.1),
    ];
    let inside = |(left, top): (i32, i32)| {
        let left = left.min(width - 1 - wide).max(0);
        (left, top.min(height - 1 - high).max(0))
    };
    let free = |spot: &(i32, i32)| {
        let (left, top) = *spot;
        let hides = |[from, to]: &Corners| {
            left <= to.0 && from.0 <= left + wide && top <= to.1 && from.1 <= top + high
        };
        !taken.iter().any(hides)
    };
    let free = spots.into_iter().map(inside).find(free);
    let (left, top) = free.unwrap_or(inside(spots[0]));
    Ok([(left, top), (left + wide, top + high)])
}

/// A mark's text in white on a label with a white rim.
fn label(area: &Area<'_>, mark: &Mark, em: f64, [from, to]: Corners) -> Result<()> {
    let rim = [(from.0 - 1, from.1 - 1), (to.0 + 1, to.1 + 1)];
    area.draw(&Rectangle::new(rim, WHITE.filled()))?;
    area.draw(&Rectangle::new([from, to], mark.color().filled()))?;
    let style = Type {
        em,
        color: WHITE,
        anchor: HPos::Center,
    };
    // Digits of Open Sans are 0.714 em high.
    let baseline = (f64::from(from.1 + to.1) / 2.0 + 0.357 * em).round() as i32;
    draw(
        area,
        &mark.text,
        ((from.0 + to.0) / 2, baseline),
        style,
        Direction::Across,
    )
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn mark(area: [u32; 4]) -> Mark {
        Mark {
            area,
            text: "7".to_owned(),
            is_read: true,
        }
    }

    fn blue(picture: &RgbImage) -> impl Iterator<Item = (u32, u32)> + '_ {
        of_color(picture, BLUE)
    }

    fn of_color(picture: &RgbImage, color: RGBColor) -> impl Iterator<Item = (u32, u32)> + '_ {
        let pixels = picture.enumerate_pixels();
        pixels
            .filter(move |(_, _, pixel)| pixel.0 == [color.0, color.1, color.2])
            .map(|(x, y, _)| (x, y))
    }

    #[test]
    fn an_unread_mark_has_another_colour_and_needs_no_label() {
        let picture = RgbImage::from_pixel(900, 500, Rgb([255; 3]));
        let unread = Mark {
            text: String::new(),
            is_read: false,
            ..mark([300, 200, 80, 120])
        };
        let drawn = annotated(&picture, &[unread]).unwrap();
        assert_eq!(blue(&drawn).count(), 0);
        let rows = || of_color(&drawn, VERMILION).map(|(_, y)| y);
        assert!(rows().min() >= Some(190) && rows().max() <= Some(330));
        assert!(rows().count() > 400);
    }

    #[test]
    fn a_box_surrounds_its_ink_and_covers_none_of_it() {
        let picture = RgbImage::from_pixel(900, 500, Rgb([90, 120, 60]));
        let drawn = annotated(&picture, &[mark([300, 200, 80, 120])]).unwrap();
        assert_eq!(drawn.dimensions(), (900, 500));
        for (x, y) in [(300, 200), (379, 319), (340, 260)] {
            assert_eq!(drawn.get_pixel(x, y), picture.get_pixel(x, y));
        }
        let (left, right) = (
            blue(&drawn).map(|p| p.0).min(),
            blue(&drawn).map(|p| p.0).max(),
        );
        assert!((290..300).contains(&left.unwrap()) && (380..390).contains(&right.unwrap()));
        assert!(
            blue(&drawn).any(|(_, y)| (140..190).contains(&y)),
            "no label above"
        );
    }

    #[test]
    fn a_small_picture_is_enlarged_and_its_marks_with_it() {
        let picture = RgbImage::from_pixel(28, 20, Rgb([255; 3]));
        let drawn = annotated(&picture, &[mark([14, 10, 7, 8])]).unwrap();
        assert_eq!(drawn.width() % 28, 0);
        let factor = drawn.width() / 28;
        assert!(drawn.width() >= LEGIBLE);
        let framed = blue(&drawn).filter(|(_, y)| *y == 14 * factor);
        assert!(framed.map(|p| p.0).min().unwrap().abs_diff(14 * factor) < 8);
    }

    #[test]
    fn a_label_hides_no_other_mark() {
        let picture = RgbImage::from_pixel(800, 600, Rgb([200; 3]));
        let (upper, lower) = ([300, 100, 60, 80], [300, 200, 60, 80]);
        let drawn = annotated(&picture, &[mark(upper), mark(lower)]).unwrap();
        for [left, top, width, height] in [upper, lower] {
            let hidden = blue(&drawn).filter(|(x, y)| {
                (left..left + width).contains(x) && (top..top + height).contains(y)
            });
            assert_eq!(hidden.count(), 0);
        }
    }

    #[test]
    fn marks_at_or_beyond_the_border_keep_their_labels_in_the_picture() {
        let picture = RgbImage::from_pixel(700, 60, Rgb([255; 3]));
        for area in [
            [0, 0, 700, 60],
            [680, 5, 20, 50],
            [690, 50, u32::MAX, 99],
            [0; 4],
        ] {
            let drawn = annotated(&picture, &[mark(area)]).unwrap();
            assert_eq!(drawn.dimensions(), (700, 60));
            assert!(blue(&drawn).count() > 200, "{area:?}");
        }
    }
}
