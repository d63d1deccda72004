//! Weights and what describes them, as one `.safetensors` file.
//!
//! Format: <https://github.com/huggingface/safetensors>. It is data only: a file from a stranger
//! can be wrong, but it cannot run anything. Names and layouts are PyTorch's, so that
//! `net.load_state_dict(safetensors.torch.load_file(path))` takes it in Python.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use super::layer::Weight;
use super::{Architecture, Net, weights_of};
use crate::run::write_atomic;

/// Under this key the file's metadata holds a [`Description`] as JSON.
const KEY: &str = "mnist-tch";

/// What [`builtin`] reads.
const BUILTIN: &[u8] = include_bytes!("../../data/builtin.safetensors");

/// No network of this program comes near this size.
const MAX_BYTES: u64 = 1 << 30;

/// What a checkpoint says of the network in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Description {
    /// Which network.
    pub architecture: Architecture,
    /// How many networks of it answer together; 1 where it is no ensemble.
    #[serde(default = "one")]
    pub members: usize,
    /// What it was trained on: `mnist`, `synthetic` or `idx`.
    pub data: String,
    /// The epoch that the weights are of, from 1.
    pub epoch: usize,
    /// Fraction of the validation split that it reads rightly.
    pub validation_accuracy: f64,
    /// Fraction of the test split that it reads rightly, once that was measured.
    pub test_accuracy: Option<f64>,
    /// What the logits were divided by, so that confidence is as good as accuracy; 1 before that.
    #[serde(default = "uncalibrated")]
    pub temperature: f64,
    /// Version of the program that wrote the file.
    pub version: String,
}

fn one() -> usize {
    1
}

fn uncalibrated() -> f64 {
    1.0
}

impl Description {
    /// What to call the network: `vgg`, or `3 × vgg`.
    pub fn name(&self) -> String {
        match self.members {
            1 => self.architecture.to_string(),
            members => format!("{members} × {}", self.architecture),
        }
    }
}

/// Writes the network's weights with their description.
///
/// # Errors
/// When the file cannot be written.
pub fn save(net: &Net, description: &Description, path: &Path) -> Result<()> {
    let weights = net.snapshot();
    let bytes: Vec<Vec<u8>> = weights.iter().map(|(_, tensor)| bytes_of(tensor)).collect();
    let views = weights.iter().zip(&bytes).map(|((name, tensor), bytes)| {
        let shape = tensor.size().iter().map(|&size| size as usize).collect();
        Ok((name, TensorView::new(Dtype::F32, shape, bytes)?))
    });
    let views: Vec<_> = views.collect::<Result<_>>()?;
    let metadata = HashMap::from([(KEY.to_owned(), serde_json::to_string(description)?)]);
    let file = safetensors::serialize(views, Some(metadata))
        .with_context(|| format!("laying out {}", path.display()))?;
    write_atomic(path, &file)
}

/// Reads a network and its description.
///
/// # Errors
/// When the file is no checkpoint of this program, is damaged, or its tensors are not exactly those
/// of the architecture that it names; the message names the file and the tensor.
pub fn load(path: &Path, device: Device) -> Result<(Net, Description)> {
    read(path, device).with_context(|| format!("reading the model {}", path.display()))
}

/// The network that comes with the program; `data/README.md` says how it was trained.
///
/// # Errors
/// When this build's copy does not fit its networks.
pub fn builtin(device: Device) -> Result<(Net, Description)> {
    parse(BUILTIN, device).context("reading the built-in model")
}

fn read(path: &Path, device: Device) -> Result<(Net, Description)> {
    let size = fs::metadata(path)?.len();
    ensure!(
        size <= MAX_BYTES,
        "it has {size} bytes, more than any model of this program"
    );
    parse(&fs::read(path)?, device)
}

fn parse(bytes: &[u8], device: Device) -> Result<(Net, Description)> {
    let not_ours =
        "it is no .safetensors file; --model takes a run folder or its model.safetensors";
    // The library's reason would not help: any other file fails as a header of absurd length.
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|_| anyhow!(not_ours))?;
    let Some(text) = header
        .metadata()
        .as_ref()
        .and_then(|metadata| metadata.get(KEY))
    else {
        bail!("it was not written by mnist-tch: its metadata has no \"{KEY}\"");
    };
    let description: Description =
        serde_json::from_str(text).context("its description is of another version or damaged")?;
    let file = SafeTensors::deserialize(bytes).context("it is damaged or cut short")?;
    description.architecture.check()?;
    // It makes sure that their number is within reason, too.
    let mut net = Net::with_members(&description.architecture, description.members, device)?;
    let expected = weights_of(&description.architecture, description.members);
    let name = description.name();
    if let Some(extra) = file
        .names()
        .iter()
        .find(|name| expected.iter().all(|w| w.name != **name))
    {
        bail!("a {name} has no tensor {extra}");
    }
    let tensors = expected.iter().map(|weight| {
        let view = file
            .tensor(&weight.name)
            .with_context(|| format!("a {name} needs {}", weight.name))?;
        Ok((weight.name.clone(), tensor_of(&view, weight)?))
    });
    let tensors: Vec<_> = tensors.collect::<Result<_>>()?;
    net.restore(&tensors)?;
    Ok((net, description))
}

