//! A white picture to draw on, in pixels of the finished image.
//!
//! plotters antialiases neither thick lines nor polygons, and places letters on whole pixels. So
//! everything is drawn several times as large and averaged down, which solves both.

use anyhow::{Context, Result, ensure};
use image::{RgbImage, imageops};
use plotters::coord::Shift;
use plotters::element::{BitMapElement, DashedPathElement, PathElement, Polygon, Rectangle};
use plotters::prelude::{BitMapBackend, DrawingArea, IntoDrawingArea};
use plotters::style::{Color, RGBColor, ShapeStyle};

use super::style::WHITE;
use super::text::{self, Direction, Type};

/// A place on the picture: pixels from the left and from the top.
pub(super) type Point = (f64, f64);

/// Side of a digit, in its own pixels.
pub(super) const DIGIT: u32 = crate::tensors::SIDE as u32;

const OVERSAMPLING: u32 = 3;

/// The drawing surface of one picture.
pub(super) struct Canvas<'a> {
    area: DrawingArea<BitMapBackend<'a>, Shift>,
}

impl Canvas<'_> {
    /// The picture of `width` x `height` pixels that `draw` makes on white.
    pub fn picture(
        width: f64,
        height: f64,
        draw: impl FnOnce(&Canvas<'_>) -> Result<()>,
    ) -> Result<RgbImage> {
        let (width, height) = (width.ceil() as u32, height.ceil() as u32);
        let size = (width * OVERSAMPLING, height * OVERSAMPLING);
        let mut large = RgbImage::new(size.0, size.1);
        let canvas = Canvas {
            area: BitMapBackend::with_buffer(&mut large, size).into_drawing_area(),
        };
        canvas.area.fill(&WHITE)?;
        draw(&canvas)?;
        canvas.area.present()?;
        drop(canvas);
        Ok(imageops::thumbnail(&large, width, height))
    }

    /// One line of text whose baseline runs through `point`.
    pub fn text(&self, text: &str, point: Point, style: Type) -> Result<()> {
        let style = style.enlarged(OVERSAMPLING);
        text::draw(&self.area, text, enlarge(point), style, Direction::Across)
    }

    /// One line of text that reads upwards; its baseline runs through `point`.
    pub fn upward_text(&self, text: &str, point: Point, style: Type) -> Result<()> {
        let style = style.enlarged(OVERSAMPLING);
        text::draw(&self.area, text, enlarge(point), style, Direction::Upward)
    }

    /// A line through `points`, `width` pixels thick.
    pub fn line(&self, points: &[Point], color: RGBColor, width: f64) -> Result<()> {
        let points: Vec<_> = points.iter().copied().map(enlarge).collect();
        Ok(self
            .area
            .draw(&PathElement::new(points, stroke(color, width)))?)
    }

    /// A dashed line through `points`, `width` pixels thick.
    pub fn dashed(&self, points: &[Point], color: RGBColor, width: f64) -> Result<()> {
        let points: Vec<_> = points.iter().copied().map(enlarge).collect();
        let (dash, gap) = (6 * OVERSAMPLING, 4 * OVERSAMPLING);
        let style = stroke(color, width);
        Ok(self
            .area
            .draw(&DashedPathElement::new(points, dash, gap, style))?)
    }

    /// A filled polygon: `outline` times `radius` around `center`.
    pub fn shape(
        &self,
        outline: &[Point],
        center: Point,
        radius: f64,
        color: RGBColor,
    ) -> Result<()> {
        let place = |&(x, y): &Point| enlarge((center.0 + x * radius, center.1 + y * radius));
        let points: Vec<_> = outline.iter().map(place).collect();
        Ok(self.area.draw(&Polygon::new(points, color))?)
    }

    /// A filled rectangle.
    pub fn rectangle(&self, corner: Point, size: Point, color: RGBColor) -> Result<()> {
        let (from, to) = (
            enlarge(corner),
            enlarge((corner.0 + size.0, corner.1 + size.1)),
        );
        Ok(self
            .area
            .draw(&Rectangle::new([from, to], color.filled()))?)
    }

    /// A digit as dark ink on white in a hairline frame, each of its pixels a square of `factor`.
    pub fn digit(&self, pixels: &[u8], corner: Point, factor: u32, frame: RGBColor) -> Result<()> {
        let side = DIGIT * factor;
        let digit = RgbImage::from_fn(side, side, |x, y| {
            let ink = pixels[(y / factor * DIGIT + x / factor) as usize];
            image::Rgb([255 - ink; 3])
        });
        self.bitmap(&digit, corner, frame)
    }

    /// A picture, pixel for pixel, in a hairline frame.
    pub fn bitmap(&self, picture: &RgbImage, corner: Point, frame: RGBColor) -> Result<()> {
        let (width, height) = picture.dimensions();
        self.rectangle(
            (corner.0 - 1.0, corner.1 - 1.0),
            (f64::from(width) + 2.0, f64::from(height) + 2.0),
            frame,
        )?;
        let size = (width * OVERSAMPLING, height * OVERSAMPLING);
        let large = imageops::resize(picture, size.0, size.1, imageops::FilterType::Nearest);
        let bitmap = BitMapElement::with_owned_buffer(enlarge(corner), size, large.into_raw());
        let bitmap = bitmap.context("enlarging a picture")?;
        Ok(self.area.draw(&bitmap)?)
    }
}

/// Checks that the digit's pixels are complete.
pub(super) fn check_digit(pixels: &[u8], index: usize) -> Result<()> {
    let expected = (DIGIT * DIGIT) as usize;
    ensure!(
        pixels.len() == expected,
        "digit {index} has {} pixels instead of {expected} (28 x 28)",
        pixels.len()
    );
    Ok(())
}

fn stroke(color: RGBColor, width: f64) -> ShapeStyle {
    color.stroke_width((width * f64::from(OVERSAMPLING)).round() as u32)
}

fn enlarge((x, y): Point) -> (i32, i32) {
    let scale = f64::from(OVERSAMPLING);
    ((x * scale).round() as i32, (y * scale).round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::style::INK;
    use image::Rgb;
    use plotters::style::text_anchor::HPos;

    #[test]
    fn a_digit_is_enlarged_without_blur() {
        let pixels: Vec<u8> = (0..784).map(|index| (index % 251) as u8).collect();
        let picture = Canvas::picture(66.0, 66.0, |canvas| {
            canvas.digit(&pixels, (5.0, 6.0), 2, INK)
        });
        let picture = picture.unwrap();
        for (x, y) in (0..56).flat_map(|y| (0..56).map(move |x| (x, y))) {
            let ink = pixels[(y / 2 * 28 + x / 2) as usize];
            assert_eq!(
                *picture.get_pixel(5 + x, 6 + y),
                Rgb([255 - ink; 3]),
                "at {x}, {y}"
            );
        }
    }

    #[test]
    fn text_is_on_its_baseline() {
        let style = Type {
            em: 20.0,
            color: INK,
            anchor: HPos::Left,
        };
        let picture = Canvas::picture(80.0, 60.0, |canvas| canvas.text("HE", (10.0, 40.0), style));
        let picture = picture.unwrap();
        let inked: Vec<u32> = picture
            .enumerate_pixels()
            .filter(|(_, _, p)| p[0] < 128)
            .map(|(_, y, _)| y)
            .collect();
        assert_eq!(inked.iter().max(), Some(&39));
        // Cap height of Open Sans: 0.714 em.
        assert!((25..=26).contains(inked.iter().min().unwrap()));
    }
}
