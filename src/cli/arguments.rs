//! Parsing and refusing arguments, shared by all commands.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use strum::VariantNames;

/// Arguments that contradict one another or are incomplete: exit code 2.
pub(super) fn misuse(text: &str) -> anyhow::Error {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{text}\n")).into()
}

/// Parses one of an enum's names; the error lists them.
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
        Some(extension) if !extension.eq_ignore_ascii_case("png") => {
            Err("pictures are written as PNG: use the extension .png".to_owned())
        }
        _ => Ok(path),
    }
}
