//! Evaluation on a split: loss, accuracy, confusion matrix.

use anyhow::{Result, ensure};
use tch::{Kind, Reduction, Tensor};

use super::Reliability;
use crate::dataset::Examples;
use crate::tensors::{CLASSES, to_batch};

/// Batch size of evaluation.
pub(super) const BATCH: usize = 500;

/// The results on one split.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Number of images.
    pub count: usize,
    /// Mean cross-entropy in nats.
    pub loss: f64,
    /// Accuracy in 0..=1.
    pub accuracy: f64,
    /// Confusion matrix, as counts: `[true][predicted]`.
    pub confusion: [[u64; CLASSES]; CLASSES],
    /// The prediction for each image, in order.
    pub predictions: Vec<Prediction>,
}

/// The prediction for one image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// The image's label.
    pub label: u8,
    /// The predicted digit.
    pub digit: u8,
    /// The probability of that digit, in 0..=1.
    pub confidence: f64,
}

impl Evaluation {
    /// The expected calibration error in 0..=1: see [`Reliability::error`].
    pub fn calibration_error(&self) -> f64 {
        let mut all = Reliability::default();
        for prediction in &self.predictions {
            all.add(prediction.confidence, prediction.digit == prediction.label);
        }
        all.error()
    }

    /// Of all images of `digit`, the fraction predicted as it; NaN where there are none.
    pub fn recall(&self, digit: usize) -> f64 {
        let labelled: u64 = self.confusion[digit].iter().sum();
        self.confusion[digit][digit] as f64 / labelled as f64
    }

    /// Of all images predicted as `digit`, the fraction that shows it; NaN where there are none.
    pub fn precision(&self, digit: usize) -> f64 {
        let predicted: u64 = self.confusion.iter().map(|row| row[digit]).sum();
        self.confusion[digit][digit] as f64 / predicted as f64
    }
}

/// Evaluates anything that returns logits: networks and exported programs.
///
/// # Shapes
/// `logits` takes `f32 [B, 1, 28, 28]` in 0..1 and returns `[B, 10]`.
///
/// # Errors
/// When there are no images, or `logits` fails.
pub fn evaluate(
    examples: &Examples,
    logits: &dyn Fn(&Tensor) -> Result<Tensor>,
) -> Result<Evaluation> {
    ensure!(!examples.is_empty(), "there are no images to evaluate");
    // Gathered on the device and read once, at the end.
    let (mut losses, mut digits, mut confidences) = (vec![], vec![], vec![]);
    for batch in examples.batches(BATCH) {
        let logits = tch::no_grad(|| logits(&to_batch(&batch.images)))?;
        let loss = logits.f_cross_entropy_loss::<Tensor>(
            &batch.labels,
            None,
            Reduction::Sum,
            -100,
            0.0,
        )?;
        let (confidence, digit) = logits.softmax(1, Kind::Float).max_dim(1, false);
        losses.push(loss);
        digits.push(digit);
        confidences.push(confidence);
    }
    let count = examples.len();
    let loss = Tensor::stack(&losses, 0)
        .sum(Kind::Double)
        .double_value(&[])
        / count as f64;
    let labels = Vec::<i64>::try_from(&examples.labels)?;
    let digits = Vec::<i64>::try_from(Tensor::cat(&digits, 0))?;
    let confidences = Vec::<f32>::try_from(Tensor::cat(&confidences, 0))?;
    let mut confusion = [[0; CLASSES]; CLASSES];
    for (&label, &digit) in labels.iter().zip(&digits) {
        confusion[label as usize][digit as usize] += 1;
    }
    let correct: u64 = (0..CLASSES).map(|digit| confusion[digit][digit]).sum();
    let predictions =
        labels
            .iter()
            .zip(digits)
            .zip(confidences)
            .map(|((&label, digit), confidence)| Prediction {
                label: label as u8,
                digit: digit as u8,
                confidence: f64::from(confidence),
            });
    let accuracy = correct as f64 / count as f64;
    Ok(Evaluation {
        count,
        loss,
        accuracy,
        confusion,
        predictions: predictions.collect(),
    })
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    /// A classifier that predicts `digit` for every image.
    fn always(digit: i64) -> impl Fn(&Tensor) -> Result<Tensor> {
        move |images| {
            let logits = Tensor::zeros([images.size()[0], 10], (Kind::Float, Device::Cpu));
            let _ = logits.narrow(1, digit, 1).fill_(20.0);
            Ok(logits)
        }
    }

    fn examples(labels: &[i64]) -> Examples {
        let images = Tensor::zeros([labels.len() as i64, 28, 28], (Kind::Uint8, Device::Cpu));
        Examples {
            images,
            labels: Tensor::from_slice(labels),
        }
    }

    #[test]
    fn metrics_count_correct_predictions() {
        let labels: Vec<i64> = (0..1203).map(|i| if i < 401 { 3 } else { 7 }).collect();
        let found = evaluate(&examples(&labels), &always(3)).unwrap();
        assert_eq!(found.count, 1203);
        assert!((found.accuracy - 401.0 / 1203.0).abs() < 1e-12);
        assert_eq!((found.confusion[3][3], found.confusion[7][3]), (401, 802));
        assert_eq!((found.recall(3), found.recall(7)), (1.0, 0.0));
        assert!((found.precision(3) - 401.0 / 1203.0).abs() < 1e-12);
        // Two thirds of the images cost 20 nats each.
        assert!((found.loss - 20.0 * 802.0 / 1203.0).abs() < 1e-3);
        assert_eq!(
            found.predictions[500],
            Prediction {
                label: 7,
                digit: 3,
                confidence: 1.0
            }
        );
    }

    #[test]
    fn the_calibration_error_is_the_gap_between_confidence_and_accuracy() {
        // Fully confident, and correct one time in four.
        let found = evaluate(&examples(&[3, 7, 7, 7]), &always(3)).unwrap();
        assert!((found.calibration_error() - 0.75).abs() < 1e-6);
        let found = evaluate(&examples(&[3, 3]), &always(3)).unwrap();
        assert!(found.calibration_error() < 1e-6);
    }

    #[test]
    fn no_images_and_a_failing_program_are_errors() {
        assert!(evaluate(&examples(&[]), &always(0)).is_err());
        assert!(evaluate(&examples(&[1]), &|_| anyhow::bail!("no")).is_err());
    }

    #[test]
    fn a_label_that_does_not_exist_is_an_error() {
        assert!(evaluate(&examples(&[1, 100]), &always(1)).is_err());
    }
}
