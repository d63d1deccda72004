//! The network: from images in 0..1 to logits.

pub mod architecture;
pub mod checkpoint;
mod convolution;
pub mod dropout;
mod fresh;
mod fused;
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
use fresh::Fresh;
use layer::Layer;
use program::{Placed, Program};

/// The most networks that an ensemble may have.
pub const MAX_MEMBERS: usize = 100;

/// A network of a given architecture with its weights: one, or several that answer together.
#[derive(Debug)]
pub struct Net {
    architecture: Architecture,
    members: Vec<Vec<Placed>>,
    weights: nn::VarStore,
    precision: Precision,
}

impl Net {
    /// A network with fresh weights, always the same for a `seed`.
    ///
    /// # Errors
    /// When the architecture's layers do not fit one another or are beyond reason.
    pub fn new(architecture: &Architecture, seed: u64, device: Device) -> Result<Self> {
        Self::place(architecture, 1, Some(Fresh::new(seed)), device)
    }

    /// One or more networks that answer together, whose weights are still to be restored.
    ///
    /// # Errors
    /// As [`Net::new`], or when `members` is not in 1..=[`MAX_MEMBERS`].
    pub(crate) fn blank(
        architecture: &Architecture,
        members: usize,
        device: Device,
    ) -> Result<Self> {
        Self::place(architecture, members, None, device)
    }

    fn place(
        architecture: &Architecture,
        members: usize,
        mut fresh: Option<Fresh>,
        device: Device,
    ) -> Result<Self> {
        architecture.check()?;
        check_members(members)?;
        // On the CPU first, so that one seed gives the same weights on every device.
        let mut weights = nn::VarStore::new(Device::Cpu);
        let placed = (0..members).map(|member| {
            let name = member_name(member, members);
            place(architecture, name, &weights, fresh.as_mut())
        });
        let placed = placed.collect::<Result<_>>()?;
        weights.set_device(device);
        Ok(Self {
            architecture: architecture.clone(),
            members: placed,
            weights,
            precision: Precision::F32,
        })
    }

    /// Networks of one architecture as one that averages their logits, on the first one's device.
    ///
    /// # Errors
    /// When there are none or too many, their architectures differ, or one is an ensemble itself.
    pub fn ensemble(members: &[Net]) -> Result<Self> {
        let first = members.first().context("an ensemble needs a member")?;
        for member in members {
            ensure!(
                member.members() == 1 && member.architecture == first.architecture,
                "an ensemble has members of one architecture: {} and {} do not go together",
                first.architecture.name_of(first.members()),
                member.architecture.name_of(member.members())
            );
        }
        let device = first.weights.device();
        let mut all = Self::blank(&first.architecture, members.len(), device)?;
        let named = members.iter().enumerate().flat_map(|(index, member)| {
            let prefix = member_name(index, members.len()).map_or(String::new(), |name| name + ".");
            let weights = member.snapshot().into_iter();
            weights.map(move |(name, tensor)| (format!("{prefix}{name}"), tensor))
        });
        all.restore(&named.collect::<Vec<_>>())?;
        Ok(all)
    }

    /// What kind of network it is.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// How many networks answer together.
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

    /// In what it multiplies; `f32` unless told otherwise. Its weights are `f32` either way.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Makes it multiply in another precision.
    pub fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
    }

    /// Logits of a batch; dropout and batch statistics are at work where `train` is set.
    ///
    /// # Shapes
    /// `f32 [B, 1, 28, 28]` in 0..1 to `f32 [B, 10]`.
    ///
    /// # Errors
    /// When memory does not suffice.
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

    /// Logits of a batch, as an application wants them: no dropout, no gradients.
    ///
    /// For many batches take [`Net::frozen`], which prepares the weights once.
    ///
    /// # Shapes
    /// As [`Net::forward_t`].
    ///
    /// # Errors
    /// As [`Net::forward_t`].
    pub fn logits(&self, images: &Tensor) -> Result<Tensor> {
        tch::no_grad(|| self.forward_t(images, false))
    }

    /// The network prepared for use; to be made anew once its weights have changed.
    pub fn frozen(&self) -> Frozen {
        let prepare = |layers: &Vec<Placed>| {
            let program = Program::new(
                layers,
                self.architecture.input_shape(),
                self.precision.kind(),
            );
            match self.precision {
                // Exports have to give the same digits.
                Precision::F32 => program.prepared(),
                Precision::Bf16 => program.folded(),
            }
        };
        Frozen(tch::no_grad(|| self.members.iter().map(prepare).collect()))
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
        tch::no_grad(|| {
            for placed in self.members.iter().filter_map(|layers| layers.last()) {
                for weight in &placed.weights {
                    let _ = weight.shallow_clone().f_div_scalar_(temperature)?;
                }
            }
            Ok(())
        })
    }
}

/// A network prepared for use; made by [`Net::frozen`].
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

/// Makes the weights of one member in `store`, under its name where it has one.
fn place(
    architecture: &Architecture,
    member: Option<String>,
    store: &nn::VarStore,
    mut fresh: Option<&mut Fresh>,
) -> Result<Vec<Placed>> {
    let (root, prefix) = match member {
        Some(name) => (store.root() / &name, name + "."),
        None => (store.root(), String::new()),
    };
    let placed = architecture.shapes()?.into_iter().map(|(layer, output)| {
        layer.create(&root);
        if let Some(fresh) = &mut fresh {
            fresh.draw(&layer, &root)?;
        }
        let variables = store.variables();
        let weights = layer
            .weights()
            .into_iter()
            .map(|weight| variables[&format!("{prefix}{}", weight.name)].shallow_clone());
        Ok(Placed {
            weights: weights.collect(),
            layer,
            output,
        })
    });
    placed.collect()
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

    /// The greatest difference between two batches of logits.
    fn apart(a: &Tensor, b: &Tensor) -> f64 {
        (a - b).abs().max().double_value(&[])
    }

    #[test]
    fn a_frozen_network_answers_as_before_in_either_precision() {
        for architecture in Architecture::CONVOLUTIONAL {
            let mut net = Net::new(&architecture, 0, Device::Cpu).unwrap();
            let images = images(64);
            // Statistics and logits that are not those of the beginning.
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
                assert!(apart(&near, &logits) < 0.05 * range, "{architecture}");
            }
        }
    }

    #[test]
    fn gradients_reach_every_weight_in_either_precision() {
        for (architecture, precision) in Architecture::CONVOLUTIONAL
            .into_iter()
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
    fn a_seed_alone_decides_the_first_weights() {
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
        // Whoever draws beside it is not disturbed either.
        assert_eq!(Tensor::rand([5], (Kind::Float, Device::Cpu)), draws);
        assert_eq!(weights(7), first);
        assert_ne!(weights(8), first);
    }

    #[test]
    fn ensembles_have_members_within_reason_and_of_one_kind() {
        let net = |architecture| Net::new(&architecture, 0, Device::Cpu).unwrap();
        let mlp = |width| {
            net(Architecture::Mlp {
                hidden: vec![width],
            })
        };
        assert!(Net::ensemble(&[]).is_err());
        assert!(Net::ensemble(&[net(Architecture::Small), net(Architecture::Fast)]).is_err());
        // Of one weight libtorch would make thirty.
        assert!(Net::ensemble(&[mlp(30), mlp(1)]).is_err());
        let two = Net::ensemble(&[mlp(2), mlp(2)]).unwrap();
        assert!(Net::ensemble(&[two]).is_err());
        for members in [0, MAX_MEMBERS + 1] {
            assert!(Net::blank(&Architecture::Small, members, Device::Cpu).is_err());
        }
    }
}
