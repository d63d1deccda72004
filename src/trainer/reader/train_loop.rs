//! State of a reader's training loop.

use anyhow::Result;
use tch::{Device, Tensor};

use super::config::{ReaderConfig, STEPS_PER_EPOCH};
use crate::precision::Precision;
use crate::reader::Reader;
use crate::trainer::average::Average;
use crate::trainer::optimizer::{Optimizer, OptimizerState};

/// State carried from step to step.
pub(super) struct TrainLoop {
    pub(super) optimizer_state: OptimizerState,
    pub(super) averages: [Average; 2],
    /// Steps of the whole run.
    pub(super) steps: usize,
    pub(super) precision: Precision,
}

impl TrainLoop {
    pub(super) fn new(reader: &Reader, config: &ReaderConfig) -> Result<Self> {
        let weights = reader.nets().into_iter().flat_map(|(name, net)| {
            let weights = net.named_tensors().into_iter();
            let weights = weights.filter(|(_, weight)| weight.requires_grad());
            weights.map(move |(weight, tensor)| (format!("{name}.{weight}"), tensor))
        });
        let [(_, detector), (_, crop)] = reader.nets();
        Ok(Self {
            optimizer_state: OptimizerState::new(
                Optimizer::AdamW,
                config.weight_decay,
                weights.collect(),
            ),
            averages: [
                Average::new(detector, config.averaging)?,
                Average::new(crop, config.averaging)?,
            ],
            steps: config.epochs * STEPS_PER_EPOCH,
            precision: config.precision,
        })
    }

    /// The averaged weights by name.
    pub(super) fn averaged(&self) -> Vec<(String, Tensor)> {
        let named = ["detector", "crop"].into_iter().zip(&self.averages);
        let all = named.flat_map(|(name, average)| {
            let weights = average.net().snapshot().into_iter();
            weights.map(move |(weight, tensor)| (format!("{name}.{weight}"), tensor))
        });
        all.collect()
    }

    /// A reader with the averaged weights.
    pub(super) fn average(&self) -> Result<Reader> {
        let mut reader = Reader::blank(Device::Cpu)?;
        reader.restore(&self.averaged())?;
        let device = self.averages[0].net().weights().device();
        reader.detector.to_device(device);
        reader.crop.to_device(device);
        reader.set_precision(self.precision);
        Ok(reader)
    }

    pub(super) fn restore_average(
        &mut self,
        weights: &[(String, Tensor)],
        steps: usize,
    ) -> Result<()> {
        for (name, average) in ["detector", "crop"].into_iter().zip(&mut self.averages) {
            let own = weights.iter().filter_map(|(weight, tensor)| {
                let (owner, weight) = weight.split_once('.')?;
                (owner == name).then(|| (weight.to_owned(), tensor.shallow_clone()))
            });
            average.restore(&own.collect::<Vec<_>>(), steps)?;
        }
        Ok(())
    }
}
