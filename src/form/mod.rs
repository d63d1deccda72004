//! Forms: sheets of which many are filled in, read field by field.
//!
//! A form has a picture of the empty sheet and named fields on it (`file`); `boxes` finds the fields
//! of a new one (`found`). A photo of a filled sheet is laid over that picture (`align`), and each field is
//! read (`read`) as what it holds (`kind`).

mod align;
mod boxes;
mod file;
mod found;
mod kind;
mod plane_map;
mod read;
#[cfg(test)]
mod testing;

pub use align::{Aligner, Alignment};
pub use file::{Field, Form};
pub use kind::Kind;
pub use plane_map::PlaneMap;
pub use read::{Filled, MIN_SIMILARITY, read};
