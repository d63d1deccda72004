//! Scores of labelled pictures, by kind.

use std::collections::BTreeMap;

use super::labels::{Label, LabelledPicture};
use crate::characters::SIGNS;

/// The outcome of reading a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Read correctly, or refused where there is no digit.
    Right,
    /// Read incorrectly.
    Wrong,
    /// Refused although it shows digits.
    Refused,
    /// The file could not be decoded; it does not count.
    Unreadable,
}

impl Outcome {
    /// The outcome of reading a picture of `label` as `text`, rows separated by a space, or
    /// refusing it. A label without signs of numbers says nothing about them: they are left out of
    /// the text, too.
    pub fn of(label: &Label, text: Option<&str>) -> Self {
        match (label, text) {
            (Label::None, None) => Self::Right,
            (_, None) => Self::Refused,
            (Label::None, Some(_)) => Self::Wrong,
            (label, Some(text)) if is_same(&label.to_string(), text) => Self::Right,
            _ => Self::Wrong,
        }
    }
}

/// Whether a picture with this label was read as this text.
fn is_same(label: &str, text: &str) -> bool {
    let is_sign = |character: char| SIGNS.contains(&character);
    label == text || !label.contains(is_sign) && label == text.replace(is_sign, "")
}

/// Counts of outcomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Read correctly.
    pub right: usize,
    /// Read incorrectly.
    pub wrong: usize,
    /// Refused although they show digits.
    pub refused: usize,
    /// Could not be decoded; counted nowhere else.
    pub unreadable: usize,
    /// Correct pictures and all pictures, by source.
    sources: BTreeMap<String, (usize, usize)>,
}

impl Score {
    /// The score of all `outcomes`.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a (&'a LabelledPicture, Outcome)>) -> Self {
        let mut score = Self::default();
        for &(picture, outcome) in outcomes {
            match outcome {
                Outcome::Right => score.right += 1,
                Outcome::Wrong => score.wrong += 1,
                Outcome::Refused => score.refused += 1,
                Outcome::Unreadable => {
                    score.unreadable += 1;
                    continue;
                }
            }
            let (right, all) = score.sources.entry(picture.source.clone()).or_default();
            *right += usize::from(outcome == Outcome::Right);
            *all += 1;
        }
        score
    }

    /// The score of each kind, in order of first appearance.
    pub fn by_kind<'a>(outcomes: &'a [(&'a LabelledPicture, Outcome)]) -> Vec<(&'a str, Self)> {
        let mut kinds: Vec<&str> = Vec::new();
        for (picture, _) in outcomes {
            if !kinds.contains(&picture.kind.as_str()) {
                kinds.push(&picture.kind);
            }
        }
        let of = |kind| {
            outcomes
                .iter()
                .filter(move |(picture, _)| picture.kind == kind)
        };
        kinds
            .into_iter()
            .map(|kind| (kind, Self::of(of(kind))))
            .collect()
    }

    /// The number of pictures that could be decoded.
    pub fn images(&self) -> usize {
        self.right + self.wrong + self.refused
    }

    /// The number of sources.
    pub fn sources(&self) -> usize {
        self.sources.len()
    }

    /// Accuracy in 0..=1; NaN where there are no pictures.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.images() as f64
    }

    /// The mean of the sources' accuracies, so that no single source dominates.
    pub fn mean_over_sources(&self) -> f64 {
        let shares = self
            .sources
            .values()
            .map(|&(right, all)| right as f64 / all as f64);
        shares.sum::<f64>() / self.sources.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(kind: &str, source: &str) -> LabelledPicture {
        LabelledPicture {
            name: "a.png".to_owned(),
            path: "a.png".into(),
            label: Label::Digit(7),
            kind: kind.to_owned(),
            source: source.to_owned(),
        }
    }

    #[test]
    fn a_reading_is_right_only_if_all_of_it_is() {
        let number = Label::Number("12 034".to_owned());
        let signed = Label::Number("-1.5".to_owned());
        let cases = [
            (&Label::Digit(7), Some("7"), Outcome::Right),
            (&Label::Digit(7), Some("1"), Outcome::Wrong),
            (&Label::Digit(7), None, Outcome::Refused),
            (&Label::None, None, Outcome::Right),
            (&Label::None, Some("7"), Outcome::Wrong),
            (&number, Some("12 034"), Outcome::Right),
            (&number, Some("12034"), Outcome::Wrong),
            (&number, None, Outcome::Refused),
            // A label without signs says nothing about them.
            (&number, Some("1-2 0.34"), Outcome::Right),
            (&signed, Some("-1.5"), Outcome::Right),
            (&signed, Some("1.5"), Outcome::Wrong),
            (&signed, Some("-15"), Outcome::Wrong),
        ];
        for (label, text, outcome) in cases {
            assert_eq!(Outcome::of(label, text), outcome, "{label} as {text:?}");
        }
    }

    #[test]
    fn each_source_weighs_the_same_in_the_mean() {
        let (ann, ben, photo) = (
            picture("drawing", "ann"),
            picture("drawing", "ben"),
            picture("photo", "ann"),
        );
        let outcomes = [
            (&photo, Outcome::Refused),
            (&ann, Outcome::Right),
            (&ann, Outcome::Right),
            (&ann, Outcome::Right),
            (&ben, Outcome::Wrong),
            (&ben, Outcome::Unreadable),
        ];
        let kinds = Score::by_kind(&outcomes);
        let names: Vec<_> = kinds.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(names, ["photo", "drawing"]);
        let drawing = &kinds[1].1;
        assert_eq!((drawing.images(), drawing.sources()), (4, 2));
        assert_eq!(drawing.accuracy(), 0.75);
        assert_eq!(drawing.mean_over_sources(), 0.5);
        let all = Score::of(&outcomes);
        assert_eq!((all.right, all.wrong, all.refused), (3, 1, 1));
        assert_eq!((all.images(), all.unreadable), (5, 1));
        // Ann's photo and drawings are one source: 3 of 4.
        assert_eq!(all.mean_over_sources(), 0.375);
    }
}
