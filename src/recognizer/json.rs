//! A reading as JSON, for both `infer --json` and the service.

use serde_json::{Value, json};

use super::{Reading, Symbol};
use crate::tensors::CLASSES;

impl Reading {
    /// Always the same fields: `file` (null where the picture has no name), `text`, `digit` (where
    /// there is exactly one), `confidence` (null where there is none), `digits`, `signs`, `unread`
    /// and `reason`.
    ///
    /// Each of the `digits` has `digit` (null where it was refused), `confidence`, `probabilities`
    /// and `box`, and the best digits in order as `top` where more than one is requested; each of the
    /// `signs` (of numbers, such as a decimal point) has `character`, `confidence` and `box`.
    pub fn to_json(&self, file: Option<&str>, top_k: usize) -> Value {
        let (signs, digits): (Vec<_>, Vec<_>) = self.symbols().partition(|symbol| symbol.is_sign());
        let digits = digits.into_iter().map(|symbol| symbol.to_json(top_k));
        let signs = signs.into_iter().map(Symbol::sign_to_json);
        json!({
            "file": file,
            "text": self.text(),
            "digit": self.digit(),
            "confidence": (!self.rows.is_empty()).then(|| self.confidence()),
            "digits": digits.collect::<Value>(),
            "signs": signs.collect::<Value>(),
            "unread": self.unread,
            "reason": self.reason,
        })
    }
}

impl Symbol {
    fn to_json(&self, top_k: usize) -> Value {
        let mut object = json!({
            "digit": self.digit(),
            "confidence": self.confidence,
            "probabilities": self.probabilities[..CLASSES],
            "box": self.area,
        });
        if top_k > 1 {
            let top = |(digit, p)| json!({ "digit": digit, "confidence": p });
            let digits = self
                .ranking()
                .into_iter()
                .filter(|&(class, _)| class < CLASSES);
            object["top"] = digits.take(top_k).map(top).collect();
        }
        object
    }

    fn sign_to_json(&self) -> Value {
        json!({
            "character": self.character(),
            "confidence": self.confidence,
            "box": self.area,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::characters::CHARACTERS;
    use crate::recognizer::Prediction;

    fn symbol(digit: usize, min_confidence: f64) -> Symbol {
        let mut probabilities = [0.0; CHARACTERS];
        (probabilities[digit], probabilities[9]) = (0.75, 0.25);
        Symbol::new(
            &Prediction { probabilities },
            [3, 4, 20, 30],
            min_confidence,
        )
    }

    #[test]
    fn an_unsure_answer_keeps_its_guess() {
        let unsure = Reading::new(vec![vec![symbol(7, 0.9)]], vec![]);
        let object = unsure.to_json(Some("a.png"), 2);
        assert_eq!(
            (&object["file"], &object["text"]),
            (&"a.png".into(), &"?".into())
        );
        assert!(object["digit"].is_null() && object["digits"][0]["digit"].is_null());
        assert_eq!(object["confidence"], 0.75);
        assert_eq!(object["digits"][0]["probabilities"][7], 0.75);
        assert_eq!(object["digits"][0]["top"][0]["digit"], 7);
        assert_eq!(object["reason"], "unsure: best guess 7, 75 %");
        let shorter = unsure.to_json(None, 1);
        assert!(shorter["file"].is_null() && shorter["digits"][0].get("top").is_none());
    }

    #[test]
    fn signs_are_listed_beside_the_digits() {
        let row = [3, 10, 5].map(|class| symbol(class, 0.5));
        let object = Reading::new(vec![row.to_vec()], vec![]).to_json(None, 2);
        assert_eq!(object["text"], "3.5");
        let digits: Vec<_> = (0..2).map(|at| &object["digits"][at]["digit"]).collect();
        assert_eq!(digits, [3, 5]);
        let sign = json!({ "character": ".", "confidence": 0.75, "box": [3, 4, 20, 30] });
        assert_eq!(object["signs"], json!([sign]));
        let probabilities = &object["digits"][0]["probabilities"];
        assert_eq!(probabilities.as_array().unwrap().len(), 10);
    }

    #[test]
    fn all_pictures_have_the_same_fields_with_rows_boxes_and_what_is_unread() {
        let rows = vec![vec![symbol(0, 0.5), symbol(1, 0.5)], vec![symbol(2, 0.5)]];
        let object = Reading::new(rows, vec![[90, 1, 5, 8]]).to_json(None, 1);
        assert_eq!(object["text"], "01 2");
        assert!(object["digit"].is_null() && object["reason"].is_null());
        let boxes: Vec<_> = (0..3).map(|at| &object["digits"][at]["box"]).collect();
        assert_eq!(boxes, [&json!([3, 4, 20, 30]); 3]);
        assert_eq!(object["unread"], json!([[90, 1, 5, 8]]));
        let fields = |object: &Value| {
            let fields = object.as_object().unwrap().keys().cloned();
            fields.collect::<Vec<_>>()
        };
        let blank = Reading::blank("blank").to_json(None, 1);
        assert_eq!(fields(&blank), fields(&object));
        assert!(blank["confidence"].is_null());
    }
}
