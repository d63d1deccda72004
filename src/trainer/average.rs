//! The exponential moving average of a network's weights, which training evaluates and keeps.

use anyhow::Result;
use tch::{Device, Tensor};

use super::optimizer;
use crate::model::Net;

/// A network whose weights are the moving average of another's (Polyak and Juditsky, 1992, with an
/// exponential window): more accurate than the weights of any single step.
pub(super) struct Average {
    net: Net,
    averaged: Vec<Tensor>,
    trained: Vec<Tensor>,
    /// Weight of the old average in each update, after warm-up.
    decay: f64,
    steps: usize,
}

/// The window starts at about this many steps and grows to its full length.
const WARM_UP: f64 = 10.0;

impl Average {
    /// Starts as a copy of `net`, on the same device.
    pub(super) fn new(net: &Net, decay: f64) -> Result<Self> {
        let mut average = Net::uninitialized(net.architecture(), net.members(), Device::Cpu)?;
        average.restore(&net.snapshot())?;
        average.to_device(net.weights().device());
        average.set_precision(net.precision());
        Ok(Self {
            averaged: values(&average),
            trained: values(net),
            net: average,
            decay,
            steps: 0,
        })
    }

    /// Restores an average saved after `steps` steps.
    pub(super) fn restore(&mut self, weights: &[(String, Tensor)], steps: usize) -> Result<()> {
        self.steps = steps;
        self.net.restore(weights)
    }

    /// Updates the average with the weights and buffers after one more step.
    pub(super) fn update(&mut self) -> Result<()> {
        self.steps += 1;
        let steps = self.steps as f64;
        let decay = self.decay.min(steps / (steps + WARM_UP));
        optimizer::average(&self.averaged, &self.trained, 1.0 - decay)
    }

    /// The network with the averaged weights.
    pub(super) fn net(&self) -> &Net {
        &self.net
    }
}

/// All parameters and buffers, sorted by name.
fn values(net: &Net) -> Vec<Tensor> {
    let named = net.named_tensors().into_iter();
    named.map(|(_, tensor)| tensor.detach()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Architecture;

    /// The bias of the last layer, set to `value` where there is one.
    fn bias(net: &Net, value: Option<f64>) -> f64 {
        let mut bias = net.weights().variables()["fc1.bias"].detach();
        if let Some(value) = value {
            let _ = bias.fill_(value);
        }
        bias.double_value(&[0])
    }

    #[test]
    fn the_average_converges_to_constant_weights() {
        let net = Net::new(&Architecture::Mlp { hidden: vec![] }, 0, Device::Cpu).unwrap();
        bias(&net, Some(0.0));
        let mut average = Average::new(&net, 0.9).unwrap();
        bias(&net, Some(1.0));
        average.update().unwrap();
        let first = bias(average.net(), None);
        assert!((first - 10.0 / 11.0).abs() < 1e-6, "{first}");
        for _ in 0..200 {
            average.update().unwrap();
        }
        assert!((bias(average.net(), None) - 1.0).abs() < 1e-6);
        bias(&net, Some(2.0));
        average.update().unwrap();
        assert!((bias(average.net(), None) - 1.1).abs() < 1e-6);
    }

    #[test]
    fn with_zero_decay_the_average_is_the_last_step() {
        let net = Net::new(&Architecture::Mlp { hidden: vec![] }, 0, Device::Cpu).unwrap();
        let mut average = Average::new(&net, 0.0).unwrap();
        bias(&net, Some(7.0));
        average.update().unwrap();
        assert_eq!(bias(average.net(), None), 7.0);
    }
}
