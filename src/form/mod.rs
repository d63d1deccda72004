//! Forms: sheets of which many are filled in, read field by field.

pub mod align;
