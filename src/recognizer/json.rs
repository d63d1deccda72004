//! What was seen in a picture as JSON, for `infer --json` and the service alike.

use serde_json::{Value, json};

use super::number::Symbol;
use super::{Answer, Prediction, Reading};

impl Answer {
    /// The same fields whether a digit was seen or not: `file` (null where the picture has no name),
    /// `digit`, `confidence`, `probabilities`, `reason`; and `top` with the best digits in order where
    /// more than one is asked for.
    pub fn to_json(&self, file: Option<&str>, top_k: usize) -> Value {
        let prediction = self.prediction();
        let ranking = prediction.map(Prediction::ranking);
        let mut object = json!({
            "file": file,
            "digit": self.digit(),
            "confidence": ranking.as_ref().map(|ranking| ranking[0].1),
            "probabilities": prediction.map(|prediction| prediction.probabilities),
            "reason": self.reason(),
        });
        if top_k > 1 {
            let top = |(digit, p)| json!({ "digit": digit, "confidence": p });
            let best = ranking.map(|ranking| ranking.into_iter().take(top_k).map(top).collect());
            object["top"] = best.unwrap_or(Value::Null);
        }
        object
    }
}

impl Reading {
    /// `file` (null where the picture has no name), `text`, `confidence`, and `digits` with the
    /// confidence and box of each.
    pub fn to_json(&self, file: Option<&str>) -> Value {
        let digit = |symbol: &Symbol| json!({ "digit": symbol.digit, "confidence": symbol.confidence, "box": symbol.area });
        json!({
            "file": file,
            "text": self.text(),
            "confidence": self.confidence(),
            "digits": self.lines.iter().flatten().map(digit).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsure_answer_keeps_its_guess() {
        let mut probabilities = [0.0; 10];
        (probabilities[7], probabilities[1]) = (0.9996, 0.0004);
        let unsure = Answer::NoDigit {
            reason: "unsure".to_owned(),
            guess: Some(Prediction { probabilities }),
        };
        let object = unsure.to_json(Some("a.png"), 2);
        assert_eq!(object["file"], "a.png");
        assert!(object["digit"].is_null());
        assert_eq!(object["confidence"], 0.9996);
        assert_eq!(object["probabilities"][7], 0.9996);
        assert_eq!(object["top"][0]["digit"], 7);
        assert!(unsure.to_json(None, 1)["file"].is_null());
    }

    #[test]
    fn a_reading_keeps_the_rows_and_each_digits_box() {
        let symbol = |digit: u8| Symbol {
            digit,
            confidence: 0.5,
            area: [3, 4, 20, 30],
        };
        let reading = Reading {
            lines: vec![vec![symbol(0), symbol(1)], vec![symbol(2)]],
        };
        let object = reading.to_json(None);
        assert_eq!(object["text"], "01\n2");
        assert_eq!(object["digits"].as_array().unwrap().len(), 3);
        let last = json!({ "digit": 2, "confidence": 0.5, "box": [3, 4, 20, 30] });
        assert_eq!(object["digits"][2], last);
    }
}
