//! Scores of rendered scenes, digit by digit.

use crate::recognizer::Reading;
use crate::scenes::{Bounds, Scene};
use crate::trainer::Reliability;

/// IoU (intersection over union) from which a symbol matches a digit.
const MATCH: f32 = 0.3;

/// Counts over the digits of some scenes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SceneScore {
    /// Scenes.
    pub scenes: usize,
    /// Scenes in which every readable digit was read correctly, and nothing else.
    pub exact: usize,
    /// Readable digits.
    pub digits: usize,
    /// Readable digits that were read correctly.
    pub right: usize,
    /// Readable digits that were read as another digit.
    pub wrong: usize,
    /// Readable digits that were refused.
    pub refused: usize,
    /// Digits that were read where there is none.
    pub extra: usize,
    /// Reliability of the digits that were read, except on unreadable ones.
    pub reliability: Reliability,
}

impl SceneScore {
    /// The score of one scene, read at its own size.
    pub fn of(scene: &Scene, reading: &Reading) -> Self {
        let symbols: Vec<_> = reading.symbols().collect();
        let mut free = vec![true; symbols.len()];
        let mut score = Self {
            scenes: 1,
            ..Self::default()
        };
        for digit in &scene.digits {
            let shares = symbols.iter().enumerate().map(|(index, symbol)| {
                let [left, top, width, height] = symbol.area.map(|side| side as f32);
                let bounds = Bounds {
                    left,
                    top,
                    right: left + width,
                    bottom: top + height,
                };
                (index, bounds.iou(&digit.bounds))
            });
            let best = shares
                .filter(|&(index, iou)| free[index] && iou >= MATCH)
                .max_by(|(_, a), (_, b)| a.total_cmp(b));
            let symbol = best.map(|(index, _)| {
                free[index] = false;
                symbols[index]
            });
            if !digit.readable {
                continue;
            }
            score.digits += 1;
            if let Some(symbol) = symbol.filter(|symbol| symbol.class.is_some()) {
                let is_correct = symbol.class == Some(digit.class);
                score.reliability.add(symbol.confidence, is_correct);
            }
            match symbol.map(|symbol| symbol.class) {
                Some(Some(read)) if read == digit.class => score.right += 1,
                Some(Some(_)) => score.wrong += 1,
                Some(None) => score.refused += 1,
                None => {}
            }
        }
        for (symbol, _) in symbols.iter().zip(&free).filter(|(_, free)| **free) {
            if symbol.class.is_some() {
                score.reliability.add(symbol.confidence, false);
            }
        }
        score.extra = free.iter().filter(|&&free| free).count();
        score.exact = usize::from(score.right == score.digits && score.extra == 0);
        score
    }

    /// Merges both.
    pub fn merge(self, other: Self) -> Self {
        Self {
            scenes: self.scenes + other.scenes,
            exact: self.exact + other.exact,
            digits: self.digits + other.digits,
            right: self.right + other.right,
            wrong: self.wrong + other.wrong,
            refused: self.refused + other.refused,
            extra: self.extra + other.extra,
            reliability: self.reliability.merge(&other.reliability),
        }
    }
}
