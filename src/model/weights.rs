//! A network's weights by name, as PyTorch's `state_dict()` names them.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use tch::{Device, Kind, Tensor};

use super::Net;
use crate::shim::without_backtrace;

impl Net {
    /// Its parameters and buffers, not copies, sorted by name.
    pub(crate) fn named_tensors(&self) -> Vec<(String, Tensor)> {
        let mut weights: Vec<_> = self.weights.variables().into_iter().collect();
        weights.sort_by(|(a, _), (b, _)| a.cmp(b));
        weights
    }

    /// Copies of all weights, on the CPU, by name.
    pub fn snapshot(&self) -> Vec<(String, Tensor)> {
        let copy = |tensor: &Tensor| tensor.detach().to_device(Device::Cpu).copy().contiguous();
        let named = self.named_tensors().into_iter();
        named.map(|(name, tensor)| (name, copy(&tensor))).collect()
    }

    /// Restores all weights by name, as returned by [`Net::snapshot`].
    ///
    /// # Errors
    /// When a name or shape does not match, or a weight is missing; then no weight is changed.
    pub fn restore(&mut self, weights: &[(String, Tensor)]) -> Result<()> {
        let own = self.named_tensors();
        let given: HashMap<&str, &Tensor> = weights
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor))
            .collect();
        if let Some(other) = given
            .keys()
            .find(|name| own.iter().all(|(own, _)| own != *name))
        {
            bail!("a {} has no weight named {other}", self.architecture);
        }
        // Shapes are compared first: libtorch would broadcast a single value to any shape.
        let pairs = own.iter().map(|(name, own)| {
            let given = given.get(name.as_str());
            let given = given.with_context(|| format!("{name} is missing"))?;
            ensure!(
                given.size() == own.size(),
                "{name} has shape {:?}, {:?} is needed",
                given.size(),
                own.size()
            );
            Ok((own, given))
        });
        let pairs = pairs.collect::<Result<Vec<_>>>()?;
        tch::no_grad(|| {
            for (own, given) in pairs {
                own.shallow_clone()
                    .f_copy_(&given.to_kind(Kind::Float))
                    .map_err(without_backtrace)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Architecture;

    #[test]
    fn mismatched_weights_are_named_and_none_is_changed() {
        let mut net = Net::new(&Architecture::Mlp { hidden: vec![3] }, 0, Device::Cpu).unwrap();
        let before = net.snapshot();
        let other = Net::new(&Architecture::Mlp { hidden: vec![3] }, 1, Device::Cpu).unwrap();
        let weights = other.snapshot();
        let mut failure = |weights: &[(String, Tensor)]| {
            let failure = net.restore(weights).unwrap_err().to_string();
            assert_eq!(net.snapshot(), before);
            failure
        };
        let (last, name) = (weights.len() - 1, weights[weights.len() - 1].0.clone());
        assert_eq!(failure(&weights[..last]), format!("{name} is missing"));
        let change = |changed: (String, Tensor)| {
            let kept = weights[..last].iter();
            let mut weights: Vec<_> = kept.map(|(n, t)| (n.clone(), t.shallow_clone())).collect();
            weights.push(changed);
            weights
        };
        let one = Tensor::ones([1], (Kind::Float, Device::Cpu));
        assert!(failure(&change((name, one.shallow_clone()))).contains("has shape [1]"));
        assert!(
            failure(&change(("fc9.bias".to_owned(), one))).contains("no weight named fc9.bias")
        );
        net.restore(&weights).unwrap();
        assert_eq!(net.snapshot(), weights);
    }
}
