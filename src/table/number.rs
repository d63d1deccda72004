//! Numbers as people write them: which of their marks is the decimal one, and their values.

use std::cmp::Ordering;
use std::str::FromStr;

use anyhow::{Error, bail};

/// Most digits of a number, so that sums of many of them are exact.
const MAX_DIGITS: usize = 15;

/// How many digits stand between two thousands separators.
const GROUP: usize = 3;

/// An exact decimal number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    mantissa: i128,
    /// Decimal places, at most [`MAX_DIGITS`].
    places: usize,
}

impl Number {
    /// A number with a decimal point and without thousands separators, such as `-3.5`.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_negative, amount) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
        let digits = format!("{whole}{part}");
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || digits.len() > MAX_DIGITS {
            return None;
        }
        let amount: i128 = digits.parse().ok()?;
        Some(Self {
            mantissa: if is_negative { -amount } else { amount },
            places: part.len(),
        })
    }

    /// Its value in units of so many decimal places, at least as many as its own.
    pub(super) fn scaled(self, places: usize) -> i128 {
        self.mantissa * 10i128.pow(places.saturating_sub(self.places) as u32)
    }

    /// Decimal places as written.
    pub(super) fn places(self) -> usize {
        self.places
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other).is_some_and(Ordering::is_eq)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let places = self.places.max(other.places);
        self.scaled(places).partial_cmp(&other.scaled(places))
    }
}

/// A mark between the digits of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// `.`
    Point,
    /// `,`
    Comma,
}

impl Mark {
    /// The mark itself.
    pub fn character(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    /// The one that separates thousands where this one is the decimal mark.
    fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

impl FromStr for Mark {
    type Err = Error;

    /// `.` or `point`, `,` or `comma`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "." | "point" => Ok(Self::Point),
            "," | "comma" => Ok(Self::Comma),
            _ => bail!("expected point or comma"),
        }
    }
}

/// How the numbers of a table are written: which mark is the decimal one, where that can be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style(Option<Mark>);

impl Style {
    /// The style of a table, from all texts in it: `1.234,5` and `0,5` have a decimal comma, and
    /// so has `1.234.567`; `1.234` may be either.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut points, mut commas) = (0, 0);
        for decimal in texts.into_iter().filter_map(decimal_of) {
            match decimal {
                Mark::Point => points += 1,
                Mark::Comma => commas += 1,
            }
        }
        Self(match points.cmp(&commas) {
            Ordering::Greater => Some(Mark::Point),
            Ordering::Less => Some(Mark::Comma),
            Ordering::Equal => None,
        })
    }

    /// The decimal mark of a number, from itself where it tells, else from the table.
    fn decimal(self, text: &str) -> Option<Mark> {
        decimal_of(text).or(self.0)
    }

    /// The value of a text; none if it is no number. A mark that may be either, such as that of
    /// `1.234` alone, separates thousands.
    pub fn value(self, text: &str) -> Option<Number> {
        let decimal = match (self.decimal(text), text.find([',', '.'])) {
            (Some(decimal), _) => decimal,
            (None, Some(at)) if text[at..].starts_with('.') => Mark::Comma,
            (None, _) => Mark::Point,
        };
        let (whole, part) = split(text, decimal)?;
        let thousands = decimal.other().character();
        if whole.contains(thousands) && !is_grouped(whole, thousands) {
            return None;
        }
        let plain = whole.replace(thousands, "");
        Number::parse(&format!("{plain}.{part}"))
    }

    /// The text with another decimal mark, if it is a number of which that mark is known. A
    /// thousands separator stays, unless it would be taken for the decimal mark: then it becomes
    /// the other one.
    pub fn with_decimal(self, text: &str, wanted: Mark) -> String {
        let unchanged = || text.to_owned();
        let Some(decimal) = self.decimal(text) else {
            return unchanged();
        };
        if decimal == wanted || self.value(text).is_none() {
            return unchanged();
        }
        let swapped = |character| match character {
            _ if character == decimal.character() => wanted.character(),
            _ if character == wanted.character() => decimal.character(),
            _ => character,
        };
        text.chars().map(swapped).collect()
    }
}

/// The whole part and the decimals; none if there are several decimal marks, or other marks among
/// the decimals.
fn split(text: &str, decimal: Mark) -> Option<(&str, &str)> {
    let (whole, part) = text.split_once(decimal.character()).unwrap_or((text, ""));
    part.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some((whole, part))
}

/// Whether a whole number is divided into groups of three digits: `12.345.678`.
fn is_grouped(whole: &str, thousands: char) -> bool {
    let mut groups = whole.trim_start_matches('-').split(thousands);
    let first = groups.next().unwrap_or_default();
    (1..=GROUP).contains(&first.len())
        && !first.starts_with('0')
        && groups.all(|group| group.len() == GROUP)
}

