//! Results of reading labelled pictures.

use super::labels::LabelledPicture;
use super::score::Outcome;
use crate::recognizer::Reading;

/// The result of reading a picture.
#[derive(Default)]
pub struct Answer {
    /// The digits, rows separated by a space; none where the picture was refused.
    pub text: Option<String>,
    /// Confidence in 0..=1, that of the best guess where there is no text; none without any guess.
    pub confidence: Option<f64>,
    /// Why the picture was refused.
    pub reason: Option<String>,
    /// The detected digits; empty where the file cannot be decoded.
    pub reading: Reading,
}

impl From<Reading> for Answer {
    fn from(reading: Reading) -> Self {
        let any = !reading.rows.is_empty();
        Self {
            text: reading.reason.is_none().then(|| reading.text()),
            confidence: any.then(|| reading.confidence()),
            reason: reading.reason.clone(),
            reading,
        }
    }
}

/// A labelled picture with its result.
pub struct EvaluatedPicture<'a> {
    /// The picture with its label.
    pub picture: &'a LabelledPicture,
    /// The result of reading it.
    pub answer: Answer,
    /// Whether that is correct.
    pub outcome: Outcome,
}
