//! Rows of digits in one picture: which ink may be a digit, and which reading fits it best.

mod cuts;
mod lattice;
mod rows;
mod segments;
mod strokes;

use image::{GrayImage, Luma};
use imageproc::distance_transform::euclidean_squared_distance_transform;
use imageproc::map::map_pixels;

use self::lattice::Group;
use self::segments::Segments;
use super::pieces::{self, STROKE};
use super::{ImageError, Prediction, center, decode, ink};

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
    /// The groups of each row; an image is of each, in the same order.
    rows: Vec<Vec<Group>>,
}

/// Finds what may be digits in an image file, given its bytes.
///
/// # Errors
/// As [`prepare`](super::prepare).
pub fn candidates(
    bytes: &[u8],
    on_stage: &mut dyn FnMut(&str, &GrayImage),
) -> Result<Candidates, ImageError> {
    let upright = decode::decode(bytes)?;
    let grey = decode::grey(&upright.colour);
    on_stage("grey", &grey);
    let ink = ink::ink(&grey)?;
    on_stage("ink", &ink);
    let (labels, pieces) = pieces::pieces(&ink);
    let pen = pen_width(&ink);
    let mut found = Candidates {
        images: Vec::new(),
        rows: Vec::new(),
    };
    let Some(strokes) = strokes::strokes(pieces, &ink, pen) else {
        return Ok(found);
    };
    let labels = map_pixels(&labels, |label| Luma([strokes.labels[label[0] as usize]]));
    for row in rows::rows(strokes) {
        let Some(segments) = Segments::new(&row, &ink, &labels, pen) else {
            continue;
        };
        let mut groups = lattice::groups(&segments);
        for group in &mut groups {
            let picture = segments.picture(group.from, group.to);
            let picture = picture.unwrap_or_default();
            found.images.push(center::fit(&picture)?);
            group.area = group
                .area
                .map(|pixels| (f64::from(pixels) * upright.scale).round() as u32);
        }
        found.rows.push(groups);
    }
    Ok(found)
}

/// Mean width of the strokes in pixels: across a stroke of width w, the mean distance to the edge
/// is w / 4.
fn pen_width(ink: &GrayImage) -> f64 {
    let paper = map_pixels(ink, |p| Luma([u8::from(p[0] < STROKE)]));
    let distances = euclidean_squared_distance_transform(&paper);
    let inside = distances.pixels().map(|d| d[0]).filter(|d| *d > 0.0);
    let (count, sum) = inside.fold((0u32, 0.0), |(n, sum), d| (n + 1, sum + d.sqrt()));
    (4.0 * sum / f64::from(count.max(1)) - 1.0).max(1.0)
}

impl Candidates {
    /// The candidates in MNIST's form, 28 x 28 each, to be classified in this order.
    pub fn images(&self) -> &[GrayImage] {
        &self.images
    }

    /// The reading that fits best, given what each of the candidates was taken for; digits of
    /// less confidence than `min_confidence` are left out.
    pub fn resolve(self, predictions: &[Prediction], min_confidence: f64) -> Reading {
        let mut rest = predictions;
        let mut lines = Vec::new();
        for groups in &self.rows {
            let (own, others) = rest.split_at(groups.len().min(rest.len()));
            rest = others;
            let symbols = lattice::best(groups, own).into_iter();
            let symbols = symbols.map(|(group, digit, confidence)| Symbol {
                digit: digit as u8,
                confidence,
                area: groups[group].area,
            });
            let line: Vec<_> = symbols.filter(|s| s.confidence >= min_confidence).collect();
            if !line.is_empty() {
                lines.push(line);
            }
        }
        Reading { lines }
    }
}
