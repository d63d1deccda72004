//! What the steps of an epoch show.

use std::time::Instant;

use anyhow::{Result, ensure};
use tch::{Device, Kind, Tensor};

use crate::dataset::Examples;

/// What one pass over the training split showed.
pub(super) struct Pass {
    /// Mean cross-entropy in nats.
    pub(super) loss: f64,
    /// Fraction of the digits in 0..=1.
    pub(super) accuracy: f64,
    /// That of the last step.
    pub(super) learning_rate: f64,
}

/// What the steps of an epoch showed: gathered on the device and read once, at its end.
pub(super) struct Tally {
    losses: Vec<Tensor>,
    right: Vec<Tensor>,
    /// Images seen so far.
    pub(super) images: usize,
    /// Step and learning rate of each loss.
    rates: Vec<(usize, f64)>,
    /// Seconds that the epoch took before this process went on with it.
    seconds_before: f64,
    start: Instant,
}

/// What is kept of a [`Tally`] where a training stops within an epoch.
pub(super) struct SavedMetrics {
    /// Sum of each step's losses: `f32 [steps]`.
    pub(super) losses: Tensor,
    /// Digits that each step read rightly: `f32 [steps]`, which is exact for any batch that fits into
    /// memory.
    pub(super) right: Tensor,
    /// Seconds that the steps took.
    pub(super) seconds: f64,
}

impl Tally {
    /// That of an epoch which starts now.
    pub(super) fn new() -> Self {
        Self {
            losses: vec![],
            right: vec![],
            images: 0,
            rates: vec![],
            seconds_before: 0.0,
            start: Instant::now(),
        }
    }

    /// That of an epoch which is resumed on `device`, after steps of so many `images` at these `rates`.
    pub(super) fn resumed(
        metrics: &SavedMetrics,
        device: Device,
        images: usize,
        rates: Vec<(usize, f64)>,
    ) -> Self {
        let right = metrics.right.to_kind(Kind::Int64);
        Self {
            losses: metrics.losses.to_device(device).unbind(0),
            right: right.to_device(device).unbind(0),
            images,
            rates,
            seconds_before: metrics.seconds,
            start: Instant::now(),
        }
    }

    /// What has to be saved to resume later.
    pub(super) fn metrics(&self) -> SavedMetrics {
        let stack = |values: &[Tensor]| match values {
            [] => Tensor::zeros([0], (Kind::Float, Device::Cpu)),
            _ => Tensor::stack(values, 0)
                .to_kind(Kind::Float)
                .to_device(Device::Cpu),
        };
        SavedMetrics {
            losses: stack(&self.losses),
            right: stack(&self.right),
            seconds: self.seconds(),
        }
    }

    /// Steps so far.
    pub(super) fn steps(&self) -> usize {
        self.losses.len()
    }

    /// Wall time of the epoch so far.
    pub(super) fn seconds(&self) -> f64 {
        self.seconds_before + self.start.elapsed().as_secs_f64()
    }

    /// Takes in what one step showed, counted from 0.
    ///
    /// # Errors
    /// When the loss became NaN or infinite and that can be told at once.
    pub(super) fn add(
        &mut self,
        step: usize,
        learning_rate: f64,
        loss: &Tensor,
        logits: &Tensor,
        batch: &Examples,
    ) -> Result<()> {
        self.rates.push((step, learning_rate));
        // Costs nothing on the CPU; elsewhere it would wait for the device.
        if loss.device() == Device::Cpu {
            check_loss(loss.double_value(&[]), (step, learning_rate))?;
        }
        let hits = logits.argmax(1, false).eq_tensor(&batch.labels);
        self.right.push(hits.sum(Kind::Int64));
        self.losses.push(loss * batch.len() as f64);
        self.images += batch.len();
        Ok(())
    }

    /// The epoch's figures, of which `digits` images show a digit.
    ///
    /// # Errors
    /// When a loss was no number.
    pub(super) fn pass(&self, digits: f64) -> Result<Pass> {
        let losses = Vec::<f64>::try_from(Tensor::stack(&self.losses, 0).to_kind(Kind::Double))?;
        for (&loss, &rate) in losses.iter().zip(&self.rates) {
            check_loss(loss, rate)?;
        }
        let right = Tensor::stack(&self.right, 0).sum(Kind::Double);
        Ok(Pass {
            loss: losses.iter().sum::<f64>() / self.images as f64,
            accuracy: right.double_value(&[]) / digits.max(1.0),
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
