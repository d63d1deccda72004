//! The rows in which digits stand.

use super::strokes::{Strokes, digit_height, distance};
use crate::recognizer::pieces::Piece;

/// What is lower than this share of a digit's height stands in no row of its own.
const LOW: f64 = 0.4;
/// A piece continues a row when it stands beside its end with this share of its height.
const BESIDE: f64 = 0.4;
/// So many pieces are a row's end: of a broken digit one alone may be its upper half.
const END: usize = 3;
/// The rows of one picture are alike: their digits differ in height by no more than this factor.
const ALIKE: f64 = 2.0;
/// The steepest rows that are looked for, in degrees.
const STEEPEST: i32 = 45;

/// Pieces that stand side by side, from left to right.
#[derive(Clone, Debug)]
pub struct Row {
    pub pieces: Vec<Piece>,
    /// Height of its digits, in pixels.
    pub height: f64,
}

/// Groups the pieces of a picture into rows, from the top.
pub fn rows(strokes: Strokes) -> Vec<Row> {
    let height = strokes.height;
    let is_high = |piece: &Piece| f64::from(piece.height()) >= LOW * height;
    let (mut high, low): (Vec<_>, Vec<_>) = strokes.pieces.into_iter().partition(is_high);
    let slope = slope(&high, height);
    high.sort_by_key(|piece| piece.left + piece.right);
    let mut rows = chains(&high, slope);
    for piece in low {
        if let Some(row) = nearest(&rows, &piece, height) {
            rows[row].push(piece);
        }
    }
    rows.sort_by(|a, b| depth(a, slope).total_cmp(&depth(b, slope)));
    let rows = rows.into_iter().filter_map(|mut pieces| {
        pieces.sort_by_key(|piece| piece.left + piece.right);
        let own = digit_height(&pieces)?;
        Some(Row {
            pieces,
            height: own.clamp(height / ALIKE, height * ALIKE),
        })
    });
    rows.collect()
}

/// How far the rows fall for each pixel to the right: where the pieces stand side by side best.
/// Steep rows need more evidence.
fn slope(pieces: &[Piece], height: f64) -> f64 {
    let centres: Vec<_> = pieces.iter().map(centre).collect();
    let fit = |degrees: i32| {
        let slope = f64::from(degrees).to_radians().tan();
        let mut sum = 0.0;
        for (x, y) in &centres {
            for (other_x, other_y) in &centres {
                let apart = ((other_y - y) - slope * (other_x - x)).abs();
                sum += (1.0 - apart / height).max(0.0);
            }
        }
        sum / centres.len().max(1) as f64 - f64::from(degrees.abs()) / f64::from(STEEPEST)
    };
    let best = (-STEEPEST..=STEEPEST)
        .map(|degrees| (degrees, fit(degrees)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map_or(0.0, |(degrees, _)| f64::from(degrees).to_radians().tan())
}

/// Middle of a piece's box.
fn centre(piece: &Piece) -> (f64, f64) {
    (
        f64::from(piece.left + piece.right + 1) / 2.0,
        f64::from(piece.top + piece.bottom + 1) / 2.0,
    )
}

/// Appends each piece, from left to right, to the row whose end it stands beside.
fn chains(pieces: &[Piece], slope: f64) -> Vec<Vec<Piece>> {
    let mut rows: Vec<Vec<Piece>> = Vec::new();
    for piece in pieces {
        let beside = |row: &Vec<Piece>| beside(&row[row.len().saturating_sub(END)..], piece, slope);
        let best = rows.iter().map(beside).enumerate();
        match best.max_by(|(_, a), (_, b)| a.total_cmp(b)) {
            Some((row, share)) if share >= BESIDE => rows[row].push(*piece),
            _ => rows.push(vec![*piece]),
        }
    }
    rows
}

/// The share of a piece's height, or of the row's where that is lower, at which it stands beside
/// the end of a row; a little less the further their middles are apart.
fn beside(end: &[Piece], piece: &Piece, slope: f64) -> f64 {
    let (x, y) = centre(piece);
    let extent = |other: &Piece| {
        let (other_x, other_y) = centre(other);
        let (level, half) = (
            other_y + slope * (x - other_x),
            f64::from(other.height()) / 2.0,
        );
        (level - half, level + half)
    };
    let extents = end.iter().map(extent);
    let union = |a: (f64, f64), b: (f64, f64)| (a.0.min(b.0), a.1.max(b.1));
    let Some((top, bottom)) = extents.reduce(union) else {
        return 0.0;
    };
    let half = f64::from(piece.height()) / 2.0;
    let shared = bottom.min(y + half) - top.max(y - half);
    let apart = (y - (top + bottom) / 2.0).abs();
    let lower = (2.0 * half).min(bottom - top);
    (shared - 0.1 * apart) / lower
}

/// The row that has a piece within half a digit's height of `low`, the nearest of them.
fn nearest(rows: &[Vec<Piece>], low: &Piece, height: f64) -> Option<usize> {
    let distance = |row: &Vec<Piece>| {
        let distances = row.iter().map(|piece| distance(piece, low));
        distances.fold(f64::MAX, f64::min)
    };
    let distances = rows.iter().map(distance).enumerate();
    let (row, distance) = distances.min_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (distance <= height / 2.0).then_some(row)
}

/// How far down a row stands, where it would meet the picture's left edge.
fn depth(row: &[Piece], slope: f64) -> f64 {
    let sum: f64 = row.iter().map(centre).map(|(x, y)| y - slope * x).sum();
    sum / row.len() as f64
}
