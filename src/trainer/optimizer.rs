//! Optimizers.

use std::ffi::c_char;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, VariantNames};
use tch::{Device, Kind, Tensor};
use torch_sys::C_tensor;

use crate::shim::{check, without_backtrace};

/// The optimizer of a training run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, VariantNames,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Optimizer {
    /// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
    AdamW,
    /// Adam (Kingma and Ba, 2015).
    Adam,
    /// Stochastic gradient descent with Nesterov momentum.
    Sgd,
}

/// Decay of Adam's running mean of the gradients.
const BETA1: f64 = 0.9;

/// Decay of Adam's running mean of the squared gradients.
const BETA2: f64 = 0.99;

/// Keeps Adam from dividing by zero, as in PyTorch.
const EPSILON: f64 = 1e-8;

/// Momentum of SGD.
const MOMENTUM: f64 = 0.9;

// The two kinds of state tensors.
const MEANS: &str = "mean";
const SQUARES: &str = "square";

impl Optimizer {
    /// The default peak learning rate; tuned on the validation split.
    pub fn default_learning_rate(self) -> f64 {
        match self {
            Self::AdamW | Self::Adam => 0.004,
            Self::Sgd => 0.1,
        }
    }

    /// The default weight decay of this project's own networks; tuned on the validation split. Adam
    /// has none.
    pub fn default_weight_decay(self) -> f64 {
        match self {
            Self::AdamW => 0.02,
            Self::Sgd => 1e-4,
            Self::Adam => 0.0,
        }
    }
}

/// Weights with the optimizer's state for each.
pub(super) struct OptimizerState {
    optimizer: Optimizer,
    weight_decay: f64,
    names: Vec<String>,
    weights: Vec<Tensor>,
    /// Running means of the gradients.
    means: Vec<Tensor>,
    /// Running means of their squares; Adam only.
    squares: Vec<Tensor>,
    /// Steps taken, in libtorch's form: one number per weight.
    steps: Vec<Tensor>,
    started: bool,
}

impl OptimizerState {
    /// The initial state for these named weights.
    pub(super) fn new(
        optimizer: Optimizer,
        weight_decay: f64,
        weights: Vec<(String, Tensor)>,
    ) -> Self {
        let (names, weights): (Vec<_>, Vec<_>) = weights.into_iter().unzip();
        let zeros = || weights.iter().map(|weight| weight.detach().zeros_like());
        let zero = |weight: &Tensor| Tensor::zeros([] as [i64; 0], (Kind::Float, weight.device()));
        let adam = optimizer != Optimizer::Sgd;
        Self {
            means: zeros().collect(),
            squares: if adam { zeros().collect() } else { vec![] },
            steps: weights.iter().map(zero).collect(),
            optimizer,
            weight_decay,
            names,
            weights,
            started: false,
        }
    }

