//! What was read in each picture, as a line, a JSON object or a CSV row.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::format::{Format, csv_row};
use crate::characters;
use crate::percent::percent;
use crate::picture::ImageError;
use crate::recognizer::{MAX_BOXES, Reading, Symbol};

/// The header above all readings.
pub(in crate::cli) fn readings_header(format: Format, top_k: usize) -> Result<String> {
    let others = (2..=top_k).flat_map(|k| [format!("digit_{k}"), format!("confidence_{k}")]);
    let names = ["file", "text", "confidence", "unread", "reason", "error"].map(str::to_owned);
    match format {
        Format::Csv => csv_row(names.into_iter().chain(others)),
        Format::Text | Format::Json => Ok(String::new()),
    }
}

/// What was read in one file, with the `top_k` most probable digits: in JSON for each, else if there is one.
pub(in crate::cli) fn reading(
    path: &Path,
    reading: &Reading,
    format: Format,
    top_k: usize,
) -> Result<String> {
    match format {
        Format::Text => Ok(line(path, reading, top_k)),
        Format::Json => {
            let file = path.display().to_string();
            Ok(format!("{}\n", reading.to_json(Some(&file), top_k)))
        }
        Format::Csv => row(path, reading, top_k),
    }
}

/// A note about a reading: ink was left unread, or not all of the picture was looked at.
pub(in crate::cli) fn unread(path: &Path, reading: &Reading) -> Option<String> {
    let file = path.display();
    if reading.truncated {
        return Some(format!(
            "note: {file}: stopped after the {MAX_BOXES} places that look most like digits; cut the picture into \
             parts to read the rest"
        ));
    }
    let is_noted = reading.reason.is_none() && !reading.unread.is_empty();
    let (pieces, were) = match reading.unread.len() {
        1 => ("1 piece".to_owned(), "was"),
        count => (format!("{count} pieces"), "were"),
    };
    is_noted.then(|| {
        format!("note: {file}: {pieces} of ink beside what was read {were} left unread; --annotate shows where")
    })
}

/// `five.png: 5 (99.8 %), 3 (0.1 %)` or `phone.jpg: 0151 23456 (93.1 %)`.
fn line(path: &Path, reading: &Reading, top_k: usize) -> String {
    let best = |symbol: &Symbol| {
        let others = symbol.ranking().into_iter().take(top_k).skip(1);
        let others = others.map(|(class, p)| format!(", {} ({})", shown(class), percent(p)));
        others.collect::<String>()
    };
    let seen = match &reading.reason {
        Some(reason) => format!("no digit ({reason})"),
        None => format!(
            "{} ({}){}",
            reading.text(),
            percent(reading.confidence()),
            reading.only().map(best).unwrap_or_default()
        ),
    };
    format!("{}: {seen}\n", path.display())
}

/// The character of a class.
fn shown(class: usize) -> String {
    characters::character(class)
        .map(String::from)
        .unwrap_or_default()
}

fn row(path: &Path, reading: &Reading, top_k: usize) -> Result<String> {
    let ranking = reading.only().map(Symbol::ranking);
    let others = (1..top_k).flat_map(|k| {
        let other = ranking.as_ref().map(|ranking| ranking[k]);
        let text = |(class, p): (usize, f64)| [shown(class), p.to_string()];
        other.map(text).unwrap_or_default()
    });
    let confidence = match reading.rows.is_empty() {
        true => String::new(),
        false => reading.confidence().to_string(),
    };
    let first = [
        path.display().to_string(),
        reading.text(),
        confidence,
        reading.unread.len().to_string(),
        reading.reason.clone().unwrap_or_default(),
        String::new(),
    ];
    csv_row(first.into_iter().chain(others))
}

