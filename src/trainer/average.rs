//! The running average of a network's weights: what a training keeps.

use anyhow::Result;
use tch::{Device, Tensor};

use super::optimizer;
use crate::model::Net;

/// A network whose weights follow another's, slowly (Polyak and Juditsky, 1992, with an exponential
/// window): it reads better than that at any one step.
pub(super) struct Average {
    net: Net,
    own: Vec<Tensor>,
    followed: Vec<Tensor>,
    /// Share of the past once there is one.
    decay: f64,
    steps: usize,
}

/// The average begins as that of so many steps, and grows to its full window.
const WARM_UP: f64 = 10.0;

impl Average {
    /// A network as `net` is now, on the same device.
    pub(super) fn new(net: &Net, decay: f64) -> Result<Self> {
        let mut average = Net::blank(net.architecture(), net.members(), Device::Cpu)?;
        average.restore(&net.snapshot())?;
        average.to_device(net.weights().device());
        average.set_precision(net.precision());
        Ok(Self {
            own: values(&average),
            followed: values(net),
            net: average,
            decay,
            steps: 0,
        })
    }

    /// Takes over the average after so many steps, by name.
    pub(super) fn restore(&mut self, weights: &[(String, Tensor)], steps: usize) -> Result<()> {
        self.steps = steps;
        self.net.restore(weights)
    }

    /// Takes the weights of one more step in, and the statistics that go with them.
    pub(super) fn follow(&mut self) -> Result<()> {
        self.steps += 1;
        let steps = self.steps as f64;
        let decay = self.decay.min(steps / (steps + WARM_UP));
        optimizer::average(&self.own, &self.followed, 1.0 - decay)
    }

    /// The network with the average.
    pub(super) fn net(&self) -> &Net {
        &self.net
    }
}

/// All parameters and buffers, in the order of their names.
fn values(net: &Net) -> Vec<Tensor> {
    let named = net.named().into_iter();
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
    fn the_average_follows_slowly_and_arrives() {
        let net = Net::new(&Architecture::Mlp { hidden: vec![] }, 0, Device::Cpu).unwrap();
        bias(&net, Some(0.0));
        let mut average = Average::new(&net, 0.9).unwrap();
        bias(&net, Some(1.0));
        average.follow().unwrap();
        let first = bias(average.net(), None);
        assert!((first - 10.0 / 11.0).abs() < 1e-6, "{first}");
        for _ in 0..200 {
            average.follow().unwrap();
        }
        assert!((bias(average.net(), None) - 1.0).abs() < 1e-6);
        bias(&net, Some(2.0));
        average.follow().unwrap();
        assert!((bias(average.net(), None) - 1.1).abs() < 1e-6);
    }

    #[test]
    fn without_a_past_the_average_is_the_last_step() {
        let net = Net::new(&Architecture::Mlp { hidden: vec![] }, 0, Device::Cpu).unwrap();
        let mut average = Average::new(&net, 0.0).unwrap();
        bias(&net, Some(7.0));
        average.follow().unwrap();
        assert_eq!(bias(average.net(), None), 7.0);
    }
}
