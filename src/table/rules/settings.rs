//! Bounds of the search for readings that satisfy the rules, all set by reasoning.

/// Readings of one cell that are tried. The right one is rarely beyond the first hundred: two
/// doubtful digits of ten have at most so many combinations.
pub(super) const READINGS: usize = 1000;

/// Readings of each cell that are combined to a sum: enough for two doubtful digits with four
/// candidates each.
pub(super) const SUMMANDS: usize = 16;

/// Partial sums that are kept while a sum is searched, at least and at most: with three alternatives
/// for each of ten cells, all sums are kept.
pub(super) const PARTIAL_SUMS: (usize, usize) = (16, 20_000);

/// Partial sums of one line in all, which take about 100 MB.
pub(super) const PARTIAL_SUMS_IN_ALL: usize = 2_000_000;

/// A sum is corrected, and a refused digit filled in, if the most probable way is at least this
/// probable among all ways that satisfy the rules: else the rules do not tell which is right.
pub(super) const SURE: f64 = 0.5;
