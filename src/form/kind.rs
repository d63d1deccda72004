//! What a field of a form holds.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, Result, bail};
use serde::{Deserialize, Serialize};

/// Most digits that a field can ask for.
const MAX_DIGITS: u8 = 40;

/// What is written in a field: `digits`, `digits:4`, `number`, `date` or `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Kind {
    /// Digits alone, as many as given.
    Digits(Option<u8>),
    /// A number, which may have a minus and a decimal point or comma.
    Number,
    /// Day, month and year in any order, separated by `.`, `/` or `-`.
    Date,
    /// A mark or nothing.
    Check,
}

impl Kind {
    /// What is wrong with a text for such a field; none if nothing is. An empty field is never wrong.
    pub fn problem(self, text: &str) -> Option<String> {
        if text.is_empty() {
            return None;
        }
        match self {
            Self::Digits(Some(count)) if text.chars().count() != usize::from(count) => Some(
                format!("{} digits instead of {count}", text.chars().count()),
            ),
            Self::Number if !is_number(text) => Some("not a number".to_owned()),
            Self::Date if !is_date(text) => Some("not a date".to_owned()),
            _ => None,
        }
    }
}

/// `12`, `-3.5`, `1,250`: a minus at most in front, digits, and points or commas between them.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let is_part = |part: &str| part.chars().all(|c| c.is_ascii_digit() || c == '?');
    let parts: Vec<&str> = text.split(['.', ',']).collect();
    let last_is_filled = parts.last().is_some_and(|last| !last.is_empty());
    last_is_filled && parts.into_iter().all(is_part)
}

/// Three parts, of which one may be a year of four digits.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['.', '/', '-']).collect();
    let is_unclear = text.contains('?');
    let values: Option<Vec<u32>> = parts.iter().map(|part| part.parse().ok()).collect();
    match values.as_deref() {
        Some(&[first, second, third]) => {
            let years = parts.iter().filter(|part| part.len() == 4).count();
            let small = |value: u32| (1..=31).contains(&value);
            let days = [first, second, third].into_iter().filter(|&v| small(v));
            let months = [first, second, third]
                .into_iter()
                .filter(|&v| (1..=12).contains(&v));
            years <= 1 && days.count() >= 2 && months.count() >= 1
        }
        _ => is_unclear && parts.len() == 3,
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "digits" => Self::Digits(None),
            "number" => Self::Number,
            "date" => Self::Date,
            "check" => Self::Check,
            _ => match text.strip_prefix("digits:").map(str::parse::<u8>) {
                Some(Ok(count)) if (1..=MAX_DIGITS).contains(&count) => Self::Digits(Some(count)),
                Some(_) => {
                    bail!("digits: is followed by a number from 1 to {MAX_DIGITS}, not {text:?}")
                }
                None => bail!("unknown type {text:?}: use digits, digits:4, number, date or check"),
            },
        })
    }
}

impl TryFrom<String> for Kind {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits(None) => f.write_str("digits"),
            Self::Digits(Some(count)) => write!(f, "digits:{count}"),
            Self::Number => f.write_str("number"),
            Self::Date => f.write_str("date"),
            Self::Check => f.write_str("check"),
        }
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_written_as_they_are_read() {
        for text in ["digits", "digits:4", "number", "date", "check"] {
            assert_eq!(text.parse::<Kind>().unwrap().to_string(), text);
        }
        for text in ["digits:0", "digits:x", "digits:41"] {
            let error = text.parse::<Kind>().unwrap_err().to_string();
            assert!(error.contains("a number from 1 to 40"), "{error}");
        }
        let error = "text".parse::<Kind>().unwrap_err().to_string();
        assert!(error.contains("use digits, digits:4, number"), "{error}");
    }

    #[test]
    fn a_text_that_does_not_suit_its_field_is_a_problem() {
        let four = Kind::Digits(Some(4));
        assert_eq!(four.problem("123").unwrap(), "3 digits instead of 4");
        for (kind, right, wrong) in [
            (four, &["1234", "12?4", ""][..], &["12345"][..]),
            (Kind::Digits(None), &["1", "123456"], &[]),
            (
                Kind::Number,
                &["12", "-3.5", "1,250.75", ".5", "-1?"],
                &["-", "3-5", "12:30", "5."],
            ),
            (
                Kind::Date,
                &["24.12.2025", "3/4/99", "2025-1-31", "2?.1.2025"],
                &["24.12", "99/99/99", "32.13.2025", "12", "1.2.3.4"],
            ),
        ] {
            for text in right {
                assert_eq!(kind.problem(text), None, "{kind}: {text}");
            }
            for text in wrong {
                assert!(kind.problem(text).is_some(), "{kind}: {text}");
            }
        }
    }
}