/// The record of a file that could not be read, for programs; people are informed on stderr only.
pub(in crate::cli) fn unreadable_record(
    path: &Path,
    failure: &ImageError,
    format: Format,
    top_k: usize,
) -> Result<String> {
    let file = path.display().to_string();
    match format {
        Format::Text => Ok(String::new()),
        Format::Json => Ok(format!(
            "{}\n",
            json!({ "file": file, "error": failure.to_string() })
        )),
        Format::Csv => {
            let before = [
                file,
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ];
            let error = [failure.to_string()];
            let others = (1..top_k).flat_map(|_| [String::new(), String::new()]);
            csv_row(before.into_iter().chain(error).chain(others))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognizer::Prediction;

    const UNREAD: [u32; 4] = [60, 4, 10, 30];

    fn symbol(digit: usize, confidence: f64, least: f64) -> Symbol {
        let mut probabilities = [0.0; characters::CHARACTERS];
        (probabilities[digit], probabilities[(digit + 4) % 10]) = (confidence, 1.0 - confidence);
        Symbol::new(&Prediction { probabilities }, [3, 4, 20, 30], least)
    }

    fn rows(rows: &[&[usize]], unread: usize) -> Reading {
        let row = |row: &&[usize]| row.iter().map(|&digit| symbol(digit, 0.5, 0.5)).collect();
        Reading::new(rows.iter().map(row).collect(), vec![UNREAD; unread])
    }

    fn one(confidence: f64, least: f64) -> Reading {
        Reading::new(vec![vec![symbol(7, confidence, least)]], vec![])
    }

    fn printed(of: &Reading, format: Format, top_k: usize) -> String {
        reading(Path::new("a.png"), of, format, top_k).unwrap()
    }

    #[test]
    fn a_line_never_claims_certainty() {
        let line = printed(&one(0.9996, 0.5), Format::Text, 3);
        assert_eq!(line, "a.png: 7 (> 99.9 %), 1 (< 0.1 %), 0 (< 0.1 %)\n");
        let line = printed(&one(0.9996, 1.0), Format::Text, 3);
        assert_eq!(line, "a.png: no digit (unsure: best guess 7, 99 %)\n");
    }

    #[test]
    fn rows_are_on_one_line_in_text_and_csv() {
        let two = rows(&[&[0, 1], &[2]], 0);
        assert_eq!(printed(&two, Format::Text, 2), "a.png: 01 2 (12.5 %)\n");
        assert_eq!(printed(&two, Format::Csv, 1), "a.png,01 2,0.125,0,,\n");
    }

    #[test]
    fn unread_ink_is_reported_in_a_note_and_in_csv() {
        let path = Path::new("a.png");
        assert_eq!(unread(path, &rows(&[&[0]], 0)), None);
        let note = unread(path, &rows(&[&[0]], 1)).unwrap();
        assert!(note.starts_with("note: a.png: 1 piece of ink ") && note.contains(" was left"));
        let two = rows(&[&[0]], 2);
        assert!(unread(path, &two).unwrap().contains("2 pieces of ink "));
        assert_eq!(printed(&two, Format::Csv, 1), "a.png,0,0.125,2,,\n");
        let truncated = Reading {
            truncated: true,
            ..two
        };
        assert!(
            unread(path, &truncated)
                .unwrap()
                .contains("stopped after the 4000")
        );
    }

    #[test]
    fn rows_are_as_wide_as_their_header() {
        for top_k in [1, 3] {
            let mut table = readings_header(Format::Csv, top_k).unwrap();
            let readings = [
                one(0.75, 0.5),
                one(0.75, 0.9),
                rows(&[&[1, 2]], 0),
                Reading::blank("it is \"blank\""),
            ];
            for of in readings {
                table += &printed(&of, Format::Csv, top_k);
            }
            let mut reader = csv::Reader::from_reader(table.as_bytes());
            let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
            let first = |row: &csv::StringRecord| [1, 2, 4].map(|at| row[at].to_owned());
            assert_eq!(first(&rows[0]), ["7", "0.75", ""]);
            assert_eq!(first(&rows[1]), ["?", "0.75", "unsure: best guess 7, 75 %"]);
            assert_eq!(first(&rows[2]), ["12", "0.25", ""]);
            assert_eq!(first(&rows[3]), ["", "", "it is \"blank\""]);
            if top_k == 3 {
                assert_eq!((&rows[0][6], &rows[0][7]), ("1", "0.25"));
                assert_eq!((&rows[2][6], &rows[3][7]), ("", ""));
            }
        }
    }
}
