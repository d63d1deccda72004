//! The digits in each picture, as a line, a JSON object or a CSV row.

use std::path::Path;

use anyhow::Result;

use super::format::{Format, csv_row, percent};
use crate::recognizer::Reading;

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
        Format::Json => {
            let file = path.display().to_string();
            Ok(format!("{}\n", reading.to_json(Some(&file))))
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognizer::number::Symbol;

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
}
