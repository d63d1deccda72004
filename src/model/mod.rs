//! Networks, from images in 0..1 to logits.

pub mod architecture;
pub mod checkpoint;
mod convolution;
pub mod dropout;
mod fused;
mod init;
pub mod instructions;
pub mod layer;
mod names;
mod program;
pub mod python;
mod standardize;
pub(crate) mod state_dict;
pub mod summary;
mod weights;

pub use architecture::Architecture;
pub(crate) use names::member_name;
pub use names::weights_of;

use anyhow::{Context, Result, ensure};
use tch::nn;
use tch::{Device, TchError, Tensor};

use crate::precision::Precision;
use crate::shim::without_backtrace;
use init::Initializer;
use layer::Layer;
use program::{BoundLayer, Program};

/// The maximum number of ensemble members.
pub const MAX_MEMBERS: usize = 100;

/// A network with its weights, or an ensemble of networks of one architecture.
#[derive(Debug)]
pub struct Net {
    architecture: Architecture,
    members: Vec<Vec<BoundLayer>>,
    weights: nn::VarStore,
    precision: Precision,
}

impl Net {
    /// A newly initialised network; the same `seed` gives the same weights.
    ///
    /// # Errors
    /// When the architecture is invalid or too large.
    pub fn new(architecture: &Architecture, seed: u64, device: Device) -> Result<Self> {
        Self::build(architecture, 1, Some(Initializer::new(seed)), device)
    }

    /// A network or ensemble whose weights are still to be restored.
    ///
    /// # Errors
    /// As [`Net::new`], or when `members` is not in 1..=[`MAX_MEMBERS`].
    pub(crate) fn uninitialized(
        architecture: &Architecture,
        members: usize,
        device: Device,
    ) -> Result<Self> {
        Self::build(architecture, members, None, device)
    }

    fn build(
        architecture: &Architecture,
        members: usize,
        mut initializer: Option<Initializer>,
        device: Device,
    ) -> Result<Self> {
        architecture.check()?;
        check_members(members)?;
        // On the CPU first, so that one seed gives the same weights on every device.
        let mut weights = nn::VarStore::new(Device::Cpu);
        let bound = (0..members).map(|member| {
            let name = member_name(member, members);
            build(architecture, name, &weights, initializer.as_mut())
        });
        let bound = bound.collect::<Result<_>>()?;
        weights.set_device(device);
        Ok(Self {
            architecture: architecture.clone(),
            members: bound,
            weights,
            precision: Precision::F32,
        })
    }

    /// An ensemble that averages the logits of networks of one architecture, on the first one's
    /// device.
    ///
    /// # Errors
    /// When there are none or too many, their architectures differ, or one is an ensemble itself.
    pub fn ensemble(members: &[Net]) -> Result<Self> {
        let first = members.first().context("an ensemble needs a member")?;
        for member in members {
            ensure!(
                member.members() == 1 && member.architecture == first.architecture,
                "the members of an ensemble have one architecture, not {} and {}",
                first.architecture.name_of(first.members()),
                member.architecture.name_of(member.members())
            );
        }
        let device = first.weights.device();
        let mut all = Self::uninitialized(&first.architecture, members.len(), device)?;
        let named = members.iter().enumerate().flat_map(|(index, member)| {
            let prefix = member_name(index, members.len()).map_or(String::new(), |name| name + ".");
            let weights = member.snapshot().into_iter();
            weights.map(move |(name, tensor)| (format!("{prefix}{name}"), tensor))
        });
        all.restore(&named.collect::<Vec<_>>())?;
        Ok(all)
    }

    /// Its architecture.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The number of ensemble members; 1 for a single network.
    pub fn members(&self) -> usize {
        self.members.len()
    }

    /// Its parameters and buffers.
    pub fn weights(&self) -> &nn::VarStore {
        &self.weights
    }

    /// Moves the weights to another device.
    pub fn to_device(&mut self, device: Device) {
        self.weights.set_device(device);
    }

