//! Weights before any training. They come from a seed and nothing else: libtorch has one generator for the whole
//! process, so that two trainings, or whoever draws beside one, would disturb each other.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{TchError, Tensor, nn};

use super::layer::Layer;

/// Gives a network's learned weights their first values.
pub(super) struct Fresh(ChaCha8Rng);

impl Fresh {
    /// Always the same for a seed.
    pub(super) fn new(seed: u64) -> Self {
        // A training draws from other streams of this seed: those of its epochs, from 1 on.
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Draws those of a layer that was made under its name in `store`; what its normalisation begins with is no
    /// matter of chance. Convolutions and dense layers draw so that values keep their spread through ReLUs (He and
    /// others, "Delving Deep into Rectifiers", 2015), as tch's own do; a convolution's bias begins at 0.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub(super) fn draw(&mut self, layer: &Layer, store: &nn::Path<'_>) -> Result<(), TchError> {
        let (name, fan_in) = match *layer {
            Layer::Conv2d {
                name,
                inputs,
                kernel,
                ..
            } => (name, inputs * kernel * kernel),
            Layer::Linear {
                ref name, inputs, ..
            } => (name.as_str(), inputs),
            _ => return Ok(()),
        };
        let path = store / name;
        if let Some(weight) = path.get("weight") {
            self.fill(&weight, (6.0 / fan_in as f32).sqrt())?;
        }
        match path.get("bias") {
            Some(bias) if matches!(layer, Layer::Linear { .. }) => {
                self.fill(&bias, (1.0 / fan_in as f32).sqrt())
            }
            _ => Ok(()),
        }
    }

    fn fill(&mut self, weight: &Tensor, bound: f32) -> Result<(), TchError> {
        let values: Vec<f32> = (0..weight.numel())
            .map(|_| self.0.random_range(-bound..bound))
            .collect();
        let values = Tensor::f_from_slice(&values)?.f_view_as(weight)?;
        tch::no_grad(|| weight.shallow_clone().f_copy_(&values))?;
        Ok(())
    }
}
