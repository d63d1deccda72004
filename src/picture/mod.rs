//! Pictures of any kind: from the bytes of an image file to what a person sees, upright and of
//! bounded size.

mod backdrop;
mod budget;
mod decode;
mod error;
mod file;
mod grey;
mod jpeg;
mod kind;
mod reduce;

pub use decode::{Upright, decode, decode_sheet};
pub use error::ImageError;
pub use file::{load, load_from};
pub use grey::grey;
pub use kind::{is_picture, is_picture_file};
