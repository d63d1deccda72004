//! Tables of numbers on a photographed sheet: rows and columns of cells, and what was read in each.

mod align;
mod alternatives;
mod answer;
mod candidates;
mod checked;
mod choice;
mod columns;
mod crowded;
mod csv;
mod curve;
mod darkness;
mod decimal;
mod draft;
mod enclosed;
mod features;
mod fields;
mod frame;
mod grid;
mod joined;
mod json;
mod layout;
mod line_mask;
mod lines;
mod number;
mod orientation;
mod partial;
mod read;
mod refine;
mod ruled;
mod rules;
#[cfg(test)]
pub(crate) mod samples;
mod settings;
mod sheet;
mod skew;
mod slash;
mod smoothed;
mod straighten;
#[cfg(test)]
mod testing;
mod trace;
mod unread;
mod working;
mod writing;

pub use alternatives::Alternative;
pub use answer::{Answer, Outcome};
pub use checked::Checked;
pub use csv::{CsvForm, delimiter};
pub use features::{FEATURES, Features};
pub use json::LISTED;
pub use number::Mark;
pub use read::{TriedLayout, layouts, read};
pub use rules::Rules;
pub use sheet::{Cell, Point, Sheet, Table};
