//! The judge: a very small network that decides whether a box is a character, given the outputs of the
//! two other networks and the surroundings of the box.

use anyhow::{Result, ensure};
use tch::{Kind, Tensor};

/// Number of input features that describe a box.
pub const FEATURES: usize = 19;

/// Number of hidden units.
const HIDDEN: usize = 16;

/// Number of weights: of the hidden units with their biases, of the output with its bias, and of
/// the skip connection.
pub const WEIGHTS: usize = HIDDEN * (FEATURES + 1) + HIDDEN + 1 + FEATURES;

/// One hidden layer of ReLU units, with a skip connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge(Vec<f32>);

impl Judge {
    /// A judge with these weights, in order: hidden `[16, 19]` and biases, output `[16]` and bias,
    /// skip connection `[19]`.
    ///
    /// # Errors
    /// When they are not [`WEIGHTS`] finite numbers.
    pub fn new(weights: Vec<f32>) -> Result<Self> {
        ensure!(
            weights.len() == WEIGHTS && weights.iter().all(|weight| weight.is_finite()),
            "a judge has {WEIGHTS} weights, all of them finite"
        );
        Ok(Self(weights))
    }

    /// The same from a tensor.
    ///
    /// # Errors
    /// As [`Judge::new`].
    pub fn of(weights: &Tensor) -> Result<Self> {
        Self::new(Vec::try_from(weights.to_kind(Kind::Float).view([-1]))?)
    }

    /// The weights as a tensor, `f32` [[`WEIGHTS`]].
    pub fn weights(&self) -> Tensor {
        Tensor::from_slice(&self.0)
    }

    /// The probability that a box with these features is a character.
    pub fn probability(&self, features: &[f32; FEATURES]) -> f64 {
        let (hidden, rest) = self.0.split_at(HIDDEN * FEATURES);
        let (biases, rest) = rest.split_at(HIDDEN);
        let (output, rest) = rest.split_at(HIDDEN + 1);
        let dot = |weights: &[f32]| -> f32 {
            let products = weights.iter().zip(features);
            products.map(|(weight, feature)| weight * feature).sum()
        };
        let units = hidden.chunks_exact(FEATURES).zip(biases).zip(output);
        let hidden: f32 = units
            .map(|((weights, bias), output)| output * (dot(weights) + bias).max(0.0))
            .sum();
        let logit = hidden + output[HIDDEN] + dot(rest);
        1.0 / (1.0 + f64::from(-logit).exp())
    }

    /// The same for many boxes at once, computed by libtorch, for training.
    ///
    /// # Shapes
    /// `weights` is `f32` [[`WEIGHTS`]], `features` `f32` `[N, 19]`; logits `f32` `[N]`.
    pub fn logits(weights: &Tensor, features: &Tensor) -> Tensor {
        let (count, hidden) = (FEATURES as i64, HIDDEN as i64);
        let mut start = 0;
        let mut part = |length: i64| {
            start += length;
            weights.narrow(0, start - length, length)
        };
        let units = part(hidden * count).view([hidden, count]);
        let biases = part(hidden);
        let output = part(hidden);
        let bias = part(1);
        let skip = part(count);
        let active = (features.matmul(&units.transpose(0, 1)) + biases).relu();
        active.matmul(&output) + bias + features.matmul(&skip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_box_alone_is_judged_as_among_many() {
        let number = |at: usize| ((at * 37 % 101) as f32 - 50.0) / 100.0;
        let judge = Judge::new((0..WEIGHTS).map(number).collect()).unwrap();
        let features: [f32; FEATURES] = std::array::from_fn(|at| number(at + 7));
        let many = Tensor::from_slice(&features).view([1, -1]);
        let logit = Judge::logits(&judge.weights(), &many).double_value(&[0]);
        let probability = judge.probability(&features);
        assert!((1.0 / (1.0 + (-logit).exp()) - probability).abs() < 1e-6);
        assert_eq!(Judge::of(&judge.weights()).unwrap(), judge);
        assert!(Judge::new(vec![0.0; 3]).is_err());
        assert!(Judge::new(vec![f32::NAN; WEIGHTS]).is_err());
    }
}
