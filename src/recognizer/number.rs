//! Rows of digits in one picture: which ink may be a digit, and which reading fits it best.

use image::GrayImage;

use super::{ImageError, Prediction};

/// What was read in a picture, line by line from the top, each from left to right.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// No line is empty.
    pub lines: Vec<Vec<Symbol>>,
}

/// One digit of a [`Reading`].
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// 0 to 9.
    pub digit: u8,
    /// The probability in 0..=1 that was given to it.
    pub confidence: f64,
    /// Left, top, width and height in pixels of the upright picture.
    pub area: [u32; 4],
}

impl Reading {
    /// The digits, a line a row: `12\n345`.
    pub fn text(&self) -> String {
        let line = |symbols: &Vec<Symbol>| -> String {
            let digits = symbols.iter().map(|symbol| symbol.digit.to_string());
            digits.collect()
        };
        let lines: Vec<String> = self.lines.iter().map(line).collect();
        lines.join("\n")
    }

    /// The probability in 0..=1 that the whole text is right, as if its digits were read
    /// independently; 0 where there is none.
    pub fn confidence(&self) -> f64 {
        let symbols = self.lines.iter().flatten();
        match self.lines.is_empty() {
            true => 0.0,
            false => symbols.map(|symbol| symbol.confidence).product(),
        }
    }
}

/// The ink of a picture, cut and joined in all ways that may be a digit.
#[derive(Clone, Debug)]
pub struct Candidates {
    images: Vec<GrayImage>,
}

/// Finds what may be digits in an image file, given its bytes.
///
/// # Errors
/// As [`prepare`](super::prepare).
pub fn candidates(
    _bytes: &[u8],
    _on_stage: &mut dyn FnMut(&str, &GrayImage),
) -> Result<Candidates, ImageError> {
    Ok(Candidates { images: Vec::new() })
}

impl Candidates {
    /// The candidates in MNIST's form, 28 x 28 each, to be classified in this order.
    pub fn images(&self) -> &[GrayImage] {
        &self.images
    }

    /// The reading that fits best, given what each of the candidates was taken for; digits of
    /// less confidence than `min_confidence` are left out.
    pub fn resolve(self, _predictions: &[Prediction], _min_confidence: f64) -> Reading {
        Reading { lines: Vec::new() }
    }
}
