//! Text in the bundled font, so that a machine without any fonts draws the same letters.

use std::sync::LazyLock;

use anyhow::{Result, ensure};
use plotters::coord::Shift;
use plotters::prelude::{BitMapBackend, DrawingArea};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, register_font};

/// How a text is set: its em in pixels, its colour, and which part of it stands at the point.
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

/// plotters sizes a font by ascent plus descent (of this one 2189 + 600 units), typographers by
/// the em (2048).
const HEIGHT_PER_EM: f64 = 2789.0 / 2048.0;

/// Widths are measured at this many times the size, because plotters rounds them to whole pixels.
const MEASURE: f64 = 8.0;

static FONT_IS_READY: LazyLock<bool> = LazyLock::new(|| {
    let bytes = include_bytes!("font/OpenSans-Regular.ttf");
    register_font("Open Sans", FontStyle::Normal, bytes).is_ok()
});

fn font(em: f64) -> Result<FontDesc<'static>> {
    ensure!(*FONT_IS_READY, "the bundled font Open Sans cannot be read");
    let family = FontFamily::Name("Open Sans");
    Ok(FontDesc::new(family, em * HEIGHT_PER_EM, FontStyle::Normal))
}

/// One line of text whose baseline runs through `(x, y)`.
pub(super) fn draw(
    area: &DrawingArea<BitMapBackend<'_>, Shift>,
    text: &str,
    (x, y): (i32, i32),
    style: Type,
    direction: Direction,
) -> Result<()> {
    // plotters puts the baseline half the font's size below the point it is given.
    let rise = (style.em * HEIGHT_PER_EM / 2.0).round() as i32;
    let (corner, turn) = match direction {
        Direction::Across => ((x, y - rise), FontTransform::None),
        Direction::Upward => ((x - rise, y), FontTransform::Rotate270),
    };
    let anchor = Pos::new(style.anchor, VPos::Top);
    let font = font(style.em)?.transform(turn);
    let style = font.color(&style.color).pos(anchor);
    Ok(area.draw_text(text, &style, corner)?)
}

/// Width of `text` in pixels when set with this em.
pub(super) fn text_width(text: &str, em: f64) -> Result<f64> {
    let (width, _) = font(em * MEASURE)?.box_size(text)?;
    Ok(f64::from(width) / MEASURE)
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
