//! The parameters of `POST /api/tables`, as those of `infer --table`.

use axum::http::{HeaderMap, header};

use crate::recognizer::Signs;
use crate::table::{CsvForm, Mark, Rules, delimiter};

/// Most rules of a request, so that applying them stays quick.
const MAX_RULES: usize = 64;

/// The parameters of a request.
pub(super) struct TablesQuery {
    pub(super) rules: Rules,
    pub(super) signs: Signs,
    pub(super) form: Form,
}

/// The form of an answer.
pub(super) enum Form {
    Json,
    Csv(CsvForm),
}

impl TablesQuery {
    /// From a query and the headers, of which `Accept` may ask for CSV.
    ///
    /// # Errors
    /// Says which parameter is not understood, and what was expected.
    pub(super) fn new(query: &str, headers: &HeaderMap) -> Result<Self, String> {
        let mut rules = vec![];
        let mut signs = Signs::Everywhere;
        let mut is_csv = accepts_csv(headers);
        let (mut comma, mut decimal) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let wrong = |expected: &str| format!("{name} is {expected}, not {value:?}");
            match &*name {
                "rule" => rules.push(value.into_owned()),
                "digits_only" => match &*value {
                    "true" => signs = Signs::Ignored,
                    "false" => signs = Signs::Everywhere,
                    _ => return Err(wrong("true or false")),
                },
                "format" => match &*value {
                    "json" => is_csv = false,
                    "csv" => is_csv = true,
                    _ => return Err(wrong("json or csv")),
                },
                "delimiter" => {
                    let parsed = delimiter(&value);
                    comma = Some(parsed.map_err(|failure| format!("delimiter: {failure}"))?);
                }
                "decimal" => {
                    let parsed = value.parse::<Mark>();
                    decimal = Some(parsed.map_err(|failure| format!("decimal: {failure}"))?);
                }
                _ => {
                    return Err(format!(
                        "unknown parameter {name}; use rule, digits_only, format, delimiter or decimal"
                    ));
                }
            }
        }
        if !is_csv && (comma.is_some() || decimal.is_some()) {
            return Err("delimiter and decimal are for CSV: add format=csv".to_owned());
        }
        if rules.len() > MAX_RULES {
            return Err(format!("a request may have {MAX_RULES} rules at most"));
        }
        let rules = Rules::parse(rules.iter().map(String::as_str));
        let form = CsvForm {
            delimiter: comma.unwrap_or(b','),
            decimal,
        };
        Ok(Self {
            rules: rules.map_err(|failure| format!("rule: {failure:#}"))?,
            signs,
            form: if is_csv { Form::Csv(form) } else { Form::Json },
        })
    }
}

/// Whether a client names CSV among what it accepts.
fn accepts_csv(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).into_iter();
    let accepted = accepted.filter_map(|accepted| accepted.to_str().ok());
    let kinds = accepted.flat_map(|accepted| accepted.split(','));
    let mut kinds = kinds.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds.any(|kind| kind.eq_ignore_ascii_case("text/csv"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str) -> TablesQuery {
        TablesQuery::new(query, &HeaderMap::new()).ok().unwrap()
    }

    #[track_caller]
    fn csv(query: &TablesQuery) -> CsvForm {
        match query.form {
            Form::Csv(form) => form,
            Form::Json => panic!("not CSV"),
        }
    }

    #[test]
    fn without_parameters_all_is_read_and_answered_as_json() {
        let query = parsed("");
        assert!(matches!(query.form, Form::Json));
        assert_eq!(query.signs, Signs::Everywhere);
        assert_eq!(query.rules.texts().count(), 0);
    }

    #[test]
    fn parameters_are_those_of_infer() {
        let query = parsed(
            "rule=1:+digits+4&rule=*%3A%200..9&digits_only=true&format=csv&delimiter=semicolon&decimal=%2C",
        );
        let rules: Vec<_> = query.rules.texts().collect();
        assert_eq!(rules, ["1: digits 4", "*: 0..9"]);
        assert_eq!(query.signs, Signs::Ignored);
        let form = csv(&query);
        assert_eq!((form.delimiter, form.decimal), (b';', Some(Mark::Comma)));
        let form = csv(&parsed("format=csv"));
        assert_eq!((form.delimiter, form.decimal), (b',', None));
    }

    #[test]
    fn csv_is_asked_for_by_a_header_too() {
        let asks = |accepted: &str, query| {
            let accepted = accepted.parse().unwrap();
            let headers = HeaderMap::from_iter([(header::ACCEPT, accepted)]);
            let query = TablesQuery::new(query, &headers).ok().unwrap();
            matches!(query.form, Form::Csv(_))
        };
        assert!(asks("text/csv", "") && asks("text/html, Text/CSV;q=0.5", ""));
        assert!(!asks("*/*", "") && !asks("text/csvs", ""));
        assert!(!asks("text/csv", "format=json"));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let many = "rule=1:luhn&".repeat(MAX_RULES + 1);
        for (query, detail) in [
            ("rules=1", "unknown parameter rules; use rule, "),
            ("rule=1:lun", "rule: the rule '1:lun' is not understood"),
            (
                "digits_only=yes",
                "digits_only is true or false, not \"yes\"",
            ),
            ("format=tsv", "format is json or csv, not \"tsv\""),
            (
                "format=csv&delimiter=ab",
                "delimiter: expected one ASCII character",
            ),
            ("format=csv&decimal=;", "decimal: expected point or comma"),
            ("decimal=comma", "delimiter and decimal are for CSV"),
            (
                many.trim_end_matches('&'),
                "a request may have 64 rules at most",
            ),
        ] {
            let said = TablesQuery::new(query, &HeaderMap::new()).err().unwrap();
            assert!(said.starts_with(detail), "{query}: {said}");
        }
    }
}
