//! Slashes or ones: where few numbers of a column have a slash, what looks like one is rather a 1 that
//! leans.
//!
//! The share of the column's numbers that have a slash is the prior probability of one, estimated from
//! the same cells (empirical Bayes).

use super::Table;
use crate::characters::class_of;
use crate::recognizer::Symbol;
use crate::tensors::CLASSES;

/// Weighs the slashes of each column by how common they are in it. A symbol becomes the digit that is
/// then more probable, if that is at least as probable as `min_confidence`.
pub(super) fn weigh(table: &mut Table, min_confidence: f64) {
    let Some(slash) = class_of('/').map(usize::from) else {
        return;
    };
    for column in 0..table.columns {
        let cells = || table.cells.iter().filter(|cell| cell.column == column);
        let numbers = cells().filter(|cell| !cell.symbols.is_empty());
        let slashes: f64 = cells()
            .map(|cell| {
                let own = cell.symbols.iter();
                own.map(|symbol| symbol.probabilities[slash])
                    .fold(0.0, f64::max)
            })
            .sum();
        // Half a number with a slash and half a number without one are seen beforehand (Jeffreys).
        let share = (slashes + 0.5) / (numbers.count() as f64 + 1.0);
        let odds = (share / (1.0 - share)).min(1.0);
        let cells = table.cells.iter_mut();
        for cell in cells.filter(|cell| cell.column == column) {
            let slashes = cell.symbols.iter_mut();
            for symbol in slashes.filter(|symbol| symbol.class == u8::try_from(slash).ok()) {
                reweigh(symbol, slash, odds, min_confidence);
            }
        }
    }
}

fn reweigh(symbol: &mut Symbol, slash: usize, odds: f64, min_confidence: f64) {
    let mut probabilities = symbol.probabilities;
    let before: f64 = probabilities.iter().sum();
    probabilities[slash] *= odds;
    let factor = before / probabilities.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let probabilities = probabilities.map(|own| (own * factor).min(1.0));
    let digits = probabilities.iter().take(CLASSES).copied().enumerate();
    let Some((digit, most)) = digits.max_by(|(_, a), (_, b)| a.total_cmp(b)) else {
        return;
    };
    if most > probabilities[slash] && most >= min_confidence {
        symbol.class = u8::try_from(digit).ok();
        symbol.confidence = most;
        symbol.probabilities = probabilities;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::samples::{cell, sure, table};
    use crate::table::{Answer, Cell};

    fn texts(cells: Vec<Cell>) -> Vec<String> {
        let mut table = table(1, cells);
        weigh(&mut table, 0.3);
        let answers = table.cells.iter().map(Answer::best);
        answers.map(|answer| answer.text).collect()
    }

    fn leaning() -> Cell {
        cell(&[&[('6', 0.99)], &[('/', 0.6), ('1', 0.39)], &[('2', 0.99)]])
    }

    #[test]
    fn a_single_slash_among_many_numbers_is_a_1() {
        let mut cells = vec![sure("590"), sure("608"), sure("573"), sure("566")];
        cells.push(leaning());
        assert_eq!(texts(cells)[4], "612");
        // One that is clear stays.
        let cells = vec![sure("59"), sure("60"), sure("7/3"), sure("56")];
        assert_eq!(texts(cells)[2], "7/3");
    }

    #[test]
    fn where_slashes_are_common_they_stay() {
        let cells = vec![sure("1/2"), sure("3/4"), leaning(), sure("1/3")];
        assert_eq!(texts(cells)[2], "6/2");
    }
}
