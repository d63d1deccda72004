//! Parsing and refusing arguments, shared by all commands.

use std::fmt::Display;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, ensure};
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

/// Parses a whole number in a range; the error names both ends in words.
pub(super) fn whole<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| match text.parse::<T>() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!(
            "expected a whole number from {} to {}",
            range.start(),
            range.end()
        )),
    }
}

/// The same without an upper end.
pub(super) fn at_least<T>(
    least: T,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |text| match text.parse::<T>() {
        Ok(number) if number >= least => Ok(number),
        _ => Err(format!("expected a whole number of at least {least}")),
    }
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

/// Makes the folder that `--out` names, unless it exists.
pub(super) fn make_folder(path: &Path) -> Result<()> {
    ensure!(
        !path.is_file(),
        "making the folder {}: it is a file; name another one with --out",
        path.display()
    );
    fs::create_dir_all(path).with_context(|| format!("making the folder {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_out_of_range_is_answered_with_the_range_in_words() {
        let parse = whole(1..=10_u8);
        assert_eq!(parse("10"), Ok(10));
        for text in ["0", "11", "300", "-1", "2.5", "x", ""] {
            let expected = "expected a whole number from 1 to 10";
            assert_eq!(parse(text), Err(expected.to_owned()), "{text}");
        }
        let parse = at_least(2_u32);
        assert_eq!(parse("2"), Ok(2));
        let expected = "expected a whole number of at least 2";
        assert_eq!(parse("1"), Err(expected.to_owned()));
    }
}