/// The values of an `f32` tensor on the CPU, little-endian, row by row.
fn bytes_of(tensor: &Tensor) -> Vec<u8> {
    let mut values = vec![0f32; tensor.numel()];
    tensor.copy_data(&mut values, tensor.numel());
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn tensor_of(view: &TensorView<'_>, weight: &Weight) -> Result<Tensor> {
    let name = &weight.name;
    ensure!(
        view.dtype() == Dtype::F32,
        "{name} is of type {:?}, F32 is needed",
        view.dtype()
    );
    let shape: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
    ensure!(
        shape == weight.shape,
        "{name} has shape {shape:?}, {:?} is needed",
        weight.shape
    );
    let tensor = Tensor::f_from_data_size(view.data(), &shape, Kind::Float)?;
    let finite = tensor.isfinite().all().int64_value(&[]) == 1;
    ensure!(
        finite,
        "{name} holds values that are no numbers: the training failed"
    );
    Ok(tensor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(architecture: Architecture) -> Description {
        Description {
            architecture,
            members: 1,
            data: "synthetic".to_owned(),
            epoch: 3,
            validation_accuracy: 0.5,
            test_accuracy: None,
            temperature: 1.0,
            version: "0".to_owned(),
        }
    }

    fn failure(path: &Path) -> String {
        format!("{:#}", load(path, Device::Cpu).expect_err("it was taken"))
    }

    #[test]
    fn a_loaded_network_answers_as_the_saved_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        for architecture in [
            Architecture::Cnn,
            Architecture::Wide,
            Architecture::Keras,
            Architecture::Mlp { hidden: vec![7, 5] },
        ] {
            let net = Net::new(&architecture, Device::Cpu).unwrap();
            save(&net, &description(architecture), &path).unwrap();
            let (loaded, description) = load(&path, Device::Cpu).unwrap();
            assert_eq!(&description.architecture, net.architecture());
            let images = Tensor::rand([3, 1, 28, 28], (Kind::Float, Device::Cpu));
            assert_eq!(
                net.logits(&images).unwrap(),
                loaded.logits(&images).unwrap()
            );
        }
    }

    #[test]
    fn an_ensemble_answers_with_the_mean_logits_of_its_members() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let architecture = Architecture::Small;
        let nets = [(); 3].map(|()| Net::new(&architecture, Device::Cpu).unwrap());
        let all = Net::ensemble(&nets).unwrap();
        let description = Description {
            members: 3,
            ..description(architecture)
        };
        save(&all, &description, &path).unwrap();
        let (loaded, description) = load(&path, Device::Cpu).unwrap();
        assert_eq!(description.name(), "3 × small");
        let images = Tensor::rand([3, 1, 28, 28], (Kind::Float, Device::Cpu));
        let logits = nets.iter().map(|net| net.logits(&images).unwrap());
        let zeros = Tensor::zeros([3, 10], (Kind::Float, Device::Cpu));
        let mean = logits.fold(zeros, |sum, logits| sum + logits) / 3.0;
        let apart = (loaded.logits(&images).unwrap() - mean).abs().max();
        assert!(apart.double_value(&[]) < 1e-6);
    }

    #[test]
    fn weights_of_another_architecture_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let mlp = |width| Architecture::Mlp {
            hidden: vec![width],
        };
        let net = Net::new(&mlp(30), Device::Cpu).unwrap();
        save(&net, &description(mlp(31)), &path).unwrap();
        let text = failure(&path);
        assert!(
            text.contains("fc1.weight has shape [30, 784], [31, 784] is needed"),
            "{text}"
        );
        save(&net, &description(Architecture::Keras), &path).unwrap();
        assert!(failure(&path).contains("a keras "), "{}", failure(&path));
    }

    #[test]
    fn damaged_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let mut net = Net::new(&Architecture::Mlp { hidden: vec![] }, Device::Cpu).unwrap();
        let architecture = net.architecture().clone();
        save(&net, &description(architecture.clone()), &path).unwrap();
        let whole = fs::read(&path).unwrap();
        for length in [0, 4, 8, 60, whole.len() - 1] {
            fs::write(&path, &whole[..length]).unwrap();
            let text = failure(&path);
            let cut = text.contains("cut short") || text.contains("no .safetensors file");
            assert!(cut, "cut to {length}: {text}");
        }
        let weights: Vec<_> = net
            .snapshot()
            .iter()
            .map(|(n, t)| (n.clone(), t / 0.0))
            .collect();
        net.restore(&weights).unwrap();
        save(&net, &description(architecture), &path).unwrap();
        assert!(failure(&path).contains("no numbers"));
    }
}
