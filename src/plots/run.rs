//! A run whose curves are drawn.

use crate::trainer::EpochRecord;

/// One run to draw.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// Its name in the legend.
    pub name: &'a str,
    /// Its epochs in order.
    pub history: &'a [EpochRecord],
}

/// The error in percent for an accuracy given as a fraction.
pub(super) fn percent_wrong(accuracy: f64) -> f64 {
    // Subtracting from 1 leaves rounding errors, which would decide between equal epochs.
    ((1.0 - accuracy) * 1e8).round() / 1e6
}
