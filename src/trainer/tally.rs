//! What the steps of an epoch show.

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
#[derive(Default)]
pub(super) struct Tally {
    losses: Vec<Tensor>,
    right: Vec<Tensor>,
    /// Images seen so far.
    pub(super) images: usize,
    /// Step and learning rate of each loss.
    rates: Vec<(usize, f64)>,
}

impl Tally {
    /// Takes in what one step showed, counted from 0.
    ///
    /// # Errors
    /// When the loss is no longer a number and that can be told at once.
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
            accuracy: right.double_value(&[]) / digits,
            learning_rate: self.rates.last().map_or(0.0, |(_, rate)| *rate),
        })
    }
}

fn check_loss(loss: f64, (step, learning_rate): (usize, f64)) -> Result<()> {
    ensure!(
        loss.is_finite(),
        "the loss is no longer a number at step {} with a learning rate of {learning_rate:.1e}; try a \
         smaller --lr",
        step + 1
    );
    Ok(())
}
