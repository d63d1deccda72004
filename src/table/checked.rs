//! A sheet with what its cells are taken to hold.

use super::{Answer, Rules, Sheet, Table};

/// A sheet with what its cells are taken to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// What was read.
    pub sheet: Sheet,
    /// For each table, an answer for each cell.
    pub answers: Vec<Vec<Answer>>,
}

impl Checked {
    /// A sheet after the rules were applied to each of its tables.
    pub fn new(sheet: Sheet, rules: &Rules) -> Self {
        Self {
            answers: sheet
                .tables
                .iter()
                .map(|table| rules.apply(table))
                .collect(),
            sheet,
        }
    }

    /// The tables, each with its answers in the order of its cells.
    pub fn tables(&self) -> impl Iterator<Item = (&Table, &[Answer])> {
        let answers = self.answers.iter().map(Vec::as_slice);
        self.sheet.tables.iter().zip(answers)
    }
}
