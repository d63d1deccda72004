//! Rules that numbers of a table satisfy, given by its owner, and what follows where the best
//! reading of a cell breaks one: another reading, or a mark.
//!
//! No rule makes up a character: all readings are [alternatives](super::alternatives) that the
//! network itself sees.

mod apply;
mod check;
mod checksum;
mod grammar;
mod places;
mod search;
mod settings;
mod sums;

use anyhow::{Context, Result};

use super::{Answer, Table};
use grammar::Statement;

/// Rules for the tables of a sheet.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    /// As it was given.
    text: String,
    statement: Statement,
}

impl Rules {
    /// Rules in words, such as `2: digits 4` or `row last = sum of rows above`.
    ///
    /// # Errors
    /// Names the first that is not understood, and what was expected.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let rule = |text: &str| {
            let statement = grammar::parse(text)
                .with_context(|| format!("the rule '{text}' is not understood"))?;
            Ok(Rule {
                text: text.trim().to_owned(),
                statement,
            })
        };
        texts.into_iter().map(rule).collect::<Result<_>>().map(Self)
    }

    /// The rules as they were given.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|rule| rule.text.as_str())
    }

    /// Whether a table has the columns and rows that each rule names, in their order.
    pub fn fit(&self, table: &Table) -> Vec<bool> {
        let fits = |rule: &Rule| match &rule.statement {
            Statement::Cells(columns, _) => {
                (0..table.columns).any(|column| columns.contain(column, table.columns))
            }
            Statement::Sum(sum) => sum.fits(table),
        };
        self.0.iter().map(fits).collect()
    }

    /// What each cell of a table is taken to hold, in the order of its cells.
    pub fn apply(&self, table: &Table) -> Vec<Answer> {
        apply::apply(&self.0, table)
    }
}
