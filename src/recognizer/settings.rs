//! Every number that reading pictures depends on and that is not learned. All were chosen on rendered
//! validation scenes (`scripts/reader-settings`), none on people's pictures.

/// The detector's score from which a place is looked at again: low, since the second look refuses.
pub(super) const THRESHOLD: f32 = 0.15;

/// Digits smaller than this many pixels on a level are looked for on the next one too.
pub(super) const SMALL: f32 = 24.0;

/// Places of digits' ink outside all boxes from which the next level is looked at.
pub(super) const ENOUGH_INK: usize = 6;

/// Digits larger than this many pixels on a level are seen better on a coarser one.
pub(super) const LARGE: f32 = 112.0;

/// Weight of the detector's score beside the second look, in logarithms.
pub(super) const DETECTOR_WEIGHT: f64 = 0.3;

/// The probability of being a digit at all from which a box counts as one.
pub(super) const DIGIT: f64 = 0.5;

/// The same for a box between others in a row, which is then shown as refused.
pub(super) const REFUSED: f64 = 0.25;

/// Two boxes that share so much of the smaller one are one digit.
pub(super) const SAME: f32 = 0.5;

/// Digits of one row are no farther apart than so many of their heights.
pub(super) const GAP: f32 = 2.5;

/// Middles of neighbours in a row differ by no more than this share of the higher one's height.
pub(super) const SHIFT: f32 = 0.6;

/// Unread ink counts from this share of the area of the row's digits.
pub(super) const UNREAD: f32 = 0.15;