/// The decimal mark that a text by itself shows.
fn decimal_of(text: &str) -> Option<Mark> {
    let amount = text.trim_start_matches('-');
    let is_number = |byte: u8| byte.is_ascii_digit() || byte == b'.' || byte == b',';
    if !amount.bytes().all(is_number) {
        return None;
    }
    let last = amount.rfind([',', '.'])?;
    let mark = match amount[last..].starts_with('.') {
        true => Mark::Point,
        false => Mark::Comma,
    };
    let (before, after) = (&amount[..last], &amount[last + 1..]);
    let (same, other) = (mark.character(), mark.other().character());
    if before.contains(same) {
        // Thousands, or a date.
        let is_thousands = !before.contains(other) && is_grouped(amount, same);
        return is_thousands.then_some(mark.other());
    }
    if before.contains(other) {
        return is_grouped(before, other).then_some(mark);
    }
    let may_be_thousands = is_grouped(amount, same);
    (!after.is_empty() && !may_be_thousands).then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_mark_is_a_character_or_its_name() {
        for (text, mark) in [
            (".", Mark::Point),
            ("point", Mark::Point),
            (",", Mark::Comma),
            ("comma", Mark::Comma),
        ] {
            assert_eq!(text.parse::<Mark>().unwrap(), mark);
        }
        assert!(";".parse::<Mark>().is_err());
    }

    const UNKNOWN: Style = Style(None);
    const COMMA: Style = Style(Some(Mark::Comma));
    const POINT: Style = Style(Some(Mark::Point));

    fn value(style: Style, text: &str) -> Option<f64> {
        let number = style.value(text)?;
        Some(number.scaled(6) as f64 / 1e6)
    }

    #[test]
    fn one_number_tells_how_those_beside_it_are_written() {
        assert_eq!(Style::of(["12", "1.234", "7:30"]), UNKNOWN);
        assert_eq!(Style::of(["1.234", "0,5"]), COMMA);
        assert_eq!(Style::of(["1.234", "1.234.567"]), COMMA);
        assert_eq!(Style::of(["1.234,56"]), COMMA);
        assert_eq!(Style::of(["1.234", "2.5", "0.125"]), POINT);
        // A contradiction tells nothing.
        assert_eq!(Style::of(["2.5", "2,5"]), UNKNOWN);
    }

    #[test]
    fn a_number_has_the_value_that_its_writer_meant() {
        assert_eq!(value(UNKNOWN, "-12"), Some(-12.0));
        assert_eq!(value(UNKNOWN, "3,5"), Some(3.5));
        assert_eq!(value(UNKNOWN, "1.234"), Some(1234.0));
        assert_eq!(value(UNKNOWN, "1,234"), Some(1234.0));
        assert_eq!(value(POINT, "1.234"), Some(1.234));
        assert_eq!(value(COMMA, "1.234"), Some(1234.0));
        assert_eq!(value(POINT, "1,234,567.50"), Some(1_234_567.5));
        assert_eq!(value(COMMA, ",5"), Some(0.5));
    }

    #[test]
    fn what_is_no_number_has_no_value() {
        for text in [
            "",
            "-",
            ".",
            "3?",
            "12:30",
            "1/2",
            "3-4",
            "1.2.2025",
            "12.34,5",
            "1,23,456.7",
            "1234567890123456",
        ] {
            assert_eq!(value(UNKNOWN, text), None, "{text}");
        }
    }

    #[test]
    fn the_decimal_mark_changes_and_no_other_number_does() {
        let comma = |style: Style, text| style.with_decimal(text, Mark::Comma);
        assert_eq!(comma(UNKNOWN, "3.5"), "3,5");
        assert_eq!(comma(UNKNOWN, "3,5"), "3,5");
        // It may be either, so it stays.
        assert_eq!(comma(UNKNOWN, "1.234"), "1.234");
        assert_eq!(comma(POINT, "1.234"), "1,234");
        assert_eq!(comma(COMMA, "1.234"), "1.234");
        // The separator would be taken for the decimal mark.
        assert_eq!(comma(UNKNOWN, "1,234.5"), "1.234,5");
        assert_eq!(comma(POINT, "1,234"), "1.234");
        for text in ["1.2.2025", "7:30", "", "12", "3?.5"] {
            assert_eq!(comma(POINT, text), text);
        }
        assert_eq!(UNKNOWN.with_decimal("-0,25", Mark::Point), "-0.25");
    }

    #[test]
    fn numbers_are_compared_by_value() {
        let number = |text| Number::parse(text).unwrap();
        assert!(number("2.5") < number("10"));
        assert!(number("-1") < number("0.0"));
        assert_eq!(number("2.50"), number("2.5"));
        assert_eq!(Number::parse("2,5"), None);
    }
}
