//! The network: from images in 0..1 to logits.

pub mod architecture;
pub mod checkpoint;
pub mod layer;
pub mod summary;

pub use architecture::Architecture;

use anyhow::{Context, Result, ensure};
use tch::nn::{self, SequentialT};
use tch::{Device, Kind, Tensor};

use crate::tensors::{DEVIATION, MEAN};
use layer::Layer;

/// A network of a given architecture with its weights.
#[derive(Debug)]
pub struct Net {
    architecture: Architecture,
    layers: SequentialT,
    weights: nn::VarStore,
}

impl Net {
    /// A network with fresh weights, drawn from libtorch's generator (see [`tch::manual_seed`]).
    ///
    /// # Errors
    /// When the architecture's layers do not fit one another or are beyond reason.
    pub fn new(architecture: &Architecture, device: Device) -> Result<Self> {
        architecture.check()?;
        // On the CPU first, so that one seed gives the same weights on every device.
        let mut weights = nn::VarStore::new(Device::Cpu);
        let layers = architecture
            .shapes()?
            .iter()
            .fold(nn::seq_t(), |network, (layer, _)| {
                layer.append_to(network, &weights.root())
            });
        weights.set_device(device);
        Ok(Self {
            architecture: architecture.clone(),
            layers,
            weights,
        })
    }

    /// What kind of network it is.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Its parameters and buffers.
    pub fn weights(&self) -> &nn::VarStore {
        &self.weights
    }

    /// Moves the weights to another device.
    pub fn to_device(&mut self, device: Device) {
        self.weights.set_device(device);
    }

    /// Logits of a batch; dropout and batch statistics are at work where `train` is set.
    ///
    /// # Shapes
    /// `f32 [B, 1, 28, 28]` in 0..1 to `f32 [B, 10]`.
    pub fn forward_t(&self, images: &Tensor, train: bool) -> Tensor {
        // Normalisation belongs to the network, so that no caller can forget or repeat it.
        ((images - MEAN) / DEVIATION).apply_t(&self.layers, train)
    }

    /// Logits of a batch, as an application wants them: no dropout, no gradients.
    ///
    /// # Shapes
    /// As [`Net::forward_t`].
    pub fn logits(&self, images: &Tensor) -> Tensor {
        tch::no_grad(|| self.forward_t(images, false))
    }

    /// Divides what the last layer puts out: weights and biases, so that all that is made of the
    /// network has it.
    ///
    /// # Errors
    /// When the network does not end in a dense layer.
    pub fn divide_logits(&mut self, temperature: f64) -> Result<()> {
        let layers = self.architecture.layers();
        let last = layers.last().context("a network without layers")?;
        ensure!(
            matches!(last, Layer::Linear { .. }),
            "the last layer is not dense"
        );
        let variables = self.weights.variables();
        tch::no_grad(|| {
            for weight in last.weights() {
                let mut weight = variables[&weight.name].shallow_clone();
                let _ = weight.f_div_scalar_(temperature)?;
            }
            Ok(())
        })
    }

    /// Copies of all weights, on the CPU, by name.
    pub fn snapshot(&self) -> Vec<(String, Tensor)> {
        let copy = |tensor: &Tensor| tensor.detach().to_device(Device::Cpu).copy().contiguous();
        let mut weights: Vec<_> = self
            .weights
            .variables()
            .iter()
            .map(|(name, t)| (name.clone(), copy(t)))
            .collect();
        weights.sort_by(|(a, _), (b, _)| a.cmp(b));
        weights
    }

    /// Takes over weights by name; their shapes are those of [`Net::snapshot`].
    ///
    /// # Errors
    /// When a name or shape is not this network's.
    pub fn restore(&mut self, weights: &[(String, Tensor)]) -> Result<()> {
        let mut variables = self.weights.variables();
        tch::no_grad(|| {
            for (name, tensor) in weights {
                match variables.get_mut(name) {
                    Some(variable) => variable.f_copy_(&tensor.to_kind(Kind::Float))?,
                    None => anyhow::bail!("a {} has no weight named {name}", self.architecture),
                }
            }
            Ok(())
        })
    }
}
