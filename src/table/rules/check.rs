//! What a rule demands of the text of a cell.

use super::checksum::{is_ean, is_iban, is_isbn, is_luhn};
use crate::table::number::{Number, Style};

/// What a rule demands of the text of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Check {
    /// So many digits, at least and at most; a refused one counts as one.
    Digits(usize, usize),
    /// A number that is at least and at most this.
    Range(Option<Number>, Option<Number>),
    /// One of these texts, or a number of the same value.
    OneOf(Vec<String>),
    /// A card number's check digit.
    Luhn,
    /// An article number's.
    Ean,
    /// A book number's.
    Isbn,
    /// A bank account number's, in the country with these letters.
    Iban([char; 2]),
}

impl Check {
    /// Whether a text in a table of this style satisfies it.
    pub(super) fn accepts(&self, text: &str, style: Style) -> bool {
        match self {
            Self::Digits(least, most) => {
                let is_digit = |character: &char| character.is_ascii_digit() || *character == '?';
                (*least..=*most).contains(&text.chars().filter(is_digit).count())
            }
            Self::Range(least, most) => style.value(text).is_some_and(|value| {
                least.is_none_or(|least| least <= value) && most.is_none_or(|most| value <= most)
            }),
            Self::OneOf(allowed) => {
                let value = style.value(text);
                let is_same = |other: &String| {
                    other == text || value.is_some() && Number::parse(other) == value
                };
                allowed.iter().any(is_same)
            }
            Self::Luhn => is_luhn(text),
            Self::Ean => is_ean(text),
            Self::Isbn => is_isbn(text),
            Self::Iban(country) => is_iban(text, *country),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(check: &Check, text: &str) -> bool {
        check.accepts(text, Style::default())
    }

    #[test]
    fn digits_are_counted_without_marks_and_with_refused_ones() {
        let three = Check::Digits(3, 3);
        assert!(accepts(&three, "123") && accepts(&three, "1.2?"));
        assert!(!accepts(&three, "12") && !accepts(&three, "1234"));
        assert!(accepts(&Check::Digits(1, 4), "1234"));
    }

    #[test]
    fn a_range_holds_numbers_alone() {
        let to_hundred = Check::Range(Number::parse("0"), Number::parse("100"));
        assert!(accepts(&to_hundred, "0") && accepts(&to_hundred, "99,5"));
        for text in ["101", "-1", "1?", "7:30"] {
            assert!(!accepts(&to_hundred, text), "{text}");
        }
        assert!(accepts(&Check::Range(None, Number::parse("5")), "-1000"));
        assert!(accepts(&Check::Range(Number::parse("5"), None), "1000"));
    }

    #[test]
    fn an_allowed_value_may_be_written_differently() {
        let grades = Check::OneOf(["1", "1.5", "12:30"].map(str::to_owned).to_vec());
        for text in ["1", "01", "1,5", "12:30"] {
            assert!(accepts(&grades, text), "{text}");
        }
        assert!(!accepts(&grades, "15") && !accepts(&grades, "?"));
    }
}
