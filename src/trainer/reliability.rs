//! Whether confidence can be believed: how often answers of each confidence are right.

/// Bins of confidence, of equal width.
const BINS: usize = 15;

/// Answers by their confidence (a reliability diagram: Guo and others, 2017).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reliability {
    /// Of each bin the sum of the confidences, and how many answers were right.
    bins: [(f64, f64); BINS],
    count: usize,
}

impl Reliability {
    /// Takes in an answer and its confidence in 0..=1.
    pub fn add(&mut self, confidence: f64, is_right: bool) {
        let bin = (confidence * BINS as f64) as usize;
        let (sum, right) = &mut self.bins[bin.min(BINS - 1)];
        *sum += confidence;
        *right += f64::from(u8::from(is_right));
        self.count += 1;
    }

    /// Both together.
    pub fn and(mut self, other: &Self) -> Self {
        for (own, other) in self.bins.iter_mut().zip(&other.bins) {
            *own = (own.0 + other.0, own.1 + other.1);
        }
        self.count += other.count;
        self
    }

    /// Answers so far.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The expected calibration error, in 0..=1: how far confidence and accuracy lie apart, on
    /// average over the answers; of none it is NaN.
    pub fn error(&self) -> f64 {
        let gaps = self
            .bins
            .iter()
            .map(|(confidence, right)| confidence - right);
        gaps.map(f64::abs).sum::<f64>() / self.count as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(answers: &[(f64, bool)]) -> Reliability {
        let mut all = Reliability::default();
        for &(confidence, is_right) in answers {
            all.add(confidence, is_right);
        }
        all
    }

    #[test]
    fn the_error_is_the_gap_within_each_bin() {
        // In one bin 0.9 where half is right, in another 0.6 where all is right; 1 is in the last bin.
        let answers = [(0.9, true), (0.9, false), (0.6, true), (1.0, true)];
        assert!((of(&answers).error() - (0.8 + 0.4 + 0.0) / 4.0).abs() < 1e-9);
        assert!(of(&[]).error().is_nan());
    }

    #[test]
    fn answers_of_neighbouring_bins_do_not_make_up_for_one_another() {
        // The border lies at 2/3.
        let apart = of(&[(0.66, true), (0.67, false)]);
        assert!((apart.error() - (0.34 + 0.67) / 2.0).abs() < 1e-9);
        let together = of(&[(0.67, true), (0.68, false)]);
        assert!((together.error() - 0.35 / 2.0).abs() < 1e-9);
        assert_eq!(of(&[(0.66, true)]).and(&of(&[(0.67, false)])), apart);
        assert_eq!(apart.count(), 2);
    }
}
