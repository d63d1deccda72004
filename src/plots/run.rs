//! A run, as its curves need it.

use crate::trainer::EpochRecord;

/// One run to draw.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// What the legend calls it.
    pub name: &'a str,
    /// Its epochs in order.
    pub history: &'a [EpochRecord],
}

/// The error in percent that belongs to an accuracy (fraction).
pub(super) fn percent_wrong(accuracy: f64) -> f64 {
    // Subtracting from 1 leaves dust in the last digits, which would decide between equal epochs.
    ((1.0 - accuracy) * 1e8).round() / 1e6
}
