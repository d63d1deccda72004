//! Rows of digits in one picture: which ink may be a digit, and which reading fits it best.

mod cuts;
mod lattice;
mod rows;
mod segments;
mod strokes;

use image::{GrayImage, Luma};
use imageproc::distance_transform::euclidean_squared_distance_transform;
use imageproc::map::map_pixels;

use rayon::prelude::*;

use self::lattice::{Found, Group};
use self::segments::Segments;
use super::pieces::{self, STROKE};
use super::{ImageError, Prediction, center, decode, ink};

/// No more images than this are made of one picture; a page of five hundred digits needs as many.
const MAX_IMAGES: usize = 2000;

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
    /// For each row all groups of its parts; an image is of each that may be a digit, in the same
    /// order.
    rows: Vec<Vec<Group>>,
    /// Pixels of the picture's own for one that was looked at.
    scale: f64,
}

/// Finds what may be digits in an image file, given its bytes.
///
/// `on_stage` is handed each intermediate picture with its name: `grey` and `ink`.
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
    let mut candidates = Candidates {
        images: Vec::new(),
        rows: Vec::new(),
        scale: upright.scale,
    };
    for segments in row_segments(&ink) {
        candidates.add(&segments)?;
    }
    Ok(candidates)
}

/// The ink of each row in parts, from the top.
fn row_segments(ink: &GrayImage) -> Vec<Segments> {
    let (labels, pieces) = pieces::pieces(ink);
    let pen = pen_width(ink);
    let Some(strokes) = strokes::strokes(pieces, ink, pen) else {
        return Vec::new();
    };
    let labels = map_pixels(&labels, |label| Luma([strokes.labels[label[0] as usize]]));
    let rows = rows::rows(strokes).into_iter();
    rows.filter_map(|row| Segments::new(&row, ink, &labels, pen))
        .collect()
}

/// Mean width of the strokes in pixels: across a stroke of width w, the mean distance to the edge
/// is w / 4.
fn pen_width(ink: &GrayImage) -> f64 {
    let paper = map_pixels(ink, |p| Luma([u8::from(p[0] < STROKE)]));
    let distances = euclidean_squared_distance_transform(&paper);
    let inside = distances.pixels().map(|d| d[0]).filter(|d| *d > 0.0);
    let (count, sum) = inside.fold((0u32, 0.0), |(n, sum), d| (n + 1, sum + d.sqrt()));
    // Distances are to the nearest pixel of paper, half a pixel beyond the edge.
    (4.0 * sum / f64::from(count.max(1)) - 1.0).max(1.0)
}

impl Candidates {
    /// The candidates in MNIST's form, 28 x 28 each, to be classified in this order.
    pub fn images(&self) -> &[GrayImage] {
        &self.images
    }

    /// Adds a row, as far as the images are not too many.
    fn add(&mut self, segments: &Segments) -> Result<(), ImageError> {
        let mut groups = lattice::groups(segments);
        let room = MAX_IMAGES - self.images.len();
        let digits = groups.iter().enumerate().filter(|(_, g)| g.may_be_digit());
        if let Some((full, _)) = digits.skip(room).next() {
            groups.truncate(full);
        }
        let digits = groups.par_iter().filter(|group| group.may_be_digit());
        let images = digits.filter_map(|group| segments.picture(group.from, group.to));
        let fitted: Result<Vec<_>, _> = images.map(|image| center::fit(&image)).collect();
        self.images.extend(fitted?);
        self.rows.push(groups);
        Ok(())
    }

    /// The reading that fits best, given what each of the candidates was taken for; digits of
    /// less confidence than `min_confidence` are left out.
    pub fn resolve(self, predictions: &[Prediction], min_confidence: f64) -> Reading {
        let mut rest = predictions;
        let mut lines = Vec::new();
        for groups in &self.rows {
            let count = groups.iter().filter(|group| group.may_be_digit()).count();
            let (own, others) = rest.split_at(count.min(rest.len()));
            rest = others;
            let found = lattice::best(groups, own).into_iter();
            let sure = found.filter(|found| found.confidence >= min_confidence);
            let line: Vec<_> = sure.map(|found| self.symbol(&found)).collect();
            if !line.is_empty() {
                lines.push(line);
            }
        }
        Reading { lines }
    }

    fn symbol(&self, found: &Found) -> Symbol {
        let place = &found.place;
        let area = [place.left, place.top, place.width(), place.height()];
        Symbol {
            digit: found.digit,
            confidence: found.confidence,
            area: area.map(|pixels| (f64::from(pixels) * self.scale).round() as u32),
        }
    }
}
