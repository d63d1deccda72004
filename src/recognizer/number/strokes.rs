//! Pieces of ink that may be of digits, with the strokes of broken digits put together.

use image::GrayImage;

use crate::recognizer::likeness;
use crate::recognizer::pen::mean_depth;
use crate::recognizer::pieces::{Piece, STROKE};

/// No more pieces than this are looked at, the largest: noise may have a hundred thousand.
const MAX_PIECES: usize = 600;
/// Digits smaller than this share of the picture's longest side cannot be told from dirt.
const SMALLEST: f64 = 1.0 / 60.0;
/// What is smaller than this share of a digit's height is a speck.
const SPECK: f64 = 0.12;
/// Pieces that run off the picture and are lower or higher than this, in digits' heights, are of
/// the desk.
const CUT_DIGITS: std::ops::RangeInclusive<f64> = 0.5..=1.8;
/// Strokes that lie above one another are of one digit when the paper between them is no wider
/// than this, in digits' heights, ...
const BREAK: f64 = 0.2;
/// ... and when they are no higher together than this.
const HIGHEST: f64 = 1.35;
/// Fragments are smaller together than so many widths of the pen; even fat digits are larger.
const FRAGMENT: f64 = 8.0;

/// What may be digits or parts of them.
pub struct Strokes {
    pub pieces: Vec<Piece>,
    /// To which of the `pieces` each label belongs now.
    pub labels: Vec<u32>,
    /// Height of the picture's digits, in pixels.
    pub height: f64,
}

/// Mean width of the strokes in pixels: across a stroke of width w, the mean distance to the edge
/// is w / 4.
pub fn pen_width(ink: &GrayImage) -> f64 {
    // Distances are to the nearest pixel of paper, half a pixel beyond the edge.
    (4.0 * mean_depth(ink, STROKE) - 1.0).max(1.0)
}

/// Leaves out what can be no digit and joins broken strokes. `pen` is their width in pixels.
pub fn strokes(pieces: Vec<Piece>, ink: &GrayImage, pen: f64) -> Option<Strokes> {
    let labels = pieces
        .iter()
        .map(|p| p.label)
        .max()
        .map_or(0, |last| last + 1);
    let labels: Vec<u32> = (0..labels).collect();
    let mut pieces = digit_like(pieces, ink, pen);
    let fragments = |a: &Piece, b: &Piece| {
        let together = f64::from(a.with(b).longest());
        together <= FRAGMENT * pen && distance(a, b) <= 1.5 * pen
    };
    let height = digit_height(&joined(pieces.clone(), &mut labels.clone(), fragments))?;
    pieces.retain(|piece| {
        let share = f64::from(piece.height()) / height;
        let large = f64::from(piece.longest()) >= SPECK * height;
        let of_desk = piece.is_cut(ink) && !CUT_DIGITS.contains(&share);
        let of_shadow = piece.is_cut(ink) && !likeness::is_ink(piece, ink);
        large && !of_desk && !of_shadow && !lies_along_rim(piece, ink)
    });
    let mut labels = labels;
    let stacked = |a: &Piece, b: &Piece| {
        let together = f64::from(a.with(b).height());
        overlap(a, b) >= 0.3 && together <= HIGHEST * height && distance(a, b) <= BREAK * height
    };
    let pieces = joined(pieces, &mut labels, stacked);
    Some(Strokes {
        height: digit_height(&pieces)?,
        pieces,
        labels,
    })
}

/// Drops dust, lines and frames; keeps the largest of the rest.
fn digit_like(mut pieces: Vec<Piece>, ink: &GrayImage, pen: f64) -> Vec<Piece> {
    let smallest = (f64::from(ink.width().max(ink.height())) * SMALLEST).max(4.0) / 2.0;
    pieces.retain(|piece| f64::from(piece.longest()) >= smallest && !is_line(piece, pen));
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.longest()));
    pieces.truncate(MAX_PIECES);
    let frames: Vec<u32> = pieces
        .iter()
        .filter(|p| frames(p, &pieces))
        .map(|p| p.label)
        .collect();
    pieces.retain(|piece| !frames.contains(&piece.label));
    pieces
}

/// Whether a piece lies flat and is solid or a single stroke, as a ruled line or the edge of a table
/// is; a row of digits that touch has two strokes above one another in most places.
fn is_line(piece: &Piece, pen: f64) -> bool {
    let (width, height) = (f64::from(piece.width()), f64::from(piece.height()));
    let area = f64::from(piece.area);
    width > 6.0 * height && (area < 1.4 * pen * width || area > 0.7 * width * height)
}

/// Whether a piece is the upright edge of what lies beside the paper, and not a stroke of writing
/// that fills the picture.
fn lies_along_rim(piece: &Piece, ink: &GrayImage) -> bool {
    let at_side = piece.left == 0 || piece.right + 1 == ink.width();
    let upright = piece.height() > 4 * piece.width();
    let short = piece.height() * 3 < ink.height() * 2;
    let beside = piece.height() == ink.height() && piece.width() * 4 < ink.width();
    at_side && upright && (short || beside)
}

/// Whether a piece runs around others that are large enough for digits.
fn frames(piece: &Piece, all: &[Piece]) -> bool {
    let inside = |inner: &&Piece| {
        (piece.left < inner.left && inner.right < piece.right)
            && (piece.top < inner.top && inner.bottom < piece.bottom)
    };
    let share = |inner: &Piece| f64::from(inner.longest()) / f64::from(piece.longest());
    let hollow = piece.area * 3 < piece.width() * piece.height();
    let inner = || all.iter().filter(inside).map(share);
    hollow && (inner().any(|share| share > 0.4) || inner().filter(|s| *s > 0.12).count() > 1)
}

/// Joins pieces, again and again, while two of them are of `one` digit.
fn joined(
    mut pieces: Vec<Piece>,
    labels: &mut [u32],
    one: impl Fn(&Piece, &Piece) -> bool,
) -> Vec<Piece> {
    let mut done = Vec::with_capacity(pieces.len());
    while let Some(mut piece) = pieces.pop() {
        while let Some(index) = pieces.iter().position(|other| one(&piece, other)) {
            let other = pieces.swap_remove(index);
            piece = piece.with(&other);
            for label in labels.iter_mut().filter(|label| **label == other.label) {
                *label = piece.label;
            }
        }
        done.push(piece);
    }
    done
}

/// The height that half of the pieces reach, each counted as often as it is high.
pub fn digit_height(pieces: &[Piece]) -> Option<f64> {
    let mut heights: Vec<u32> = pieces.iter().map(Piece::height).collect();
    heights.sort_unstable();
    let half = heights.iter().sum::<u32>() / 2;
    let mut sum = 0;
    let reached = |height: &&u32| {
        sum += **height;
        sum > half
    };
    heights
        .iter()
        .find(reached)
        .map(|height| f64::from(*height))
}

/// The share of the narrower piece's width at which the two lie above one another.
fn overlap(a: &Piece, b: &Piece) -> f64 {
    let shared = f64::from(a.right.min(b.right)) + 1.0 - f64::from(a.left.max(b.left));
    shared / f64::from(a.width().min(b.width()))
}

/// Pixels of paper between the boxes of two pieces.
pub fn distance(a: &Piece, b: &Piece) -> f64 {
    let gap = |low: u32, other_low: u32, high: u32, other_high: u32| {
        f64::from(low.max(other_low)) - f64::from(high.min(other_high)) - 1.0
    };
    let across = gap(a.left, b.left, a.right, b.right).max(0.0);
    let down = gap(a.top, b.top, a.bottom, b.bottom).max(0.0);
    across.hypot(down)
}
