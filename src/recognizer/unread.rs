//! Ink in or beside the rows that was not read: it is always reported.

use super::detect::Ink;
use super::settings::{MAX_DISTANCE, UNREAD};
use crate::scenes::Bounds;

/// The boxes of ink that looks like a digit's and lies outside every digit's box, in or beside the
/// rows.
pub(super) fn unread(ink: &Ink, rows: &[Vec<Bounds>]) -> Vec<Bounds> {
    let read: Vec<Bounds> = rows.iter().flatten().copied().collect();
    if read.is_empty() {
        return vec![];
    }
    let pieces = pieces(&ink.without(&read), ink);
    let is_reported = |piece: &Bounds| rows.iter().any(|row| belongs_to(piece, row));
    pieces.into_iter().filter(is_reported).collect()
}

/// Whether a piece lies in a row or beside it, and is large enough to be one of its digits.
fn belongs_to(piece: &Bounds, row: &[Bounds]) -> bool {
    let Some(all) = row.iter().copied().reduce(|a, b| a.union(&b)) else {
        return false;
    };
    let count = row.len() as f32;
    let height = row.iter().map(Bounds::height).sum::<f32>() / count;
    let area = row.iter().map(|b| b.width() * b.height()).sum::<f32>() / count;
    let beside = piece.right > all.left - MAX_DISTANCE * height
        && piece.left < all.right + MAX_DISTANCE * height;
    let level = (piece.bottom.min(all.bottom) - piece.top.max(all.top)).max(0.0);
    // The unread rest of a dense page may be connected into one piece that is taller than its rows.
    beside
        && level >= 0.5 * piece.height().min(all.height())
        && piece.width() * piece.height() >= UNREAD * area
}

/// The boxes of the connected components.
fn pieces(cells: &[bool], ink: &Ink) -> Vec<Bounds> {
    let [width, height] = ink.size;
    let mut left = cells.to_vec();
    let mut pieces = vec![];
    for start in 0..left.len() {
        if !left[start] {
            continue;
        }
        left[start] = false;
        let (mut open, mut ends) = (vec![start], [width, height, 0, 0]);
        while let Some(cell) = open.pop() {
            let (x, y) = (cell % width, cell / width);
            ends = [
                ends[0].min(x),
                ends[1].min(y),
                ends[2].max(x + 1),
                ends[3].max(y + 1),
            ];
            for row in y.saturating_sub(1)..(y + 2).min(height) {
                for column in x.saturating_sub(1)..(x + 2).min(width) {
                    let near = row * width + column;
                    if std::mem::take(&mut left[near]) {
                        open.push(near);
                    }
                }
            }
        }
        let [across, down] = ink.step;
        pieces.push(Bounds {
            left: ends[0] as f32 * across,
            top: ends[1] as f32 * down,
            right: ends[2] as f32 * across,
            bottom: ends[3] as f32 * down,
        });
    }
    pieces
}