    /// The compute precision, `f32` by default. Weights are always `f32`.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Sets the compute precision.
    pub fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
    }

    /// Logits of a batch; in training mode where `train` is set (dropout and batch statistics).
    ///
    /// # Shapes
    /// `f32 [B, 1, 28, 28]` in 0..1 to `f32 [B, 10]`.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn forward_t(&self, images: &Tensor, train: bool) -> Result<Tensor> {
        let logits = self.members.iter().map(|layers| {
            let program = Program::new(
                layers,
                self.architecture.input_shape(),
                self.precision.kind(),
            );
            program.run(images, train)
        });
        mean(logits)
    }

    /// Logits of a batch for inference: no dropout, no gradients.
    ///
    /// For many batches use [`Net::frozen`], which prepares the weights once.
    ///
    /// # Shapes
    /// As [`Net::forward_t`].
    ///
    /// # Errors
    /// As [`Net::forward_t`].
    pub fn logits(&self, images: &Tensor) -> Result<Tensor> {
        tch::no_grad(|| self.forward_t(images, false))
    }

    /// The network prepared for inference; must be created again when its weights change.
    pub fn frozen(&self) -> Frozen {
        let prepare = |layers: &Vec<BoundLayer>| {
            let program = Program::new(
                layers,
                self.architecture.input_shape(),
                self.precision.kind(),
            );
            match self.precision {
                // Folding would change the results slightly, and exports must match them.
                Precision::F32 => program.prepared(),
                Precision::Bf16 => program.folded(),
            }
        };
        Frozen(tch::no_grad(|| self.members.iter().map(prepare).collect()))
    }

    /// Divides the logits by a temperature, by dividing the last layer's weight and bias, so that
    /// checkpoints and exports include it.
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
        tch::no_grad(|| {
            for bound in self.members.iter().filter_map(|layers| layers.last()) {
                for weight in &bound.weights {
                    let _ = weight.shallow_clone().f_div_scalar_(temperature)?;
                }
            }
            Ok(())
        })
    }
}

/// A network prepared for inference, by [`Net::frozen`].
#[derive(Debug)]
pub struct Frozen(Vec<Program>);

impl Frozen {
    /// Logits of a batch, without gradients.
    ///
    /// # Shapes
    /// As [`Net::forward_t`].
    ///
    /// # Errors
    /// As [`Net::forward_t`].
    pub fn logits(&self, images: &Tensor) -> Result<Tensor> {
        let logits = self.0.iter().map(|program| program.run(images, false));
        tch::no_grad(|| mean(logits))
    }
}

fn check_members(members: usize) -> Result<()> {
    ensure!(
        (1..=MAX_MEMBERS).contains(&members),
        "an ensemble has 1 to {MAX_MEMBERS} members, not {members}"
    );
    Ok(())
}

/// Creates the weights of one member in `store`, under its name if it has one.
fn build(
    architecture: &Architecture,
    member: Option<String>,
    store: &nn::VarStore,
    mut initializer: Option<&mut Initializer>,
) -> Result<Vec<BoundLayer>> {
    let (root, prefix) = match member {
        Some(name) => (store.root() / &name, name + "."),
        None => (store.root(), String::new()),
    };
    let bound = architecture.shapes()?.into_iter().map(|(layer, output)| {
        layer.create(&root);
        if let Some(initializer) = &mut initializer {
            initializer.draw(&layer, &root)?;
        }
        let variables = store.variables();
        let weights = layer
            .weights()
            .into_iter()
            .map(|weight| variables[&format!("{prefix}{}", weight.name)].shallow_clone());
        Ok(BoundLayer {
            weights: weights.collect(),
            layer,
            output,
        })
    });
    bound.collect()
}

