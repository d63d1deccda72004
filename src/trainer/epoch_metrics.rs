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
