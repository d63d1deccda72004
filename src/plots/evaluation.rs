//! What a model gets right and wrong: confusion matrix and worst mistakes side by side.

use anyhow::{Result, ensure};
use image::RgbImage;
use indicatif::HumanCount;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, check_digit};
use super::matrix::{self, Matrix};
use super::mistakes::{self, Mistake};
use super::style::{BODY, GREY, INK, MARGIN, TITLE};
use super::text::{Type, fitted};

const TOP: f64 = 148.0;
const MISTAKES_LEFT: f64 = MARGIN + matrix::WIDTH + 44.0;
const HEIGHT: f64 = TOP + matrix::HEIGHT + MARGIN;

/// The confusion `matrix` (`[label][predicted]`) as a heat map with counts and the recall of each
/// digit, and beside it the first 25 of `mistakes`, which the caller sorts worst first. Without
/// mistakes, the matrix is alone.
///
/// # Errors
///
/// If the matrix counts no images, or a mistake is not 28 x 28 pixels.
pub fn evaluation(matrix: &Matrix, mistakes: &[Mistake<'_>], title: &str) -> Result<RgbImage> {
    let sum = |counts: &mut dyn Iterator<Item = u64>| counts.fold(0, u64::saturating_add);
    let total = sum(&mut matrix.iter().flatten().copied());
    let right = sum(&mut (0..10).map(|digit| matrix[digit][digit]));
    ensure!(total > 0, "the confusion matrix counts no images");
    for (index, mistake) in mistakes.iter().enumerate() {
        check_digit(mistake.pixels, index)?;
    }
    let width = match mistakes {
        [] => MARGIN + matrix::WIDTH + MARGIN,
        _ => MISTAKES_LEFT + mistakes::width(mistakes.len()) + MARGIN,
    };
    Canvas::picture(width, HEIGHT, |canvas| {
        let heading = Type {
            em: TITLE,
            color: INK,
            anchor: HPos::Left,
        };
        let title = fitted(title, TITLE, width - 2.0 * MARGIN)?;
        canvas.text(&title, (MARGIN, MARGIN + 20.0), heading)?;
        let note = Type {
            em: BODY,
            color: GREY,
            ..heading
        };
        canvas.text(&summary(right, total), (MARGIN, MARGIN + 46.0), note)?;
        matrix::draw(canvas, matrix, (MARGIN, TOP))?;
        mistakes::draw(canvas, mistakes, total - right, (MISTAKES_LEFT, TOP))
    })
}

fn summary(right: u64, total: u64) -> String {
    let error = (total - right) as f64 / total as f64 * 100.0;
    format!(
        "{} of {} images read right, error {error:.2} %",
        HumanCount(right),
        HumanCount(total)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIXELS: [u8; 784] = [90; 784];
    const MISTAKE: Mistake<'_> = Mistake {
        pixels: &PIXELS,
        label: 4,
        predicted: 9,
        confidence: 0.98,
    };

    fn perfect() -> Matrix {
        std::array::from_fn(|row| std::array::from_fn(|column| u64::from(row == column) * 100))
    }

    #[test]
    fn up_to_25_mistakes_are_beside_the_matrix() {
        let alone = evaluation(&perfect(), &[], "Test").unwrap();
        let both = evaluation(&perfect(), &[MISTAKE; 30], "Test").unwrap();
        assert!(alone.width() < both.width() && alone.height() == both.height());
        let inked = both.pixels().filter(|pixel| pixel.0 == [165; 3]).count();
        let expected = 25 * 84 * 84;
        assert!((expected..expected + 84 * 84).contains(&inked), "{inked}");
    }

    #[test]
    fn the_same_evaluation_gives_the_same_bytes() {
        let draw = || evaluation(&perfect(), &[MISTAKE], "Test").unwrap();
        assert_eq!(draw(), draw());
    }

    #[test]
    fn the_summary_counts_and_rounds() {
        let words = "9,956 of 10,000 images read right, error 0.44 %";
        assert_eq!(summary(9956, 10_000), words);
    }

    #[test]
    fn an_empty_matrix_and_wrong_pixels_are_errors() {
        assert!(evaluation(&[[0; 10]; 10], &[], "Test").is_err());
        let short = Mistake {
            pixels: &PIXELS[1..],
            ..MISTAKE
        };
        let error = evaluation(&perfect(), &[short], "Test").unwrap_err();
        assert!(error.to_string().contains("783 pixels"), "{error}");
    }
}
