//! The words in which a rule is given: `3: 0..100`, `last: sum`, `row 5 = sum of rows 2-4`.

use anyhow::{Context, Result, bail, ensure};

use super::check::Check;
use super::places::{Place, Places};
use crate::table::number::Number;

/// What a rule says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Statement {
    /// The cells of these columns satisfy a check.
    Cells(Places, Check),
    /// A cell is the sum of others.
    Sum(Sum),
}

/// In each of these lines, one cell is the sum of others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sum {
    pub(super) lines: Places,
    pub(super) along: Axis,
    pub(super) total: Place,
    /// The first and the last cell that are added; without a last one, up to the total.
    pub(super) from: Place,
    pub(super) to: Option<Place>,
}

/// Which way numbers are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// The lines are columns.
    Down,
    /// The lines are rows.
    Across,
}

/// Parses a rule.
///
/// # Errors
/// In one line what is expected; the caller names the rule.
pub(super) fn parse(text: &str) -> Result<Statement> {
    let lower = text.to_lowercase();
    if let Some((total, sum)) = lower.split_once('=') {
        return Ok(Statement::Sum(equation(&words(total), &words(sum))?));
    }
    let (columns, check) = lower
        .split_once(':')
        .context("a rule names a column first, as in '2: digits 4'")?;
    let (columns, check) = (words(columns), words(check));
    let sum = |lines, along| {
        Statement::Sum(Sum {
            lines,
            along,
            ..TOTAL
        })
    };
    Ok(match (&columns[..], &check[..]) {
        (["total"], ["sum"]) => sum(Places::All, Axis::Down),
        (_, ["sum"]) => sum(places(&columns)?, Axis::Down),
        (_, check) => Statement::Cells(places(&columns)?, check_of(check)?),
    })
}

/// The last of a line is the sum of all before.
const TOTAL: Sum = Sum {
    lines: Places::All,
    along: Axis::Down,
    total: Place::Last,
    from: Place::At(1),
    to: None,
};

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// `row last = sum of rows above`, `column 4 = sum of columns 1-3`, `total = sum of column`.
fn equation(total: &[&str], sum: &[&str]) -> Result<Sum> {
    let (along, plain, plural, before) = match total {
        ["row", _] => (Axis::Down, "row", "rows", "above"),
        ["column", _] => (Axis::Across, "column", "columns", "before"),
        ["total"] => {
            let along = match sum {
                ["sum", "of", "column" | "columns"] => Axis::Down,
                ["sum", "of", "row" | "rows"] => Axis::Across,
                _ => bail!("expected 'total = sum of column' or 'total = sum of row'"),
            };
            return Ok(Sum { along, ..TOTAL });
        }
        _ => bail!("expected 'row last = sum of rows above', or a number in place of last"),
    };
    let total = place(total[1])?;
    let (from, to) = match sum {
        ["sum", "of", name, range] if *name == plural || *name == plain => match *range {
            word if word == before => (TOTAL.from, None),
            range => match range.split_once('-') {
                Some((from, "")) => (place(from)?, None),
                Some((from, to)) => (place(from)?, Some(place(to)?)),
                None => bail!("expected the {plural} that are added, such as {plural} 2-5"),
            },
        },
        _ => bail!("expected 'sum of {plural} {before}' or 'sum of {plural} 2-5'"),
    };
    Ok(Sum {
        lines: Places::All,
        along,
        total,
        from,
        to,
    })
}

