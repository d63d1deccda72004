//! Tables of numbers on a photographed sheet: rows and columns of cells, and what was read in each.

mod align;
mod columns;
mod curve;
mod draft;
mod fields;
mod frame;
mod grid;
mod layout;
mod lines;
mod orientation;
mod partial;
mod read;
mod refine;
mod ruled;
mod settings;
mod sheet;
mod skew;
mod straighten;
#[cfg(test)]
mod testing;
mod trace;
mod unread;
mod working;
mod writing;

pub use read::read;
pub use sheet::{Cell, Point, Sheet, Table};
