//! Misread pictures, each beside what the network saw of it.

use anyhow::{Result, ensure};
use image::{DynamicImage, GrayImage, RgbImage, imageops};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, DIGIT, Point};
use super::style::{BODY, GREY, HAIRLINE, INK, MARGIN, SMALL, TITLE};
use super::text::{Type, fitted};

/// A misread picture.
#[derive(Clone, Debug)]
pub struct Misread {
    /// The picture in colour, of any size.
    pub picture: RgbImage,
    /// What the network saw of it if that is one digit, of any size.
    pub seen: Option<GrayImage>,
    /// What it shows and what it was read as, in one short line.
    pub words: String,
    /// The picture's name.
    pub name: String,
}

const COLUMNS: usize = 4;
const FACTOR: u32 = 5;
/// Side of what the network saw, and maximum height of a picture.
const SIDE: u32 = DIGIT * FACTOR;
const INNER_GAP: u32 = 8;
/// Room for a picture and what was seen of it.
const ROOM: u32 = 2 * SIDE + INNER_GAP;
const GAP: f64 = 26.0;
const CAPTIONS: f64 = 44.0;
const TOP: f64 = MARGIN + 50.0;

/// All `pictures` in reading order under `title`: on the left the picture, on the right what the
/// network saw, below them words and name.
///
/// # Errors
///
/// If there is no picture.
pub fn misread(pictures: &[Misread], title: &str) -> Result<RgbImage> {
    ensure!(!pictures.is_empty(), "there is no picture to draw");
    let cell = (f64::from(ROOM) + GAP, f64::from(SIDE) + CAPTIONS + GAP);
    let columns = pictures.len().clamp(2, COLUMNS);
    let rows = pictures.len().div_ceil(columns);
    let width = columns as f64 * cell.0 - GAP + 2.0 * MARGIN;
    let height = TOP + rows as f64 * cell.1 - GAP + MARGIN;
    Canvas::picture(width, height, |canvas| {
        let heading = style(TITLE, INK);
        let title = fitted(title, TITLE, width - 2.0 * MARGIN)?;
        canvas.text(&title, (MARGIN, MARGIN + 20.0), heading)?;
        for (index, picture) in pictures.iter().enumerate() {
            let left = MARGIN + (index % columns) as f64 * cell.0;
            let top = TOP + (index / columns) as f64 * cell.1;
            draw(canvas, picture, (left, top))?;
        }
        Ok(())
    })
}

fn style(em: f64, color: RGBColor) -> Type {
    Type {
        em,
        color,
        anchor: HPos::Left,
    }
}

fn draw(canvas: &Canvas<'_>, picture: &Misread, (left, top): Point) -> Result<()> {
    let room = match &picture.seen {
        Some(_) => (SIDE, SIDE),
        None => (ROOM, SIDE),
    };
    canvas.bitmap(&thumbnail(&picture.picture, room), (left, top), HAIRLINE)?;
    if let Some(seen) = &picture.seen {
        let right = left + f64::from(SIDE + INNER_GAP);
        let seen = DynamicImage::from(seen.clone()).into_rgb8();
        canvas.bitmap(&thumbnail(&seen, (SIDE, SIDE)), (right, top), HAIRLINE)?;
    }
    let bottom = top + f64::from(SIDE);
    for (text, em, color, below) in [
        (&picture.words, BODY, INK, 20.0),
        (&picture.name, SMALL, GREY, 38.0),
    ] {
        let text = fitted(text, em, f64::from(ROOM))?;
        canvas.text(&text, (left, bottom + below), style(em, color))?;
    }
    Ok(())
}

/// The picture as large as fits the room, tiny ones enlarged by an integer factor.
fn thumbnail(picture: &RgbImage, (most_width, most_height): (u32, u32)) -> RgbImage {
    let (width, height) = picture.dimensions();
    let factor = (most_width / width).min(most_height / height);
    if factor > 0 {
        let (width, height) = (width * factor, height * factor);
        return imageops::resize(picture, width, height, imageops::FilterType::Nearest);
    }
    let scale = f64::from(most_width) / f64::from(width);
    let scale = scale.min(f64::from(most_height) / f64::from(height));
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    imageops::thumbnail(picture, side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    const RED: Rgb<u8> = Rgb([200, 0, 0]);

    fn sheet(picture: RgbImage, seen: Option<GrayImage>, count: usize) -> Result<RgbImage> {
        let one = Misread {
            picture,
            seen,
            words: "4 read as 9, 97.3 %".to_owned(),
            name: "a-rather-long-name-of-somebody's-own-picture-of-a-four.png".to_owned(),
        };
        misread(&vec![one; count], "Misread")
    }

    fn red(sheet: &RgbImage) -> usize {
        sheet.pixels().filter(|&&pixel| pixel == RED).count()
    }

    #[test]
    fn every_picture_is_drawn_with_its_aspect_ratio_kept() {
        let side = SIDE as usize;
        let sizes = [
            (28, 28, side * side),
            (1000, 500, side * side / 2),
            (100, 90, 9000),
            (1, 900, side),
        ];
        for (width, height, expected) in sizes {
            let picture = RgbImage::from_pixel(width, height, RED);
            let sheet = sheet(picture, Some(GrayImage::new(28, 28)), 5).unwrap();
            assert_eq!(red(&sheet), 5 * expected, "{width} x {height}");
        }
        let row = RgbImage::from_pixel(1000, 250, RED);
        let sheet = sheet(row, None, 1).unwrap();
        assert_eq!(red(&sheet), ROOM as usize * (ROOM as usize / 4));
    }

    #[test]
    fn no_picture_is_an_error() {
        assert!(misread(&[], "Misread").is_err());
    }
}
