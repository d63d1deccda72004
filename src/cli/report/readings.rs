//! The digits in each picture, as a line, a JSON object or a CSV row.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::format::{Format, csv_row, percent};
use crate::recognizer::Reading;
use crate::recognizer::number::Symbol;

/// What stands above all readings.
pub(in crate::cli) fn readings_header(format: Format) -> Result<String> {
    match format {
        Format::Csv => csv_row(["file", "text", "confidence"].map(str::to_owned)),
        Format::Text | Format::Json => Ok(String::new()),
    }
}

/// What was read in one file.
pub(in crate::cli) fn reading(path: &Path, reading: &Reading, format: Format) -> Result<String> {
    match format {
        Format::Text => Ok(line(path, reading)),
        Format::Json => Ok(format!("{}\n", object(path, reading))),
        Format::Csv => csv_row([
            path.display().to_string(),
            in_one_line(reading),
            reading.confidence().to_string(),
        ]),
    }
}

/// The text with its rows behind one another.
fn in_one_line(reading: &Reading) -> String {
    reading.text().replace('\n', " ")
}

/// `phone.jpg: 0151 23456 (93.1 %)`.
fn line(path: &Path, reading: &Reading) -> String {
    let seen = match reading.lines.is_empty() {
        true => "no digits".to_owned(),
        false => format!(
            "{} ({})",
            in_one_line(reading),
            percent(reading.confidence())
        ),
    };
    format!("{}: {seen}\n", path.display())
}

fn object(path: &Path, reading: &Reading) -> Value {
    let digit = |symbol: &Symbol| json!({ "digit": symbol.digit, "confidence": symbol.confidence, "box": symbol.area });
    json!({
        "file": path.display().to_string(),
        "text": reading.text(),
        "confidence": reading.confidence(),
        "digits": reading.lines.iter().flatten().map(digit).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(lines: &[&str], format: Format) -> String {
        let symbol = |digit: u8| Symbol {
            digit: digit - b'0',
            confidence: 0.5,
            area: [3, 4, 20, 30],
        };
        let lines = lines.iter().map(|line| line.bytes().map(symbol).collect());
        let found = Reading {
            lines: lines.collect(),
        };
        reading(Path::new("a.png"), &found, format).unwrap()
    }

    #[test]
    fn rows_stand_on_one_line_for_people_and_tables() {
        assert_eq!(said(&["01", "2"], Format::Text), "a.png: 01 2 (12.5 %)\n");
        assert_eq!(said(&["01", "2"], Format::Csv), "a.png,01 2,0.125\n");
        assert_eq!(said(&[], Format::Text), "a.png: no digits\n");
        assert_eq!(said(&[], Format::Csv), "a.png,,0\n");
    }

    #[test]
    fn json_keeps_the_rows_and_each_digits_box() {
        let object: Value = serde_json::from_str(&said(&["01", "2"], Format::Json)).unwrap();
        assert_eq!(object["text"], "01\n2");
        assert_eq!(object["digits"].as_array().unwrap().len(), 3);
        let last = json!({ "digit": 2, "confidence": 0.5, "box": [3, 4, 20, 30] });
        assert_eq!(object["digits"][2], last);
    }
}
