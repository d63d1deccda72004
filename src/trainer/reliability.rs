//! Reliability of confidence: how often predictions of each confidence are correct.

/// Bins of confidence, of equal width.
const BINS: usize = 15;

/// Predictions binned by confidence (a reliability diagram: Guo and others, 2017).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reliability {
    /// For each bin, the sum of the confidences and the number of correct predictions.
    bins: [(f64, f64); BINS],
    count: usize,
}

impl Reliability {
    /// Adds a prediction with its confidence in 0..=1.
    pub fn add(&mut self, confidence: f64, is_correct: bool) {
        let bin = (confidence * BINS as f64) as usize;
        let (sum, correct) = &mut self.bins[bin.min(BINS - 1)];
        *sum += confidence;
        *correct += f64::from(u8::from(is_correct));
        self.count += 1;
    }

    /// Merges both.
    pub fn merge(mut self, other: &Self) -> Self {
        for (own, other) in self.bins.iter_mut().zip(&other.bins) {
            *own = (own.0 + other.0, own.1 + other.1);
        }
        self.count += other.count;
        self
    }

    /// The number of predictions.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The expected calibration error in 0..=1: the gap between confidence and accuracy, averaged
    /// over the predictions; NaN where there are none.
    pub fn error(&self) -> f64 {
        let gaps = self
            .bins
            .iter()
            .map(|(confidence, correct)| confidence - correct);
        gaps.map(f64::abs).sum::<f64>() / self.count as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(predictions: &[(f64, bool)]) -> Reliability {
        let mut all = Reliability::default();
        for &(confidence, is_correct) in predictions {
            all.add(confidence, is_correct);
        }
        all
    }

    #[test]
    fn the_error_is_the_gap_within_each_bin() {
        // One bin with 0.9 and half correct, another with 0.6 and all correct; 1 is in the last
        // bin.
        let predictions = [(0.9, true), (0.9, false), (0.6, true), (1.0, true)];
        assert!((of(&predictions).error() - (0.8 + 0.4 + 0.0) / 4.0).abs() < 1e-9);
        assert!(of(&[]).error().is_nan());
    }

    #[test]
    fn errors_in_neighbouring_bins_do_not_cancel() {
        // The boundary is at 2/3.
        let apart = of(&[(0.66, true), (0.67, false)]);
        assert!((apart.error() - (0.34 + 0.67) / 2.0).abs() < 1e-9);
        let together = of(&[(0.67, true), (0.68, false)]);
        assert!((together.error() - 0.35 / 2.0).abs() < 1e-9);
        assert_eq!(of(&[(0.66, true)]).merge(&of(&[(0.67, false)])), apart);
        assert_eq!(apart.count(), 2);
    }
}
