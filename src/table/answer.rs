//! What a cell is taken to hold: what was read in it, or another reading that the rules demanded.

use super::Cell;

/// The factor of confidence for writing in a cell that was not read, which is as likely a missing
/// digit as none.
const INCOMPLETE: f64 = 0.5;

/// A cell of less confidence is doubtful: at this value, one in ten such cells is expected to be
/// wrong, which is worth a glance.
const DOUBT: f64 = 0.9;

/// What a cell is taken to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The best reading, or the corrected one.
    pub text: String,
    /// The probability in 0..=1 that the text is right and nothing is missing, as the network alone
    /// sees it: whatever the rules did, so that a corrected cell stays doubtful. Writing that was not
    /// read halves it, or makes it 0 where nothing else is in the cell.
    pub confidence: f64,
    /// What the rules did.
    pub outcome: Outcome,
    /// The rules, as they were given, that the text breaks, or that the best reading broke before
    /// it was corrected.
    pub broken: Vec<String>,
}

/// What the rules did to a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Outcome {
    /// No rule is about it.
    Unchecked,
    /// The best reading satisfies them.
    Kept,
    /// The best reading broke one, and the text is another that satisfies them.
    Corrected,
    /// No reading satisfies them; the text is the best one.
    Violated,
}

impl Answer {
    /// A text of a cell, which the network gives this probability.
    pub(super) fn new(cell: &Cell, text: String, probability: f64) -> Self {
        let missing = match (cell.has_unread, cell.symbols.is_empty()) {
            (false, _) => 1.0,
            (true, false) => INCOMPLETE,
            (true, true) => 0.0,
        };
        Self {
            text,
            confidence: missing * probability,
            outcome: Outcome::Unchecked,
            broken: vec![],
        }
    }

    /// Whether someone should look at the cell.
    pub fn is_doubtful(&self) -> bool {
        let is_wrong = matches!(self.outcome, Outcome::Corrected | Outcome::Violated);
        is_wrong || self.confidence < DOUBT
    }

    /// What was read in a cell, whatever the rules.
    pub fn best(cell: &Cell) -> Self {
        Self::new(cell, cell.text(), cell.confidence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::samples::{cell, sure};

    #[test]
    fn what_was_not_read_makes_a_cell_less_sure() {
        let confidence = |of: Cell, has_unread| {
            let cell = Cell { has_unread, ..of };
            Answer::best(&cell).confidence
        };
        assert_eq!(confidence(sure("7"), false), 0.99);
        assert_eq!(confidence(sure("7"), true), 0.99 / 2.0);
        assert_eq!(confidence(cell(&[]), true), 0.0);
        assert_eq!(confidence(cell(&[]), false), 1.0);
    }
}
