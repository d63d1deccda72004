//! All plausible ways to take the parts of a row together as digits, and the best of them.

use super::segments::Segments;
use crate::recognizer::Prediction;

/// No digit has more parts.
const MAX_PARTS: usize = 6;
/// No digit is wider than this, in heights of the row's digits.
const WIDEST: f64 = 1.6;
/// What wider digits cost.
const WIDE: f64 = 1.0;
/// Parts of one digit have no more paper between them than this, in heights of the row's digits.
const GAP: f64 = 0.3;
/// What it costs to take two pieces together, for each digit's height of paper between them.
const JOIN: f64 = 6.0;
/// What it costs to cut, for each width of the pen of ink that is crossed.
const CUT: f64 = 0.8;
/// Digits may differ from the row's height by this factor (as a power of two) at no cost.
const LENIENT: f64 = 0.5;
/// What it costs to leave out ink as high as a digit.
const SKIP: f64 = 1.2;

/// Consecutive parts of a row that may be one digit, or nothing.
#[derive(Clone, Debug)]
pub struct Group {
    pub from: usize,
    pub to: usize,
    /// Left, top, width and height.
    pub area: [u32; 4],
    /// Against being one digit, whichever.
    digit_cost: f64,
    /// Against being nothing.
    skip_cost: f64,
}

/// Groups the parts of a row in all plausible ways.
pub fn groups(segments: &Segments) -> Vec<Group> {
    let count = segments.list.len();
    let pairs = (0..count).flat_map(|from| {
        let last = (from + MAX_PARTS).min(count);
        (from + 1..=last).map(move |to| (from, to))
    });
    pairs
        .filter_map(|(from, to)| group(segments, from, to))
        .collect()
}

fn group(segments: &Segments, from: usize, to: usize) -> Option<Group> {
    let place = segments.place(from, to)?;
    let (width, height) = (
        f64::from(place.width()) / segments.height,
        f64::from(place.height()) / segments.height,
    );
    let gap = widest_gap(segments, from, to);
    if to - from > 1 && (width > WIDEST || gap > GAP) {
        return None;
    }
    let inside = from..to;
    let parted =
        |cut: &&super::segments::Cut| inside.contains(&cut.left) != inside.contains(&cut.right);
    // The neighbour on the other side of the seam pays the other half.
    let cuts: f64 = segments.cuts.iter().filter(parted).map(|cut| cut.ink).sum();
    let cut_cost = CUT * cuts / 2.0;
    let odd_height = (height.log2().abs() - LENIENT).max(0.0);
    let odd_width = (width - 1.0).max(0.0);
    // A digit's worth, or that of several side by side.
    let size = height.min(1.0) * (width / 0.75).max(1.0);
    Some(Group {
        from,
        to,
        area: [place.left, place.top, place.width(), place.height()],
        digit_cost: cut_cost + JOIN * gap + 4.0 * odd_height.powi(2) + WIDE * odd_width,
        skip_cost: cut_cost + SKIP * size,
    })
}

/// The widest column of paper between the parts, in heights of the row's digits.
fn widest_gap(segments: &Segments, from: usize, to: usize) -> f64 {
    let parts = &segments.list[from..to];
    let mut widest: f64 = 0.0;
    let mut right = parts[0].place.right;
    for part in &parts[1..] {
        widest = widest.max(f64::from(part.place.left) - f64::from(right) - 1.0);
        right = right.max(part.place.right);
    }
    widest / segments.height
}

/// The groups that are digits on the cheapest way through the row, each with its digit and that
/// digit's probability. `predictions` are of the `groups`.
pub fn best(groups: &[Group], predictions: &[Prediction]) -> Vec<(usize, usize, f64)> {
    let count = groups.iter().map(|group| group.to).max().unwrap_or(0);
    let mut ways: Vec<Option<(f64, usize, bool)>> = vec![None; count + 1];
    let cost_to = |ways: &[Option<(f64, usize, bool)>], at: usize| match at {
        0 => Some(0.0),
        _ => ways[at].map(|way| way.0),
    };
    // Groups come in the order of their beginnings, so all ways to a beginning are known.
    for (index, (group, prediction)) in groups.iter().zip(predictions).enumerate() {
        let Some(before) = cost_to(&ways, group.from) else {
            continue;
        };
        let (_, probability) = prediction.ranking()[0];
        let digit = before + group.digit_cost - probability.max(1e-9).ln();
        let skip = before + group.skip_cost;
        let way = (digit.min(skip), index, digit <= skip);
        let known = &mut ways[group.to];
        if known.is_none_or(|known| way.0 < known.0) {
            *known = Some(way);
        }
    }
    let mut digits = Vec::new();
    let mut at = count;
    while let Some((_, index, is_digit)) = ways[at] {
        if is_digit {
            let (digit, probability) = predictions[index].ranking()[0];
            digits.push((index, digit, probability));
        }
        at = groups[index].from;
    }
    digits.reverse();
    digits
}
