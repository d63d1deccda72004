//! What was read in labelled pictures.

use super::labels::LabelledPicture;
use super::score::Outcome;
use crate::recognizer::Reading;

/// What was read in a picture.
#[derive(Default)]
pub struct Answer {
    /// The digits, rows separated by a space; none where the picture was refused.
    pub text: Option<String>,
    /// In 0..=1, that of the best guess where there is no text; none without any guess.
    pub confidence: Option<f64>,
    /// Why there is no text.
    pub reason: Option<String>,
    /// Where each digit was seen; empty where the picture cannot be read.
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

/// A labelled picture and what came of it.
pub struct EvaluatedPicture<'a> {
    /// The picture with its label.
    pub picture: &'a LabelledPicture,
    /// What was read in it.
    pub answer: Answer,
    /// Whether that is right.
    pub outcome: Outcome,
}
