//! The arguments about tables.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use crate::table::{Mark, delimiter};

#[derive(Debug, Args)]
pub(in crate::cli) struct TableArgs {
    /// Read the tables in each picture, and write them as CSV: to a file ending in .csv, .tsv or .txt,
    /// which gets all tables one below the other with an empty row between; to a folder, which gets
    /// five.csv for five.jpg; or to stdout (-).
    #[arg(long = "table", value_name = "OUT",
          conflicts_with_all = ["single", "csv", "annotate", "stages", "top_k"])]
    pub(super) out: Option<PathBuf>,

    /// Character between two columns, or tab, comma or semicolon [default: tab for .tsv, else comma]
    #[arg(long, value_name = "CHAR", requires = "out", value_parser = delimiter)]
    pub(super) delimiter: Option<u8>,

    /// Decimal mark of all numbers, point or comma (also . or ,) [default: as written]
    #[arg(long, value_name = "MARK", requires = "out", value_parser = Mark::from_str)]
    pub(super) decimal: Option<Mark>,

    /// What a column or a sum must satisfy, such as '2: digits 4', '3: 0..100', 'last: one of 1 2 3',
    /// '1: luhn', 'row last = sum of rows above'; may be repeated. See docs/tables.md.
    #[arg(long = "rule", value_name = "RULE", requires = "out")]
    pub(super) rules: Vec<String>,

    /// Folder for a copy of each picture with what was read drawn in its cells, and review.csv, which
    /// lists the cells, the most doubtful first.
    #[arg(long, value_name = "DIR", requires = "out")]
    pub(super) review: Option<PathBuf>,
}

impl TableArgs {
    /// Whether copies of the pictures are drawn, so that all of their names must be known before.
    pub(in crate::cli) fn draws(&self) -> bool {
        self.review.is_some()
    }
}
