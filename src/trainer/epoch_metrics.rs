//! Metrics gathered over the steps of an epoch.

use std::time::Instant;

use anyhow::{Result, ensure};
use tch::{Device, Kind, Tensor};

use crate::dataset::Examples;

/// Training metrics of a whole epoch.
pub(super) struct EpochSummary {
    /// Mean cross-entropy in nats.
    pub(super) loss: f64,
    /// Accuracy on the digits, in 0..=1.
    pub(super) accuracy: f64,
    /// Learning rate of the last step.
    pub(super) learning_rate: f64,
}

/// Metrics of the steps of an epoch: gathered on the device and read once, at its end.
pub(super) struct EpochMetrics {
    losses: Vec<Tensor>,
    correct: Vec<Tensor>,
    /// Images seen so far.
    pub(super) images: usize,
    /// Step and learning rate of each loss.
    rates: Vec<(usize, f64)>,
    /// Seconds that the epoch had taken before this process resumed it.
    seconds_before: f64,
    start: Instant,
}

/// The part of [`EpochMetrics`] that is saved where training stops within an epoch.
pub(super) struct SavedMetrics {
    /// Sum of each step's losses: `f32 [steps]`.
    pub(super) losses: Tensor,
    /// Correctly classified digits of each step: `f32 [steps]`, which is exact for any batch that
    /// fits into memory.
    pub(super) correct: Tensor,
    /// Seconds that the steps took.
    pub(super) seconds: f64,
}

impl EpochMetrics {
    /// For an epoch that starts now.
    pub(super) fn new() -> Self {
        Self {
            losses: vec![],
            correct: vec![],
            images: 0,
            rates: vec![],
            seconds_before: 0.0,
            start: Instant::now(),
        }
    }

    /// For an epoch resumed on `device`, after steps on `images` images at these `rates`.
    pub(super) fn resumed(
        metrics: &SavedMetrics,
        device: Device,
        images: usize,
        rates: Vec<(usize, f64)>,
    ) -> Self {
        let correct = metrics.correct.to_kind(Kind::Int64);
        Self {
            losses: metrics.losses.to_device(device).unbind(0),
            correct: correct.to_device(device).unbind(0),
            images,
            rates,
            seconds_before: metrics.seconds,
            start: Instant::now(),
        }
    }

    /// The part to save in order to resume later.
    pub(super) fn to_saved(&self) -> SavedMetrics {
        let stack = |values: &[Tensor]| match values {
            [] => Tensor::zeros([0], (Kind::Float, Device::Cpu)),
            _ => Tensor::stack(values, 0)
                .to_kind(Kind::Float)
                .to_device(Device::Cpu),
        };
        SavedMetrics {
            losses: stack(&self.losses),
            correct: stack(&self.correct),
            seconds: self.seconds(),
        }
    }

    /// Steps so far.
    pub(super) fn steps(&self) -> usize {
        self.losses.len()
    }

    /// Wall-clock time of the epoch so far.
    pub(super) fn seconds(&self) -> f64 {
        self.seconds_before + self.start.elapsed().as_secs_f64()
    }

    /// Adds the metrics of a step, counted from 0.
    ///
    /// # Errors
    /// When the loss became NaN or infinite, if checking it costs nothing.
    pub(super) fn add(
        &mut self,
        step: usize,
        learning_rate: f64,
        loss: &Tensor,
        logits: &Tensor,
        batch: &Examples,
    ) -> Result<()> {
        self.rates.push((step, learning_rate));
        // Elsewhere reading the loss would synchronise with the device.
        if loss.device() == Device::Cpu {
            check_loss(loss.double_value(&[]), (step, learning_rate))?;
        }
        let hits = logits.argmax(1, false).eq_tensor(&batch.labels);
        self.correct.push(hits.sum(Kind::Int64));
        self.losses.push(loss * batch.len() as f64);
        self.images += batch.len();
        Ok(())
    }

    /// The summary of the epoch, in which `digits` images show a digit.
    ///
    /// # Errors
    /// When a loss was NaN or infinite.
    pub(super) fn summary(&self, digits: f64) -> Result<EpochSummary> {
        let losses = Vec::<f64>::try_from(Tensor::stack(&self.losses, 0).to_kind(Kind::Double))?;
        for (&loss, &rate) in losses.iter().zip(&self.rates) {
            check_loss(loss, rate)?;
        }
        let correct = Tensor::stack(&self.correct, 0).sum(Kind::Double);
        Ok(EpochSummary {
            loss: losses.iter().sum::<f64>() / self.images as f64,
            accuracy: correct.double_value(&[]) / digits.max(1.0),
            learning_rate: self.rates.last().map_or(0.0, |(_, rate)| *rate),
        })
    }
}

