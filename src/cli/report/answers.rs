//! The digit in each picture, as a line, a JSON object or a CSV row.

use std::iter::once;
use std::path::Path;

use anyhow::Result;

use super::format::{Format, csv_row, percent};
use crate::recognizer::{Answer, Prediction};

/// What stands above all answers.
pub(in crate::cli) fn answers_header(format: Format, top_k: usize) -> Result<String> {
    let others = (2..=top_k).flat_map(|k| [format!("digit_{k}"), format!("confidence_{k}")]);
    let names = ["file", "digit", "confidence", "reason"].map(str::to_owned);
    match format {
        Format::Csv => csv_row(names.into_iter().chain(others)),
        Format::Text | Format::Json => Ok(String::new()),
    }
}

/// One file's answer, with the `top_k` most probable digits.
pub(in crate::cli) fn answer(
    path: &Path,
    answer: &Answer,
    format: Format,
    top_k: usize,
) -> Result<String> {
    match format {
        Format::Text => Ok(line(path, answer, top_k)),
        Format::Json => {
            let file = path.display().to_string();
            Ok(format!("{}\n", answer.to_json(Some(&file), top_k)))
        }
        Format::Csv => row(path, answer, top_k),
    }
}

/// `five.png: 5 (99.8 %), 3 (0.1 %)`.
fn line(path: &Path, answer: &Answer, top_k: usize) -> String {
    let seen = match answer {
        Answer::NoDigit { reason, .. } => format!("no digit ({reason})"),
        Answer::Digit(prediction) => {
            let best = prediction.ranking().into_iter().take(top_k);
            let best = best.map(|(digit, p)| format!("{digit} ({})", percent(p)));
            best.collect::<Vec<_>>().join(", ")
        }
    };
    format!("{}: {seen}\n", path.display())
}

fn row(path: &Path, answer: &Answer, top_k: usize) -> Result<String> {
    let (prediction, digit, reason) = (answer.prediction(), answer.digit(), answer.reason());
    let ranking = prediction.map(Prediction::ranking);
    let at = |k: usize| ranking.as_ref().map(|ranking| ranking[k]);
    let text = |number: Option<String>| number.unwrap_or_default();
    let others = (1..top_k).flat_map(|k| {
        let digit = at(k).map(|(digit, _)| digit.to_string());
        let confidence = at(k).map(|(_, p)| p.to_string());
        [text(digit), text(confidence)]
    });
    let first = [
        path.display().to_string(),
        text(digit.map(|digit| digit.to_string())),
        text(at(0).map(|(_, p)| p.to_string())),
    ];
    let reason = once(reason.unwrap_or_default().to_owned());
    csv_row(first.into_iter().chain(reason).chain(others))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction() -> Prediction {
        let mut probabilities = [0.0; 10];
        (probabilities[7], probabilities[1]) = (0.9996, 0.0004);
        Prediction { probabilities }
    }

    fn unsure() -> Answer {
        Answer::NoDigit {
            reason: "unsure, \"7\" at best".to_owned(),
            guess: Some(prediction()),
        }
    }

    fn said(of: &Answer, format: Format, top_k: usize) -> String {
        answer(Path::new("a.png"), of, format, top_k).unwrap()
    }

    #[test]
    fn a_line_never_claims_certainty() {
        let line = said(&Answer::Digit(prediction()), Format::Text, 3);
        assert_eq!(line, "a.png: 7 (> 99.9 %), 1 (< 0.1 %), 0 (< 0.1 %)\n");
    }

    #[test]
    fn rows_are_as_wide_as_their_header() {
        for top_k in [1, 3] {
            let blank = Answer::NoDigit {
                reason: "blank".to_owned(),
                guess: None,
            };
            let mut table = answers_header(Format::Csv, top_k).unwrap();
            for of in [Answer::Digit(prediction()), unsure(), blank] {
                table += &said(&of, Format::Csv, top_k);
            }
            let mut reader = csv::Reader::from_reader(table.as_bytes());
            let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
            let best = |row: &csv::StringRecord| [1, 2, 3].map(|at| row[at].to_owned());
            assert_eq!(best(&rows[0]), ["7", "0.9996", ""]);
            assert_eq!(best(&rows[1]), ["", "0.9996", "unsure, \"7\" at best"]);
            assert_eq!(best(&rows[2]), ["", "", "blank"]);
        }
    }
}
