//! Initialisation of weights. It depends on a seed and nothing else: libtorch has one generator for
//! the whole process, so concurrent training runs would affect each other.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{TchError, Tensor, nn};

use super::layer::Layer;

/// Initialises a network's trainable weights.
pub(super) struct Initializer(ChaCha8Rng);

impl Initializer {
    /// The same seed gives the same weights.
    pub(super) fn new(seed: u64) -> Self {
        // Training draws from other streams of this seed: those of its epochs, from 1.
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Draws the weights of a layer created under its name in `store`. Convolutions and dense
    /// layers use He initialisation (He and others, "Delving Deep into Rectifiers", 2015), as in
    /// tch; a convolution's bias starts at 0. Normalisation layers keep their constant initial
    /// values.
    ///
    /// # Errors
    /// When libtorch fails.
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

#[cfg(test)]
mod tests {
    use tch::{Device, Kind};

    use crate::model::{Architecture, Net};

    #[test]
    fn weights_fill_the_range_that_the_number_of_inputs_allows() {
        let net = Net::new(&Architecture::Keras, 0, Device::Cpu).unwrap();
        let range = |name: &str| {
            let values = net.weights().variables()[name].to_kind(Kind::Double);
            [values.min(), values.max()].map(|end| end.double_value(&[]))
        };
        // Each with its number of inputs: 3 by 3 pixels of one channel or of 64, or 64 values.
        for (name, inputs) in [("conv1", 9.0), ("conv2", 576.0), ("fc1", 64.0)] {
            let bound = (6.0_f64 / inputs).sqrt();
            let [low, high] = range(&format!("{name}.weight"));
            assert!(-bound <= low && low < -0.95 * bound, "{name}: {low}");
            assert!(0.95 * bound < high && high < bound, "{name}: {high}");
        }
        assert_eq!(range("conv1.bias"), [0.0, 0.0]);
        let bound = 0.125;
        let [low, high] = range("fc1.bias");
        assert!(-bound <= low && low < -0.8 * bound, "{low}");
        assert!(0.8 * bound < high && high < bound, "{high}");
    }
}
