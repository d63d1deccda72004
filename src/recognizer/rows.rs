//! From boxes to rows: which of them are digits, and in which order they are read.

use super::glance::Sighting;
use super::settings::{DIGIT, GAP, REFUSED, SAME, SHIFT};
use crate::scenes::Bounds;

/// The digits of a picture, row by row from the top, each from left to right. Those that are less
/// probable than [`DIGIT`] lie between others of their row.
pub(super) fn rows(mut sightings: Vec<Sighting>) -> Vec<Vec<Sighting>> {
    sightings.retain(|sighting| sighting.digit() >= REFUSED);
    sightings.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    let mut kept: Vec<Sighting> = vec![];
    for sighting in sightings {
        if kept
            .iter()
            .all(|other| shared(&other.bounds, &sighting.bounds) < SAME)
        {
            kept.push(sighting);
        }
    }
    let mut rows = in_rows(kept);
    for row in &mut rows {
        let is_digit = |sighting: &Sighting| sighting.digit() >= DIGIT;
        let first = row.iter().position(is_digit);
        let last = row.iter().rposition(is_digit);
        match first.zip(last) {
            Some((first, last)) => {
                row.truncate(last + 1);
                row.drain(..first);
            }
            None => row.clear(),
        }
    }
    rows.retain(|row| !row.is_empty());
    rows.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    rows
}

/// The share of the smaller box that lies in the other one.
fn shared(a: &Bounds, b: &Bounds) -> f32 {
    let width = (a.right.min(b.right) - a.left.max(b.left)).max(0.0);
    let height = (a.bottom.min(b.bottom) - a.top.max(b.top)).max(0.0);
    let smaller = (a.width() * a.height()).min(b.width() * b.height());
    width * height / smaller.max(f32::MIN_POSITIVE)
}

/// Joins neighbours to rows, each sorted from left to right.
fn in_rows(mut sightings: Vec<Sighting>) -> Vec<Vec<Sighting>> {
    sightings.sort_by(|a, b| centre(&a.bounds)[0].total_cmp(&centre(&b.bounds)[0]));
    let mut rows: Vec<Vec<Sighting>> = vec![];
    for sighting in sightings {
        // The row whose last digit is the nearest neighbour.
        let nearest = rows
            .iter_mut()
            .filter_map(|row| {
                let apart = apart(&row.last()?.bounds, &sighting.bounds)?;
                Some((apart, row))
            })
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        match nearest {
            Some((_, row)) => row.push(sighting),
            None => rows.push(vec![sighting]),
        }
    }
    rows
}

/// How far a box lies from the one on its left, if both may be neighbours in a row.
fn apart(left: &Bounds, right: &Bounds) -> Option<f32> {
    let higher = left.height().max(right.height());
    let gap = (right.left - left.right).max(0.0) / higher;
    let lower_by = (centre(right)[1] - centre(left)[1]).abs() / higher;
    // A small digit beside a high one may stand on the line or be raised.
    (gap <= GAP && lower_by <= SHIFT).then_some(gap + 2.0 * lower_by)
}

fn centre(bounds: &Bounds) -> [f32; 2] {
    [
        (bounds.left + bounds.right) / 2.0,
        (bounds.top + bounds.bottom) / 2.0,
    ]
}

fn middle(row: &[Sighting]) -> f32 {
    let sum: f32 = row.iter().map(|sighting| centre(&sighting.bounds)[1]).sum();
    sum / row.len() as f32
}
