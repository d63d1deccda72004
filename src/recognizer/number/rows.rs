//! Which pieces of ink may be of digits, and the rows in which they stand.

use image::GrayImage;

use crate::recognizer::pieces::Piece;

/// No more pieces than this are looked at, the largest: noise may have a hundred thousand.
const MAX_PIECES: usize = 600;
/// Digits smaller than this share of the picture's longest side cannot be told from dirt.
const SMALLEST: f64 = 1.0 / 60.0;
/// What is lower than this share of a digit's height stands in no row of its own.
const LOW: f64 = 0.5;
/// What is smaller than this share of a digit's height is a speck.
const SPECK: f64 = 0.12;
/// Pieces that run off the picture and are higher than this, in digits' heights, are of the desk.
const TALL: f64 = 1.8;
/// The steepest rows that are looked for, in degrees.
const STEEPEST: i32 = 45;

/// Pieces that stand side by side, from left to right.
#[derive(Clone, Debug)]
pub struct Row {
    pub pieces: Vec<Piece>,
    /// Height of its digits, in pixels.
    pub height: f64,
}

/// Groups the pieces of a picture into rows, from the top; what can be no digit is left out.
pub fn rows(pieces: Vec<Piece>, ink: &GrayImage) -> Vec<Row> {
    let pieces = digit_like(pieces, ink);
    let Some(height) = digit_height(&pieces) else {
        return Vec::new();
    };
    let large = |piece: &Piece| f64::from(piece.longest()) >= SPECK * height;
    let of_desk = |piece: &Piece| {
        let share = f64::from(piece.height()) / height;
        piece.is_cut(ink) && !(LOW..=TALL).contains(&share)
    };
    let pieces = pieces.into_iter().filter(|p| large(p) && !of_desk(p));
    let (mut high, low): (Vec<_>, Vec<_>) =
        pieces.partition(|piece| f64::from(piece.height()) >= LOW * height);
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
            height: own,
        })
    });
    rows.collect()
}

/// Drops dust, lines and frames; keeps the largest of the rest.
fn digit_like(mut pieces: Vec<Piece>, ink: &GrayImage) -> Vec<Piece> {
    let smallest = (f64::from(ink.width().max(ink.height())) * SMALLEST).max(4.0) / 2.0;
    pieces.retain(|piece| f64::from(piece.longest()) >= smallest && !is_line(piece));
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.longest()));
    pieces.truncate(MAX_PIECES);
    let is_frame: Vec<bool> = pieces.iter().map(|p| frames(p, &pieces)).collect();
    let mut is_frame = is_frame.into_iter();
    pieces.retain(|_| !is_frame.next().unwrap_or(false));
    pieces
}

/// No digit is a line that lies; a ruled line or the edge of a table is.
fn is_line(piece: &Piece) -> bool {
    piece.width() > 6 * piece.height()
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

/// The height that half of the pieces reach, each counted as often as it is high.
fn digit_height(pieces: &[Piece]) -> Option<f64> {
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
        let beside = |row: &Vec<Piece>| row.last().map_or(0.0, |end| overlap(end, piece, slope));
        let best = rows.iter().map(beside).enumerate();
        match best.max_by(|(_, a), (_, b)| a.total_cmp(b)) {
            Some((row, share)) if share >= 0.4 => rows[row].push(*piece),
            _ => rows.push(vec![*piece]),
        }
    }
    rows
}

/// The share of the lower one's height at which two pieces stand side by side.
fn overlap(a: &Piece, b: &Piece, slope: f64) -> f64 {
    let ((a_x, a_y), (b_x, b_y)) = (centre(a), centre(b));
    let apart = ((b_y - a_y) - slope * (b_x - a_x)).abs();
    let (a_height, b_height) = (f64::from(a.height()), f64::from(b.height()));
    ((a_height + b_height) / 2.0 - apart).min(a_height.min(b_height)) / a_height.min(b_height)
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

/// Pixels of paper between the boxes of two pieces.
fn distance(a: &Piece, b: &Piece) -> f64 {
    let gap = |low: u32, other_low: u32, high: u32, other_high: u32| {
        f64::from(low.max(other_low)) - f64::from(high.min(other_high))
    };
    let across = gap(a.left, b.left, a.right, b.right).max(0.0);
    let down = gap(a.top, b.top, a.bottom, b.bottom).max(0.0);
    across.hypot(down)
}

/// How far down a row stands, where it would meet the picture's left edge.
fn depth(row: &[Piece], slope: f64) -> f64 {
    let sum: f64 = row.iter().map(centre).map(|(x, y)| y - slope * x).sum();
    sum / row.len() as f64
}
