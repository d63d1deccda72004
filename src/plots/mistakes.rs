//! The worst mistakes of a model, as a grid of digits.

use anyhow::Result;
use indicatif::HumanCount;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, DIGIT, Point};
use super::style::{HAIRLINE, HEADING, INK, SMALL};
use super::text::Type;
use crate::percent::percent;

/// A misread digit.
#[derive(Clone, Copy, Debug)]
pub struct Mistake<'a> {
    /// 28 x 28 pixels, row by row, 0 (paper) to 255 (ink).
    pub pixels: &'a [u8],
    /// The true digit, 0 to 9.
    pub label: u8,
    /// The predicted digit, 0 to 9.
    pub predicted: u8,
    /// The model's confidence in its wrong answer, 0 to 1.
    pub confidence: f64,
}

const COLUMNS: usize = 5;
const ROWS: usize = 5;
const FACTOR: u32 = 3;
const GAP: f64 = 10.0;
const CELL: (f64, f64) = (124.0, 118.0);

/// Width of a grid of `count` mistakes and of its title, in pixels.
pub(super) fn width(count: usize) -> f64 {
    count.clamp(2, COLUMNS) as f64 * CELL.0 - GAP
}

/// The first of `mistakes` with their heading, the grid's corner at `(left, top)`; the model made
/// `all` of them.
pub(super) fn draw(
    canvas: &Canvas<'_>,
    mistakes: &[Mistake<'_>],
    all: u64,
    (left, top): Point,
) -> Result<()> {
    if mistakes.is_empty() {
        return Ok(());
    }
    let shown = &mistakes[..mistakes.len().min(COLUMNS * ROWS)];
    let side = f64::from(DIGIT * FACTOR);
    let inset = (CELL.0 - GAP - side) / 2.0;
    let heading = Type {
        em: HEADING,
        color: INK,
        anchor: HPos::Left,
    };
    let caption = Type {
        em: SMALL,
        color: INK,
        anchor: HPos::Center,
    };
    canvas.text(
        &title(shown.len() as u64, all),
        (left + inset, top - 31.0),
        heading,
    )?;
    for (index, mistake) in shown.iter().enumerate() {
        let left = left + (index % COLUMNS) as f64 * CELL.0 + inset;
        let top = top + (index / COLUMNS) as f64 * CELL.1;
        canvas.digit(mistake.pixels, (left, top), FACTOR, HAIRLINE)?;
        canvas.text(
            &words(mistake),
            (left + side / 2.0, top + side + 18.0),
            caption,
        )?;
    }
    Ok(())
}

fn title(shown: u64, all: u64) -> String {
    match shown {
        _ if shown < all => format!("Worst {shown} of {} mistakes", HumanCount(all)),
        1 => "The only mistake".to_owned(),
        _ => format!("All {shown} mistakes, worst first"),
    }
}

fn words(mistake: &Mistake<'_>) -> String {
    let Mistake {
        label,
        predicted,
        confidence,
        ..
    } = mistake;
    format!("{label} read as {predicted}, {}", percent(*confidence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_never_claim_certainty() {
        let mistake = Mistake {
            pixels: &[],
            label: 4,
            predicted: 9,
            confidence: 0.98,
        };
        assert_eq!(words(&mistake), "4 read as 9, 98.0 %");
        assert_eq!(
            words(&Mistake {
                confidence: 1.0,
                ..mistake
            }),
            "4 read as 9, > 99.9 %"
        );
    }

    #[test]
    fn the_title_says_how_many_are_left_out() {
        assert_eq!(title(25, 1044), "Worst 25 of 1,044 mistakes");
        assert_eq!(title(3, 3), "All 3 mistakes, worst first");
        assert_eq!(title(1, 1), "The only mistake");
    }
}