fn check_of(words: &[&str]) -> Result<Check> {
    Ok(match words {
        ["digits", count] => {
            let number = |text: &str| {
                let number = text.parse::<usize>().ok().filter(|count| *count > 0);
                number.with_context(|| format!("'{text}' is no number of digits"))
            };
            let (least, most) = match count.split_once("..") {
                Some((least, most)) => (number(least)?, number(most)?),
                None => (number(count)?, number(count)?),
            };
            ensure!(least <= most, "'{count}' begins after its end");
            Check::Digits(least, most)
        }
        ["one", "of", values @ ..] if !values.is_empty() => {
            Check::OneOf(values.iter().map(|&value| value.to_owned()).collect())
        }
        ["luhn"] => Check::Luhn,
        ["ean"] => Check::Ean,
        ["isbn"] => Check::Isbn,
        ["iban", country] => {
            let letters: Vec<char> = country.chars().collect();
            match letters[..] {
                [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => Check::Iban([a, b]),
                _ => bail!(
                    "'{country}' is no country: iban is followed by two letters, as in 'iban DE'"
                ),
            }
        }
        [range] if range.contains("..") => {
            let (least, most) = range.split_once("..").unwrap_or_default();
            let bound = |text: &str| match text {
                "" => Ok(None),
                text => match Number::parse(text) {
                    Some(number) => Ok(Some(number)),
                    None => bail!("'{text}' is no number with a decimal point"),
                },
            };
            let (least, most) = (bound(least)?, bound(most)?);
            let is_open = least.is_none() && most.is_none();
            ensure!(!is_open, "'..' needs a number before or after it");
            let is_empty = least.zip(most).is_some_and(|(least, most)| least > most);
            ensure!(!is_empty, "'{range}' begins after its end");
            Check::Range(least, most)
        }
        _ => bail!(
            "expected one of: digits 4, digits 1..3, 0..100, one of 1 2 3, sum, luhn, ean, isbn, iban DE"
        ),
    })
}

/// `*`, `2`, `last`, or several: `1,3-5`.
fn places(words: &[&str]) -> Result<Places> {
    let text = words.concat();
    if text == "*" {
        return Ok(Places::All);
    }
    let pair = |text: &str| match text.split_once('-') {
        Some((from, to)) => Ok((place(from)?, place(to)?)),
        None => place(text).map(|place| (place, place)),
    };
    let pairs: Result<_> = text.split(',').map(pair).collect();
    Ok(Places::These(pairs?))
}

fn place(text: &str) -> Result<Place> {
    match text.parse::<usize>() {
        Ok(number) if number > 0 => Ok(Place::At(number)),
        _ if text == "last" => Ok(Place::Last),
        _ => bail!("'{text}' is no column or row: give a number from 1, or last"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(from: usize, to: usize) -> Places {
        Places::These(vec![(Place::At(from), Place::At(to))])
    }

    #[test]
    fn checks_of_cells_are_understood() {
        let number = |text| Number::parse(text);
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let expected = [
            ("2: digits 4", columns(2, 2), Check::Digits(4, 4)),
            ("2 - 4 :digits 1..3", columns(2, 4), Check::Digits(1, 3)),
            (
                "*: 0..100",
                Places::All,
                Check::Range(number("0"), number("100")),
            ),
            (
                "1: -2.5..",
                columns(1, 1),
                Check::Range(number("-2.5"), None),
            ),
            (
                "1: one of 1 2 12:30",
                columns(1, 1),
                Check::OneOf(texts(&["1", "2", "12:30"])),
            ),
            ("1: Luhn", columns(1, 1), Check::Luhn),
            ("1: ean", columns(1, 1), Check::Ean),
            ("1: isbn", columns(1, 1), Check::Isbn),
            ("1: iban DE", columns(1, 1), Check::Iban(['d', 'e'])),
        ];
        for (text, places, check) in expected {
            let parsed = parse(text).unwrap();
            assert_eq!(parsed, Statement::Cells(places, check), "{text}");
        }
        let last = (Place::Last, Place::Last);
        let several = Places::These(vec![(Place::At(1), Place::At(1)), last]);
        assert_eq!(
            parse("1,last: luhn").unwrap(),
            Statement::Cells(several, Check::Luhn)
        );
    }

    #[test]
    fn sums_are_understood() {
        let sum = |text: &str| match parse(text).unwrap() {
            Statement::Sum(sum) => sum,
            other => panic!("{other:?}"),
        };
        for text in [
            "total: sum",
            "*: sum",
            "row last = sum of rows above",
            "total = sum of column",
        ] {
            assert_eq!(sum(text), TOTAL, "{text}");
        }
        assert_eq!(sum("3: sum").lines, columns(3, 3));
        let across = Sum {
            along: Axis::Across,
            ..TOTAL
        };
        for text in ["column last = sum of columns before", "total = sum of row"] {
            assert_eq!(sum(text), across, "{text}");
        }
        let part = sum("row 5 = sum of rows 2-4");
        assert_eq!(
            (part.total, part.from, part.to),
            (Place::At(5), Place::At(2), Some(Place::At(4)))
        );
        assert_eq!(sum("row last = sum of rows 2-").from, Place::At(2));
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_said_in_one_line() {
        let wrong = [
            ("digits 4", "names a column first"),
            ("0: luhn", "'0' is no column"),
            (": luhn", "'' is no column"),
            ("two: luhn", "'two' is no column"),
            ("2: digits", "expected one of: digits 4"),
            ("2: digits 0", "no number of digits"),
            ("2: digits 4..2", "begins after its end"),
            ("2: 100..0", "begins after its end"),
            ("2: 0..x", "'x' is no number"),
            ("2: ..", "needs a number"),
            ("2: one of", "expected one of: "),
            ("2: iban", "expected one of: "),
            ("2: iban 12", "two letters"),
            ("row last = 7", "expected 'sum of rows above'"),
            ("row 5 = sum of rows 3", "such as rows 2-5"),
            ("sum = row", "expected 'row last"),
            ("total = sum", "expected 'total = sum of column'"),
        ];
        for (text, expected) in wrong {
            let said = format!("{:#}", parse(text).unwrap_err());
            assert!(
                said.contains(expected) && !said.contains('\n'),
                "{text}: {said}"
            );
        }
    }
}
