//! A sheet of digits with captions.

use anyhow::{Result, ensure};
use image::RgbImage;
use indicatif::HumanCount;
use plotters::style::text_anchor::HPos;
use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, DIGIT, check_digit};
use super::style::{HAIRLINE, INK, MARGIN, SMALL, TITLE};
use super::text::{Type, fitted, text_width};
use crate::dataset::{Dataset, Split};

/// One digit and its caption.
#[derive(Clone, Debug)]
pub struct Digit<'a> {
    /// 28 x 28 pixels, row by row, 0 (paper) to 255 (ink).
    pub pixels: &'a [u8],
    /// One short line; cut with an ellipsis if it is far wider than the digit.
    pub caption: String,
}

/// Shape of the sheet, width over height.
const ASPECT: f64 = 3.0 / 2.0;
/// Sheets get no wider than this while their digits can still shrink, in pixels.
const WIDTH: f64 = 1400.0;
const FACTORS: std::ops::RangeInclusive<u32> = 2..=6;
const WIDEST_CAPTION: f64 = 160.0;
const GAP: f64 = 14.0;
const TOP: f64 = MARGIN + 44.0;

/// Arrangement of the sheet, in pixels.
struct Grid {
    columns: usize,
    rows: usize,
    factor: u32,
    cell: (f64, f64),
}

impl Grid {
    /// The grid nearest to 3:2 whose cells hold a digit enlarged `factor` times and a caption;
    /// empty places in its last row count as a deviation too.
    fn new(count: usize, factor: u32, caption: f64) -> Self {
        let side = f64::from(DIGIT * factor);
        let cell = (side.max(caption) + GAP, side + SMALL + 8.0 + GAP);
        let deviation = |columns: usize| {
            let rows = count.div_ceil(columns);
            let aspect = columns as f64 * cell.0 / (rows as f64 * cell.1);
            let empty = (columns * rows - count) as f64 / count as f64;
            (aspect / ASPECT).ln().abs() + empty
        };
        let columns = (1..=count)
            .min_by(|&one, &other| deviation(one).total_cmp(&deviation(other)))
            .unwrap_or(1);
        Self {
            columns,
            rows: count.div_ceil(columns),
            factor,
            cell,
        }
    }

    fn width(&self) -> f64 {
        self.columns as f64 * self.cell.0 - GAP
    }

    /// The grid with the largest digits that fit the width, else the one with the smallest.
    fn fitting(count: usize, caption: f64) -> Self {
        FACTORS
            .rev()
            .map(|factor| Self::new(count, factor, caption))
            .find(|grid| grid.width() <= WIDTH - 2.0 * MARGIN)
            .unwrap_or_else(|| Self::new(count, *FACTORS.start(), caption))
    }
}

