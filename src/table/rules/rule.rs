//! One rule.

use anyhow::{Context, Result};

use super::grammar::{Statement, parse};
use crate::table::Table;

/// One rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// As it was given.
    pub(super) text: String,
    pub(super) statement: Statement,
}

impl Rule {
    /// A rule in words.
    ///
    /// # Errors
    /// Names the rule, and what was expected.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let statement =
            parse(text).with_context(|| format!("the rule '{text}' is not understood"))?;
        Ok(Self {
            text: text.trim().to_owned(),
            statement,
        })
    }

    /// Whether a table has the columns and rows that it names.
    pub(super) fn fits(&self, table: &Table) -> bool {
        let columns = table.columns;
        match &self.statement {
            Statement::Cells(meant, _) => (0..columns).any(|column| meant.contain(column, columns)),
            Statement::Sum(sum) => sum.fits(table),
        }
    }
}
