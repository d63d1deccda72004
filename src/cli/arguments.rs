//! What arguments have in common: how they are read, and refused.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use strum::VariantNames;

/// Arguments that make no sense together, or do not say enough: exit code 2.
pub(super) fn misuse(text: &str) -> anyhow::Error {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{text}\n")).into()
}

/// Reads one of an enum's names, and lists them where it is none.
pub(super) fn one_of<T>() -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = strum::ParseError> + VariantNames + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(T::VARIANTS).try_map(|name| name.parse::<T>())
}

/// A path to write a picture to, which is always a PNG.
pub(super) fn png_file(path: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(path);
    match path.extension() {
        Some(ending) if !ending.eq_ignore_ascii_case("png") => {
            Err("pictures are written as PNG: choose the ending .png".to_owned())
        }
        _ => Ok(path),
    }
}