fn check_loss(loss: f64, (step, learning_rate): (usize, f64)) -> Result<()> {
    ensure!(
        loss.is_finite(),
        "the loss became NaN or infinite at step {} with a learning rate of {learning_rate:.1e}; try a \
         smaller --lr",
        step + 1
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPU: (Kind, Device) = (Kind::Float, Device::Cpu);

    /// Adds a step on images with these labels, all of which are taken for a 3.
    fn add(metrics: &mut EpochMetrics, step: usize, loss: f64, labels: &[i64]) -> Result<()> {
        let count = labels.len() as i64;
        let logits = Tensor::zeros([count, 10], CPU);
        let _ = logits.narrow(1, 3, 1).fill_(1.0);
        let batch = Examples {
            images: Tensor::zeros([count, 28, 28], (Kind::Uint8, Device::Cpu)),
            labels: Tensor::from_slice(labels),
        };
        let loss = Tensor::full([] as [i64; 0], loss, CPU);
        metrics.add(step, 0.01 * step as f64, &loss, &logits, &batch)
    }

    #[test]
    fn an_epoch_is_summarised_over_images_and_digits() {
        let mut metrics = EpochMetrics::new();
        add(&mut metrics, 10, 0.5, &[3, 7]).unwrap();
        add(&mut metrics, 11, 2.0, &[3, 10, 3]).unwrap();
        assert_eq!((metrics.steps(), metrics.images), (2, 5));
        // Four digits, three of them correct, and two and three images.
        let found = metrics.summary(4.0).unwrap();
        assert!((found.loss - (2.0 * 0.5 + 3.0 * 2.0) / 5.0).abs() < 1e-6);
        assert_eq!(found.accuracy, 0.75);
        assert_eq!(found.learning_rate, 0.11);
        // Where there are no digits at all, none is correct.
        let mut none = EpochMetrics::new();
        add(&mut none, 0, 0.5, &[10]).unwrap();
        assert_eq!(none.summary(0.0).unwrap().accuracy, 0.0);
    }

    #[test]
    fn an_interrupted_epoch_has_the_same_summary() {
        let mut metrics = EpochMetrics::new();
        let saved = metrics.to_saved();
        assert_eq!(
            (saved.losses.size(), saved.correct.size()),
            (vec![0], vec![0])
        );
        add(&mut metrics, 10, 0.5, &[3, 7]).unwrap();
        let mut saved = metrics.to_saved();
        assert_eq!(saved.losses, Tensor::from_slice(&[1f32]));
        assert_eq!(saved.correct, Tensor::from_slice(&[1f32]));
        saved.seconds = 100.0;
        let mut resumed = EpochMetrics::resumed(&saved, Device::Cpu, 2, vec![(10, 0.1)]);
        add(&mut resumed, 11, 2.0, &[3, 10, 3]).unwrap();
        assert_eq!((resumed.steps(), resumed.images), (2, 5));
        let found = resumed.summary(4.0).unwrap();
        assert!((found.loss - 1.4).abs() < 1e-6);
        assert_eq!((found.accuracy, found.learning_rate), (0.75, 0.11));
        assert!(resumed.seconds() > 100.0);
        assert!(resumed.to_saved().seconds > 100.0);
    }

    #[test]
    fn a_loss_that_is_no_number_ends_the_training() {
        let mut metrics = EpochMetrics::new();
        let error = add(&mut metrics, 7, f64::NAN, &[3])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("at step 8 with a learning rate of 7.0e-2"),
            "{error}"
        );
        // On other devices it is read at the end of the epoch.
        let saved = SavedMetrics {
            losses: Tensor::from_slice(&[1.0f32, f32::INFINITY]),
            correct: Tensor::from_slice(&[1f32, 1.0]),
            seconds: 1.0,
        };
        let rates = vec![(3, 0.1), (4, 0.2)];
        let resumed = EpochMetrics::resumed(&saved, Device::Cpu, 2, rates);
        let error = resumed.summary(2.0).err().unwrap().to_string();
        assert!(
            error.contains("at step 5 with a learning rate of 2.0e-1"),
            "{error}"
        );
    }
}