    /// The kinds of state tensors that this optimizer has.
    pub(super) fn kinds(&self) -> &'static [&'static str] {
        match self.optimizer {
            Optimizer::Sgd => &[MEANS],
            Optimizer::AdamW | Optimizer::Adam => &[MEANS, SQUARES],
        }
    }

    /// The state tensors by kind and weight name, on the CPU.
    pub(super) fn state_tensors(&self) -> Vec<(&'static str, Vec<(String, Tensor)>)> {
        let kinds = self.kinds().iter().zip([&self.means, &self.squares]);
        let state_tensors = kinds.map(|(&kind, tensors)| {
            let tensors = tensors.iter().map(|tensor| tensor.to_device(Device::Cpu));
            (kind, self.names.iter().cloned().zip(tensors).collect())
        });
        state_tensors.collect()
    }

    /// Restores what [`OptimizerState::state_tensors`] returned after `steps` steps.
    ///
    /// # Errors
    /// When they belong to other weights or another optimizer.
    pub(super) fn restore(
        &mut self,
        state_tensors: &[(&'static str, Vec<(String, Tensor)>)],
        steps: usize,
    ) -> Result<()> {
        for (kind, saved_tensors) in state_tensors {
            let tensors = match *kind {
                MEANS => &mut self.means,
                _ => &mut self.squares,
            };
            for (tensor, name) in tensors.iter_mut().zip(&self.names) {
                let saved = saved_tensors.iter().find(|(saved, _)| saved == name);
                let (_, saved) = saved.with_context(|| format!("no {kind} of {name}"))?;
                // libtorch would broadcast a single value to any shape.
                ensure!(
                    saved.size() == tensor.size(),
                    "the {kind} of {name} has shape {:?}, {:?} is needed",
                    saved.size(),
                    tensor.size()
                );
                tensor.f_copy_(saved).map_err(without_backtrace)?;
            }
        }
        for count in &mut self.steps {
            let _ = count.f_fill_(steps as f64)?;
        }
        self.started = steps > 0;
        Ok(())
    }

    /// Takes one step along the gradients of `loss`, and clears them.
    ///
    /// # Errors
    /// When libtorch fails, for instance out of memory.
    pub(super) fn step(&mut self, loss: &Tensor, learning_rate: f64) -> Result<()> {
        backward(loss)?;
        self.update(learning_rate)
    }

    /// Takes one step along the gradients accumulated by [`backward`] since the last one, and
    /// clears them.
    ///
    /// # Errors
    /// When libtorch fails, for instance out of memory.
    pub(super) fn update(&mut self, learning_rate: f64) -> Result<()> {
        let (weights, means) = (pointers(&self.weights), pointers(&self.means));
        let (squares, steps) = (pointers(&self.squares), pointers(&self.steps));
        let count = self.weights.len();
        // SAFETY: all pointers are to live tensors, `count` of each; Adam alone reads the squares.
        let failure = unsafe {
            match self.optimizer {
                Optimizer::Sgd => mnist_tch_sgd(
                    weights.as_ptr(),
                    means.as_ptr(),
                    count,
                    learning_rate,
                    MOMENTUM,
                    self.weight_decay,
                    !self.started,
                ),
                Optimizer::AdamW | Optimizer::Adam => mnist_tch_adam(
                    weights.as_ptr(),
                    means.as_ptr(),
                    squares.as_ptr(),
                    steps.as_ptr(),
                    count,
                    learning_rate,
                    BETA1,
                    BETA2,
                    self.weight_decay,
                    EPSILON,
                    self.optimizer == Optimizer::AdamW,
                ),
            }
        };
        self.started = true;
        // SAFETY: our C++ returned it.
        unsafe { check(failure) }
            .map_err(without_backtrace)
            .context("taking a step")
    }
}

/// Accumulates the gradients of a loss in the weights that it depends on.
///
/// # Errors
/// When libtorch fails, for instance out of memory.
pub(super) fn backward(loss: &Tensor) -> Result<()> {
    loss.f_backward()
        .map_err(without_backtrace)
        .context("computing gradients")
}

/// Interpolates each average towards its weight by `share`.
///
/// # Errors
/// When libtorch fails.
pub(super) fn average(averages: &[Tensor], weights: &[Tensor], share: f64) -> Result<()> {
    let (to, from) = (pointers(averages), pointers(weights));
    let count = averages.len().min(weights.len());
    // SAFETY: all pointers are to live tensors, `count` of each at least.
    let failure = unsafe { mnist_tch_average(to.as_ptr(), from.as_ptr(), count, share) };
    // SAFETY: our C++ returned it.
    unsafe { check(failure) }
        .map_err(without_backtrace)
        .context("averaging the weights")
}

fn pointers(tensors: &[Tensor]) -> Vec<*const C_tensor> {
    tensors.iter().map(|tensor| tensor.as_ptr()).collect()
}

unsafe extern "C" {
    fn mnist_tch_adam(
        weights: *const *const C_tensor,
        means: *const *const C_tensor,
        squares: *const *const C_tensor,
        steps: *const *const C_tensor,
        count: usize,
        learning_rate: f64,
        beta1: f64,
        beta2: f64,
        weight_decay: f64,
        epsilon: f64,
        decoupled: bool,
    ) -> *mut c_char;

    fn mnist_tch_sgd(
        weights: *const *const C_tensor,
        momenta: *const *const C_tensor,
        count: usize,
        learning_rate: f64,
        momentum: f64,
        weight_decay: f64,
        first: bool,
    ) -> *mut c_char;

    fn mnist_tch_average(
        averages: *const *const C_tensor,
        weights: *const *const C_tensor,
        count: usize,
        share: f64,
    ) -> *mut c_char;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x after ten steps on x² from 1, with a learning rate and a weight decay of 0.1.
    fn descend(optimizer: Optimizer) -> f64 {
        let weight = Tensor::ones([1], (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let mut optimizer_state = OptimizerState::new(
            optimizer,
            0.1,
            vec![("x".to_owned(), weight.shallow_clone())],
        );
        for _ in 0..10 {
            optimizer_state
                .step(&weight.square().sum(Kind::Float), 0.1)
                .unwrap();
        }
        weight.double_value(&[0])
    }

    #[test]
    fn optimizers_step_as_in_pytorch() {
        // The values of torch.optim's AdamW, Adam and SGD (nesterov) in PyTorch 2.11.
        for (optimizer, expected) in [
            (Optimizer::AdamW, 0.030_530_14),
            (Optimizer::Adam, 0.073_265_24),
            (Optimizer::Sgd, 0.074_460_84),
        ] {
            let found = descend(optimizer);
            assert!((found - expected).abs() < 1e-6, "{optimizer}: {found}");
        }
    }

    #[test]
    fn weights_that_the_loss_does_not_depend_on_stay_unchanged() {
        let [used, unused] =
            [1f32, 2.0].map(|value| Tensor::from_slice(&[value]).set_requires_grad(true));
        let weights = [("used", &used), ("unused", &unused)]
            .map(|(name, weight)| (name.to_owned(), weight.shallow_clone()));
        let mut optimizer_state = OptimizerState::new(Optimizer::Adam, 0.0, weights.into());
        let loss = used.square().sum(Kind::Float);
        optimizer_state.step(&loss, 0.1).unwrap();
        assert!(used.double_value(&[0]) < 0.95);
        assert_eq!(unused, Tensor::from_slice(&[2f32]));
    }

    #[test]
    fn averages_are_interpolated_by_the_given_share() {
        let averages = [Tensor::from_slice(&[0f32, 1.0])];
        average(&averages, &[Tensor::from_slice(&[1f32, 3.0])], 0.25).unwrap();
        assert_eq!(averages[0], Tensor::from_slice(&[0.25f32, 1.5]));
    }

    #[test]
    fn each_optimizer_has_its_defaults() {
        let defaults = |optimizer: Optimizer| {
            (
                optimizer.default_learning_rate(),
                optimizer.default_weight_decay(),
            )
        };
        assert_eq!(defaults(Optimizer::AdamW), (0.004, 0.02));
        assert_eq!(defaults(Optimizer::Adam), (0.004, 0.0));
        assert_eq!(defaults(Optimizer::Sgd), (0.1, 1e-4));
    }

    fn weight(values: &[f32]) -> Tensor {
        Tensor::from_slice(values).set_requires_grad(true)
    }

    fn state_of(optimizer: Optimizer, weights: &[Tensor; 2]) -> OptimizerState {
        let names = ["a", "b"].map(str::to_owned).into_iter();
        let named = names.zip(weights.iter().map(Tensor::shallow_clone));
        OptimizerState::new(optimizer, 0.1, named.collect())
    }

    fn steps(state: &mut OptimizerState, [a, b]: &[Tensor; 2], count: usize) {
        for _ in 0..count {
            let loss = a.square().sum(Kind::Float) + b.square().sum(Kind::Float) * 5.0;
            state.step(&loss, 0.05).unwrap();
        }
    }

    #[test]
    fn a_restored_optimizer_steps_like_an_uninterrupted_one() {
        for optimizer in [Optimizer::AdamW, Optimizer::Adam, Optimizer::Sgd] {
            let weights = [weight(&[1.0, -2.0]), weight(&[3.0, 0.5])];
            let mut state = state_of(optimizer, &weights);
            steps(&mut state, &weights, 3);
            let saved = state.state_tensors();
            let kinds: Vec<_> = saved.iter().map(|(kind, _)| *kind).collect();
            let expected: &[&str] = match optimizer {
                Optimizer::Sgd => &["mean"],
                Optimizer::AdamW | Optimizer::Adam => &["mean", "square"],
            };
            assert_eq!(kinds, expected);
            assert_eq!(state.kinds(), expected);

            let copies = weights
                .each_ref()
                .map(|weight| weight.detach().copy().set_requires_grad(true));
            let mut restored = state_of(optimizer, &copies);
            restored.restore(&saved, 3).unwrap();
            steps(&mut state, &weights, 2);
            steps(&mut restored, &copies, 2);
            assert_eq!(weights, copies, "{optimizer}");
        }
    }

    #[test]
    fn the_state_of_other_weights_is_refused() {
        let weights = [weight(&[1.0, -2.0]), weight(&[3.0, 0.5])];
        let mut state = state_of(Optimizer::Sgd, &weights);
        let mut restore = |names: [&str; 2], values: &[f32]| {
            let saved = names.map(|name| (name.to_owned(), Tensor::from_slice(values)));
            let found = state.restore(&[("mean", saved.into())], 1);
            found.map_err(|error| error.to_string())
        };
        assert_eq!(restore(["a", "b"], &[1.0, 2.0]), Ok(()));
        let missing = "no mean of b".to_owned();
        assert_eq!(restore(["a", "c"], &[1.0, 2.0]), Err(missing));
        assert!(restore(["a", "b"], &[1.0]).unwrap_err().contains("shape"));
    }
}
