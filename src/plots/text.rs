//! Text in the bundled font, so that a machine without any fonts draws the same letters.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, InvalidFont, PxScaleFont, ScaleFont, point};
use anyhow::{Context, Result};
use plotters::coord::Shift;
use plotters::prelude::{BitMapBackend, DrawingArea};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, RGBColor};

/// How a text is set: its em in pixels, its colour, and which part of it is at the point.
#[derive(Clone, Copy)]
pub(super) struct Type {
    pub em: f64,
    pub color: RGBColor,
    pub anchor: HPos,
}

impl Type {
    /// The same for a picture `factor` times as large.
    pub fn enlarged(self, factor: u32) -> Self {
        Self {
            em: self.em * f64::from(factor),
            ..self
        }
    }
}

/// Which way a line of text runs.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    Across,
    Upward,
}

static FONT: LazyLock<Result<FontRef<'static>, InvalidFont>> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("font/OpenSans-Regular.ttf")));

fn font(em: f64) -> Result<PxScaleFont<&'static FontRef<'static>>> {
    let font = FONT
        .as_ref()
        .context("reading the bundled font Open Sans")?;
    let units_per_em = font.units_per_em().context("the bundled font has no em")?;
    // ab_glyph sizes a font by ascent plus descent, not by the em.
    Ok(font.as_scaled(em as f32 * font.height_unscaled() / units_per_em))
}

/// One line of text whose baseline runs through `(x, y)`.
///
/// plotters would draw text too, but omits the space at the left of each letter.
pub(super) fn draw(
    area: &DrawingArea<BitMapBackend<'_>, Shift>,
    text: &str,
    (x, y): (i32, i32),
    style: Type,
    direction: Direction,
) -> Result<()> {
    let font = font(style.em)?;
    let width = advance(&font, text);
    let start = match style.anchor {
        HPos::Left => 0.0,
        HPos::Center => -width / 2.0,
        HPos::Right => -width,
    };
    let mut drawn = Ok(());
    for (end, letter) in text.char_indices() {
        let mut glyph = font.scaled_glyph(letter);
        glyph.position = point(start + advance(&font, &text[..end]), 0.0);
        let Some(outline) = font.outline_glyph(glyph) else {
            continue;
        };
        let corner = outline.px_bounds().min;
        outline.draw(|column, row, coverage| {
            let (right, down) = (
                corner.x as i32 + column as i32,
                corner.y as i32 + row as i32,
            );
            let pixel = match direction {
                Direction::Across => (x + right, y + down),
                Direction::Upward => (x + down, y - right),
            };
            let painted = area.draw_pixel(pixel, &style.color.mix(f64::from(coverage)));
            drawn = std::mem::replace(&mut drawn, Ok(())).and(painted);
        });
    }
    Ok(drawn?)
}

/// How far `text` moves the pen, in pixels.
fn advance(font: &PxScaleFont<&FontRef<'_>>, text: &str) -> f32 {
    let glyphs = text.chars().map(|letter| font.glyph_id(letter));
    let (total, _) = glyphs.fold((0.0, None), |(total, previous), glyph| {
        let kerning = previous.map_or(0.0, |previous| font.kern(previous, glyph));
        (total + kerning + font.h_advance(glyph), Some(glyph))
    });
    total
}

/// Width of `text` in pixels when set with this em.
pub(super) fn text_width(text: &str, em: f64) -> Result<f64> {
    Ok(f64::from(advance(&font(em)?, text)))
}

/// `text`, or as much of its beginning as fits into `width` pixels, with an ellipsis.
pub(super) fn fitted(text: &str, em: f64, width: f64) -> Result<String> {
    if text_width(text, em)? <= width {
        return Ok(text.to_owned());
    }
    let mut kept: Vec<char> = text.chars().collect();
    loop {
        kept.pop();
        let shortened: String = kept.iter().chain(&['…']).collect();
        if kept.is_empty() || text_width(&shortened, em)? <= width {
            return Ok(shortened);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_to_fit() {
        let text = "a rather long name for a training run";
        assert_eq!(fitted(text, 14.0, 1000.0).unwrap(), text);
        let cut = fitted(text, 14.0, 100.0).unwrap();
        assert!(cut.ends_with('…') && text_width(&cut, 14.0).unwrap() <= 100.0);
    }
}
