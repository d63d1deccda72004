//! All plausible ways to take the parts of a row together as digits, and the best of them.
//!
//! Costs are logarithms of odds, as are those of the network's probabilities. They were chosen on
//! rows put together from MNIST's validation images.

use super::segments::{Cut, Place, Segments};
use crate::recognizer::Prediction;
use crate::tensors::CLASSES;

/// No digit has more parts.
const MAX_PARTS: usize = 6;
/// No digit is wider than this, in heights of the row's digits.
const WIDEST: f64 = 1.6;
/// Parts of one digit have no more paper between them than this, in heights of the row's digits.
const GAP: f64 = 0.3;
/// Each digit costs this, so that a few good ones are preferred to many.
const DIGIT: f64 = 0.3;
/// Per height of the row's digits by which a digit is wider than high.
const WIDE: f64 = 3.0;
/// Per squared power of two by which a digit's height differs from the row's, beyond [`LENIENT`].
const HEIGHT: f64 = 4.0;
/// Digits of one row differ in height by this power of two at no cost.
const LENIENT: f64 = 0.5;
/// Per height of the row's digits of paper between parts that are taken together.
const JOIN: f64 = 4.0;
/// Per width of the pen of ink that a cut crosses.
const CUT: f64 = 1.0;
/// To leave out as much ink as a digit has.
const SKIP: f64 = 1.2;
/// Digits that touch are about so wide each, in heights.
const PITCH: f64 = 0.75;

/// Consecutive parts of a row that may be one digit, or nothing.
#[derive(Clone, Debug)]
pub struct Group {
    pub from: usize,
    pub to: usize,
    pub place: Place,
    /// The cost of being one digit, whichever.
    digit: f64,
    /// The cost of being nothing.
    nothing: f64,
}

impl Group {
    fn new(segments: &Segments, from: usize, to: usize) -> Option<Self> {
        let place = segments.place(from, to)?;
        let width = f64::from(place.width()) / segments.height;
        let height = f64::from(place.height()) / segments.height;
        let gap = widest_gap(segments, from, to);
        if to - from > 1 && (width > WIDEST || gap > GAP) {
            return None;
        }
        let inside = from..to;
        let parted = |cut: &&Cut| inside.contains(&cut.left) != inside.contains(&cut.right);
        let crossed: f64 = segments.cuts.iter().filter(parted).map(|cut| cut.ink).sum();
        // The group on the other side of a cut bears the other half.
        let cut = CUT * crossed / 2.0;
        let odd_height = (height.log2().abs() - LENIENT).max(0.0);
        let shape = WIDE * (width - 1.1).max(0.0) + HEIGHT * odd_height.powi(2);
        Some(Self {
            from,
            to,
            place,
            digit: DIGIT + cut + shape + JOIN * gap,
            nothing: cut + SKIP * height.min(1.0) * (width / PITCH).max(1.0),
        })
    }

    /// Whether any probability would make it a digit rather than nothing.
    pub fn may_be_digit(&self) -> bool {
        self.digit < self.nothing
    }
}

/// A digit on the best way through a row.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub place: Place,
    /// In 0..=1, by digit.
    pub probabilities: [f64; CLASSES],
    /// Of the most probable digit, in 0..=1.
    pub confidence: f64,
    /// How much less it costs than to leave it out.
    pub gain: f64,
}

/// Takes the parts of a row together in all plausible ways.
pub fn groups(segments: &Segments) -> Vec<Group> {
    let count = segments.places.len();
    let group = |from: usize| {
        let last = (from + MAX_PARTS).min(count);
        (from + 1..=last).filter_map(move |to| Group::new(segments, from, to))
    };
    (0..count).flat_map(group).collect()
}

/// The widest column of paper between the parts, in heights of the row's digits.
fn widest_gap(segments: &Segments, from: usize, to: usize) -> f64 {
    let places = &segments.places[from..to];
    let mut right = places[0].right;
    let gap = |place: &Place| {
        let gap = f64::from(place.left) - f64::from(right) - 1.0;
        right = right.max(place.right);
        gap
    };
    places.iter().map(gap).fold(0.0, f64::max) / segments.height
}

/// The cheapest way found so far to the end of a group.
#[derive(Clone, Copy)]
struct Way {
    cost: f64,
    group: usize,
    found: Option<Found>,
}

/// The digits on the cheapest way through the row, from left to right. `predictions` are of those
/// of the `groups` that may be digits, in their order.
pub fn best(groups: &[Group], predictions: &[Prediction]) -> Vec<Found> {
    let count = groups.iter().map(|group| group.to).max().unwrap_or(0);
    let mut ways: Vec<Option<Way>> = vec![None; count + 1];
    let mut predictions = predictions.iter();
    // Groups come in the order of their beginnings, so all ways to a beginning are known.
    for (index, group) in groups.iter().enumerate() {
        let prediction = group.may_be_digit().then(|| predictions.next()).flatten();
        let before = match group.from {
            0 => Some(0.0),
            from => ways[from].map(|way| way.cost),
        };
        let Some(before) = before else { continue };
        let (cost, found) = cheaper(group, prediction);
        let way = Way {
            cost: before + cost,
            group: index,
            found,
        };
        let known = &mut ways[group.to];
        if known.is_none_or(|known| way.cost < known.cost) {
            *known = Some(way);
        }
    }
    let back = |end: usize| ways[end];
    let way = std::iter::successors(back(count), |way| back(groups[way.group].from));
    let mut found: Vec<Found> = way.filter_map(|way| way.found).collect();
    found.reverse();
    found
}

/// Whether a group is a digit or nothing, and what that costs.
fn cheaper(group: &Group, prediction: Option<&Prediction>) -> (f64, Option<Found>) {
    let nothing = (group.nothing, None);
    let Some(prediction) = prediction else {
        return nothing;
    };
    let (_, confidence) = prediction.ranking()[0];
    let cost = group.digit - confidence.max(f64::MIN_POSITIVE).ln();
    if cost > group.nothing {
        return nothing;
    }
    let found = Found {
        place: group.place,
        probabilities: prediction.probabilities,
        confidence,
        gain: group.nothing - cost,
    };
    (cost, Some(found))
}