/// All `digits` in reading order on a sheet as near to 3:2 as possible, dark ink on white, each
/// pixel enlarged by the same integer factor.
///
/// # Errors
///
/// If there is no digit, or one is not 28 x 28 pixels.
pub fn samples(digits: &[Digit<'_>], title: &str) -> Result<RgbImage> {
    ensure!(!digits.is_empty(), "there is no digit to draw");
    let mut widest: f64 = 0.0;
    for (index, digit) in digits.iter().enumerate() {
        check_digit(digit.pixels, index)?;
        widest = widest.max(text_width(&digit.caption, SMALL)?.min(WIDEST_CAPTION));
    }
    let grid = Grid::fitting(digits.len(), widest);
    let title = fitted(title, TITLE, grid.width().max(WIDTH / 2.0))?;
    let width = grid.width().max(text_width(&title, TITLE)?) + 2.0 * MARGIN;
    let height = TOP + grid.rows as f64 * grid.cell.1 - GAP + MARGIN;
    Canvas::picture(width, height, |canvas| {
        let heading = Type {
            em: TITLE,
            color: INK,
            anchor: HPos::Left,
        };
        canvas.text(&title, (MARGIN, MARGIN + 20.0), heading)?;
        for (index, digit) in digits.iter().enumerate() {
            draw(
                canvas,
                digit,
                &grid,
                (index % grid.columns, index / grid.columns),
            )?;
        }
        Ok(())
    })
}

/// A sheet of `count` digits of a split with their labels, chosen by the seed, and its title, which gives
/// `all` as the size of the split.
///
/// # Errors
///
/// If the split is empty.
pub fn samples_of(
    dataset: &Dataset,
    split: Split,
    (count, all): (usize, usize),
    seed: u64,
) -> Result<(RgbImage, String)> {
    let examples = dataset.examples(split);
    let count = count.min(examples.len());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let chosen = index::sample(&mut rng, examples.len(), count);
    let shown: Vec<_> = chosen.iter().map(|index| examples.example(index)).collect();
    let digits: Vec<_> = shown
        .iter()
        .map(|(pixels, label)| Digit {
            pixels,
            caption: label.to_string(),
        })
        .collect();
    let title = format!(
        "{count} of the {} {split} images of {}",
        HumanCount(all as u64),
        dataset.origin.title(),
    );
    Ok((samples(&digits, &title)?, title))
}

fn draw(
    canvas: &Canvas<'_>,
    digit: &Digit<'_>,
    grid: &Grid,
    (column, row): (usize, usize),
) -> Result<()> {
    let side = f64::from(DIGIT * grid.factor);
    let room = grid.cell.0 - GAP;
    let left = (MARGIN + column as f64 * grid.cell.0).round();
    let top = TOP + row as f64 * grid.cell.1;
    canvas.digit(
        digit.pixels,
        (left + ((room - side) / 2.0).round(), top),
        grid.factor,
        HAIRLINE,
    )?;
    let caption = fitted(&digit.caption, SMALL, room + 1.0)?;
    let style = Type {
        em: SMALL,
        color: INK,
        anchor: HPos::Center,
    };
    canvas.text(
        &caption,
        (left + room / 2.0, top + side + SMALL + 4.0),
        style,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(count: usize, caption: &str) -> RgbImage {
        let pixels = [90; 784];
        let digit = Digit {
            pixels: &pixels,
            caption: caption.to_owned(),
        };
        samples(&vec![digit; count], "Digits").unwrap()
    }

    #[test]
    fn sheets_are_near_three_to_two() {
        for count in [6, 24, 100, 1000] {
            let grid = Grid::fitting(count, 20.0);
            let (width, height) = (grid.width() + GAP, grid.rows as f64 * grid.cell.1);
            assert!(
                (1.2..1.9).contains(&(width / height)),
                "{count}: {width} x {height}"
            );
            assert!(grid.columns * grid.rows >= count);
        }
    }

    #[test]
    fn few_digits_are_large_and_many_stay_legible() {
        assert_eq!(Grid::fitting(1, 20.0).factor, *FACTORS.end());
        assert_eq!(Grid::fitting(1000, 20.0).factor, *FACTORS.start());
    }

    #[test]
    fn all_digits_are_on_the_sheet() {
        for (count, caption) in [
            (1, ""),
            (7, "3"),
            (30, "a caption much wider than its digit"),
        ] {
            let picture = sheet(count, caption);
            let widest = text_width(caption, SMALL).unwrap().min(WIDEST_CAPTION);
            let side = DIGIT * Grid::fitting(count, widest).factor;
            let inked = picture.pixels().filter(|pixel| pixel.0 == [165; 3]).count();
            let expected = count * (side * side) as usize;
            // Antialiased letters may contain the same grey.
            assert!(
                (expected..expected + 100 * count).contains(&inked),
                "{count}: {inked}"
            );
        }
    }

    #[test]
    fn the_same_digits_give_the_same_bytes() {
        assert_eq!(sheet(5, "7"), sheet(5, "7"));
    }

    #[test]
    fn no_digit_and_a_wrong_number_of_pixels_are_errors() {
        assert!(samples(&[], "Digits").is_err());
        let digit = Digit {
            pixels: &[0; 783],
            caption: String::new(),
        };
        let error = samples(&[digit], "Digits").unwrap_err();
        assert!(error.to_string().contains("783 pixels"), "{error}");
    }
}
