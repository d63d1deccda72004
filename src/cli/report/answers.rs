//! The digit in each picture, as a line, a JSON object or a CSV row.

use std::iter::once;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

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
        Format::Json => Ok(format!("{}\n", object(path, answer, top_k))),
        Format::Csv => row(path, answer, top_k),
    }
}

/// What the network made of the picture, the digit where it is sure of it, and why where not.
fn parts(answer: &Answer) -> (Option<&Prediction>, Option<usize>, Option<&str>) {
    match answer {
        Answer::Digit(prediction) => (Some(prediction), Some(prediction.ranking()[0].0), None),
        Answer::NoDigit { reason, guess } => (guess.as_ref(), None, Some(reason)),
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

/// The same fields whether a digit was seen or not; with the best digits in order where more than
/// one is asked for.
fn object(path: &Path, answer: &Answer, top_k: usize) -> Value {
    let (prediction, digit, reason) = parts(answer);
    let ranking = prediction.map(Prediction::ranking);
    let mut object = json!({
        "file": path.display().to_string(),
        "digit": digit,
        "confidence": ranking.as_ref().map(|ranking| ranking[0].1),
        "probabilities": prediction.map(|prediction| prediction.probabilities),
        "reason": reason,
    });
    if top_k > 1 {
        let top = |(digit, p)| json!({ "digit": digit, "confidence": p });
        let best = ranking.map(|ranking| ranking.into_iter().take(top_k).map(top).collect());
        object["top"] = best.unwrap_or(Value::Null);
    }
    object
}

fn row(path: &Path, answer: &Answer, top_k: usize) -> Result<String> {
    let (prediction, digit, reason) = parts(answer);
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

    #[test]
    fn an_unsure_answer_keeps_its_guess_in_json() {
        let object: Value = serde_json::from_str(&said(&unsure(), Format::Json, 2)).unwrap();
        assert!(object["digit"].is_null());
        assert_eq!(object["confidence"], 0.9996);
        assert_eq!(object["probabilities"][7], 0.9996);
        assert_eq!(object["top"][0]["digit"], 7);
    }
}