fn mean(logits: impl ExactSizeIterator<Item = Result<Tensor, TchError>>) -> Result<Tensor> {
    let count = logits.len() as f64;
    let mut sum: Option<Tensor> = None;
    for logits in logits {
        let logits = logits
            .map_err(without_backtrace)
            .context("computing logits")?;
        sum = Some(match sum {
            Some(sum) => sum + logits,
            None => logits,
        });
    }
    let sum = sum.context("a network without members")?;
    Ok(if count == 1.0 { sum } else { sum / count })
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    fn images(count: i64) -> Tensor {
        Tensor::rand([count, 1, 28, 28], (Kind::Float, Device::Cpu))
    }

    /// The largest difference between two batches of logits.
    fn max_difference(a: &Tensor, b: &Tensor) -> f64 {
        (a - b).abs().max().double_value(&[])
    }

    #[test]
    fn a_frozen_network_gives_the_same_logits_in_either_precision() {
        for architecture in Architecture::convolutional() {
            let mut net = Net::new(&architecture, 0, Device::Cpu).unwrap();
            let images = images(64);
            // Moves statistics and logits away from their initial values.
            for _ in 0..20 {
                let _ = net.forward_t(&images, true).unwrap();
            }
            let logits = net.logits(&images).unwrap();
            assert_eq!(logits.size(), [64, 10]);
            assert_eq!(net.frozen().logits(&images).unwrap(), logits);
            net.set_precision(Precision::Bf16);
            let range = logits.abs().max().double_value(&[]).max(1.0);
            for near in [net.logits(&images), net.frozen().logits(&images)] {
                let near = near.unwrap();
                assert_eq!(near.kind(), Kind::Float);
                assert!(
                    max_difference(&near, &logits) < 0.05 * range,
                    "{architecture}"
                );
            }
        }
    }

    #[test]
    fn gradients_reach_every_weight_in_either_precision() {
        for (architecture, precision) in Architecture::convolutional()
            .flat_map(|a| [(a.clone(), Precision::F32), (a, Precision::Bf16)])
        {
            let mut net = Net::new(&architecture, 0, Device::Cpu).unwrap();
            net.set_precision(precision);
            let logits = net.forward_t(&images(8), true).unwrap();
            logits.square().sum(Kind::Float).backward();
            for weight in net.weights().trainable_variables() {
                let gradient = weight.grad();
                assert_eq!(gradient.kind(), Kind::Float);
                assert!(gradient.abs().sum(Kind::Float).double_value(&[]) > 0.0);
            }
        }
    }

    #[test]
    fn the_seed_alone_determines_the_initial_weights() {
        let architecture = Architecture::Mlp { hidden: vec![5] };
        let weights = |seed| {
            Net::new(&architecture, seed, Device::Cpu)
                .unwrap()
                .snapshot()
        };
        tch::manual_seed(1);
        let first = weights(7);
        let draws = Tensor::rand([5], (Kind::Float, Device::Cpu));
        tch::manual_seed(1);
        // libtorch's own generator is not affected either.
        assert_eq!(Tensor::rand([5], (Kind::Float, Device::Cpu)), draws);
        assert_eq!(weights(7), first);
        assert_ne!(weights(8), first);
    }

    #[test]
    fn ensembles_have_1_to_100_members_of_one_architecture() {
        let net = |architecture| Net::new(&architecture, 0, Device::Cpu).unwrap();
        let mlp = |width| {
            net(Architecture::Mlp {
                hidden: vec![width],
            })
        };
        assert!(Net::ensemble(&[]).is_err());
        assert!(Net::ensemble(&[net(Architecture::Small), net(Architecture::Fast)]).is_err());
        // libtorch would broadcast a single weight to thirty.
        assert!(Net::ensemble(&[mlp(30), mlp(1)]).is_err());
        let two = Net::ensemble(&[mlp(2), mlp(2)]).unwrap();
        assert!(Net::ensemble(&[two]).is_err());
        for members in [0, MAX_MEMBERS + 1] {
            assert!(Net::uninitialized(&Architecture::Small, members, Device::Cpu).is_err());
        }
    }
}
