//! Rules that numbers of a table satisfy, given by its owner, and what follows where the best
//! reading of a cell breaks one: another reading, or a mark.
//!
//! No rule makes up a character: all readings are [alternatives](super::Cell::alternatives) that the
//! network itself sees.

mod apply;
mod check;
mod checksum;
mod grammar;
mod places;
mod rule;
mod search;
mod settings;
mod sums;

use anyhow::Result;

use super::{Answer, Table};
use rule::Rule;

/// Rules for the tables of a sheet.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Rules in words, such as `2: digits 4` or `row last = sum of rows above`.
    ///
    /// # Errors
    /// Names the first that is not understood, and what was expected.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        texts
            .into_iter()
            .map(Rule::parse)
            .collect::<Result<_>>()
            .map(Self)
    }

    /// The rules as they were given.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|rule| rule.text.as_str())
    }

    /// Whether a table has the columns and rows that each rule names, in their order.
    pub fn fit(&self, table: &Table) -> Vec<bool> {
        self.0.iter().map(|rule| rule.fits(table)).collect()
    }

    /// What each cell of a table is taken to hold, in the order of its cells.
    pub fn apply(&self, table: &Table) -> Vec<Answer> {
        apply::apply(&self.0, table)
    }
}
