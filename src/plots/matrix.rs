//! Confusion matrix as a heat map.

use anyhow::Result;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Point};
use super::style::{BLUE, BODY, HAIRLINE, INK, SMALL, VERMILION, WHITE, tint};
use super::text::{Type, text_width};

/// Counts, `[label][predicted]`.
pub(super) type Matrix = [[u64; 10]; 10];

/// Width with row names and recall, in pixels.
pub(super) const WIDTH: f64 = ROW_NAMES + SIDE + RECALL;
/// Height with the key below, in pixels.
pub(super) const HEIGHT: f64 = SIDE + 40.0;

const CELL: f64 = 54.0;
const SIDE: f64 = 10.0 * CELL;
const ROW_NAMES: f64 = 52.0;
const RECALL: f64 = 84.0;
/// Tint of a digit that is always read right.
const BLUEST: f64 = 0.85;
/// Darker tints have white numbers.
const DARK: f64 = 0.7;
const PALE: RGBColor = RGBColor(0xaa, 0xaa, 0xaa);

const CENTERED: Type = Type {
    em: BODY,
    color: INK,
    anchor: HPos::Center,
};

/// The matrix with its names, recall and key; the names' left edge is at `left`, the first row's
/// upper edge at `top`.
pub(super) fn draw(canvas: &Canvas<'_>, matrix: &Matrix, (left, top): Point) -> Result<()> {
    let corner = (left + ROW_NAMES, top);
    let largest = largest_mistake(matrix);
    draw_cells(canvas, matrix, largest, corner)?;
    draw_names(canvas, corner)?;
    draw_recall(canvas, matrix, corner)?;
    draw_key(canvas, largest, (corner.0, top + SIDE + 24.0))
}

fn draw_cells(
    canvas: &Canvas<'_>,
    matrix: &Matrix,
    largest: u64,
    (left, top): Point,
) -> Result<()> {
    canvas.rectangle((left - 1.0, top - 1.0), (SIDE + 1.0, SIDE + 1.0), HAIRLINE)?;
    for (row, counts) in matrix.iter().enumerate() {
        for (column, &count) in counts.iter().enumerate() {
            let corner = (left + column as f64 * CELL, top + row as f64 * CELL);
            let (color, share) = match recall(counts, row) {
                // Squared, because a recall of 90 % is far from 100 % in practice.
                Some(recall) if row == column => (BLUE, BLUEST * recall.powi(2)),
                _ => (VERMILION, strength(count, largest)),
            };
            canvas.rectangle(corner, (CELL - 1.0, CELL - 1.0), tint(color, share))?;
            let ink = match count {
                0 => PALE,
                _ if share > DARK => WHITE,
                _ => INK,
            };
            draw_count(canvas, count, corner, ink)?;
        }
    }
    Ok(())
}

/// `count` in the middle of its cell, smaller if it would not fit.
fn draw_count(canvas: &Canvas<'_>, count: u64, (left, top): Point, color: RGBColor) -> Result<()> {
    let label = count.to_string();
    let em = BODY.min(BODY * (CELL - 8.0) / text_width(&label, BODY)?);
    let middle = (left + (CELL - 1.0) / 2.0, top + CELL / 2.0 + em * 0.34);
    canvas.text(
        &label,
        middle,
        Type {
            em,
            color,
            ..CENTERED
        },
    )
}

fn draw_names(canvas: &Canvas<'_>, (left, top): Point) -> Result<()> {
    for digit in 0..10 {
        let middle = (f64::from(digit) + 0.5) * CELL;
        canvas.text(
            &digit.to_string(),
            (left - 14.0, top + middle + 5.0),
            CENTERED,
        )?;
        canvas.text(&digit.to_string(), (left + middle, top - 9.0), CENTERED)?;
    }
    canvas.text("read as", (left + SIDE / 2.0, top - 32.0), CENTERED)?;
    canvas.upward_text("true digit", (left - 38.0, top + SIDE / 2.0), CENTERED)
}

fn draw_recall(canvas: &Canvas<'_>, matrix: &Matrix, (left, top): Point) -> Result<()> {
    let style = Type {
        anchor: HPos::Right,
        ..CENTERED
    };
    let right = left + SIDE + RECALL;
    canvas.text("recall", (right, top - 9.0), style)?;
    for (digit, counts) in matrix.iter().enumerate() {
        let label = match recall(counts, digit) {
            Some(recall) => format!("{:.2} %", recall * 100.0),
            None => "–".to_owned(),
        };
        let baseline = top + (digit as f64 + 0.5) * CELL + 5.0;
        canvas.text(&label, (right, baseline), style)?;
    }
    Ok(())
}

/// What the colours mean.
fn draw_key(canvas: &Canvas<'_>, largest: u64, (left, top): Point) -> Result<()> {
    const BAR: u64 = 160;
    let style = Type {
        em: SMALL,
        anchor: HPos::Left,
        ..CENTERED
    };
    canvas.rectangle((left, top), (14.0, 14.0), tint(BLUE, BLUEST))?;
    canvas.text("right", (left + 21.0, top + 12.0), style)?;
    if largest == 0 {
        return Ok(());
    }
    let bar = left + 86.0;
    let weakest = strength(1, largest);
    for step in 0..BAR {
        let share = weakest + (1.0 - weakest) * step as f64 / (BAR - 1) as f64;
        canvas.rectangle(
            (bar + step as f64, top),
            (1.0, 14.0),
            tint(VERMILION, share),
        )?;
    }
    let label = match largest {
        1 => "wrong, once".to_owned(),
        _ => format!("wrong, 1 to {largest} times (logarithmic)"),
    };
    canvas.text(&label, (bar + BAR as f64 + 7.0, top + 12.0), style)
}

/// The share of the images of `digit` that were read correctly; `None` if there are none.
fn recall(counts: &[u64; 10], digit: usize) -> Option<f64> {
    let total: u128 = counts.iter().copied().map(u128::from).sum();
    (total > 0).then(|| counts[digit] as f64 / total as f64)
}

fn largest_mistake(matrix: &Matrix) -> u64 {
    let cells = (0..100).map(|cell| (cell / 10, cell % 10));
    let wrong = cells.filter(|(row, column)| row != column);
    wrong
        .map(|(row, column)| matrix[row][column])
        .max()
        .unwrap_or(0)
}

/// How strongly a wrong `count` is coloured, 0 to 1: by its logarithm, so that a single mistake
/// shows beside thousands.
fn strength(count: u64, largest: u64) -> f64 {
    match (count, largest) {
        (0, _) => 0.0,
        (_, 1) => 0.5,
        _ => 0.2 + 0.8 * (count as f64).ln() / (largest as f64).ln(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tint_of(picture: &image::RgbImage, row: usize, column: usize) -> [u8; 3] {
        let at = |index: usize| (index as f64 * CELL) as u32 + 3;
        picture
            .get_pixel(at(column) + 100 + ROW_NAMES as u32, at(row) + 100)
            .0
    }

    fn drawn(matrix: &Matrix) -> image::RgbImage {
        Canvas::picture(800.0, 800.0, |canvas| draw(canvas, matrix, (100.0, 100.0))).unwrap()
    }

    #[test]
    fn a_single_mistake_shows_beside_thousands() {
        let mut matrix = [[0; 10]; 10];
        (matrix[4][4], matrix[4][9], matrix[9][4]) = (1000, 1, 5000);
        let picture = drawn(&matrix);
        assert_eq!(tint_of(&picture, 0, 1), [255; 3]);
        let [red, _, blue] = tint_of(&picture, 4, 9);
        assert!(red > blue + 30, "{red}, {blue}");
        let [red, _, blue] = tint_of(&picture, 4, 4);
        assert!(blue > red + 30, "{red}, {blue}");
    }

    #[test]
    fn the_largest_counts_and_absent_digits_are_drawn() {
        let mut matrix = [[u64::MAX; 10]; 10];
        matrix[3] = [0; 10];
        drawn(&matrix);
        assert_eq!(recall(&matrix[3], 3), None);
        assert!((recall(&matrix[5], 5).unwrap() - 0.1).abs() < 1e-9);
    }
}
