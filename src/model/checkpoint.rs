//! Checkpoints: weights with a description, as one `.safetensors` file.
//!
//! Names and layouts are PyTorch's, so that
//! `net.load_state_dict(safetensors.torch.load_file(path))` loads one in Python.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use tch::Device;

use super::{Architecture, Net, state_dict};
use crate::storage::write_atomic;
use crate::version::VERSION;

/// The largest file of weights that is read; no network of this program comes near it.
pub const MAX_BYTES: u64 = 1 << 30;

/// The metadata key of the [`Description`], as JSON; exports use it too.
pub const KEY: &str = "mnist-tch";

/// The metadata key of a reader's own description.
pub const READER_KEY: &str = "mnist-tch-reader";

/// The model of [`builtin`].
const BUILTIN: &[u8] = include_bytes!("../../data/builtin.safetensors");

/// The value of [`Description::data`] for unknown training data.
pub const UNKNOWN_DATA: &str = "unknown data";

/// The description of the network in a checkpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Description {
    /// The architecture.
    pub architecture: Architecture,
    /// The number of ensemble members; 1 for a single network.
    #[serde(default = "one")]
    pub members: usize,
    /// The training data: `mnist`, `synthetic`, `idx` or [`UNKNOWN_DATA`].
    pub data: String,
    /// The epoch of the weights, from 1; none where they were imported.
    pub epoch: Option<usize>,
    /// Accuracy on the validation split in 0..=1, if measured.
    pub validation_accuracy: Option<f64>,
    /// Accuracy on the test split in 0..=1, if measured.
    pub test_accuracy: Option<f64>,
    /// The temperature by which the logits were divided to calibrate confidence; 1 before
    /// calibration.
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
    /// The network's name: `vgg`, or `3 × vgg`.
    pub fn name(&self) -> String {
        self.architecture.name_of(self.members)
    }
}

/// Writes a network and its description.
///
/// # Errors
/// When the file cannot be written.
pub fn save(net: &Net, description: &Description, path: &Path) -> Result<()> {
    let text = serde_json::to_string(description)?;
    let file = state_dict::serialize(&net.snapshot(), KEY, &text)
        .with_context(|| format!("serializing {}", path.display()))?;
    write_atomic(path, &file)
}

/// Reads a network and its description.
///
/// # Errors
/// When the file is not a checkpoint of this program, is damaged, or its tensors are not exactly
/// those of the architecture that it names; the message names the file and the tensor.
pub fn load(path: &Path, device: Device) -> Result<(Net, Description)> {
    let load = || from_bytes(&state_dict::read(path, MAX_BYTES)?, device);
    load().with_context(|| format!("reading the model {}", path.display()))
}

/// The same from the bytes of such a file: an application can embed its network with
/// [`include_bytes!`].
///
/// # Errors
/// As [`load`]; the message names no file.
pub fn from_bytes(bytes: &[u8], device: Device) -> Result<(Net, Description)> {
    refuse_reader(bytes)?;
    let Some(text) = state_dict::metadata(bytes, KEY)? else {
        bail!(
            "it was not written by mnist-tch: its metadata has no \"{KEY}\"; weights from elsewhere \
             become a model with `mnist-tch import FILE --model NAME`"
        );
    };
    let description: Description =
        serde_json::from_str(&text).context("its metadata is damaged or of another version")?;
    ensure!(
        description.architecture.is_classifier(),
        "its {} does not classify 28×28 images",
        description.architecture
    );
    let net = net_of(bytes, &description, device)?;
    Ok((net, description))
}

/// The built-in network; `data/README.md` says how it was trained.
///
/// # Errors
/// When this build's copy does not match its architecture.
pub fn builtin(device: Device) -> Result<(Net, Description)> {
    from_bytes(BUILTIN, device).context("reading the built-in model")
}

/// Reads weights that were trained elsewhere, of one network or of an ensemble (`member0.…`), in
/// any floating-point type.
///
/// # Errors
/// When the file is not `.safetensors`, is damaged, or its tensors are not exactly those of the
/// architecture; the message names the file, the tensor and both shapes.
pub fn import(path: &Path, architecture: &Architecture) -> Result<(Net, Description)> {
    let import = || import_bytes(&state_dict::read(path, MAX_BYTES)?, architecture);
    import().with_context(|| format!("importing {}", path.display()))
}

/// The same from the bytes of such a file.
///
/// # Errors
/// As [`import`]; the message names no file.
pub fn import_bytes(bytes: &[u8], architecture: &Architecture) -> Result<(Net, Description)> {
    refuse_reader(bytes)?;
    let members = state_dict::members(bytes)?;
    let description = Description {
        architecture: architecture.clone(),
        members,
        data: UNKNOWN_DATA.to_owned(),
        epoch: None,
        validation_accuracy: None,
        test_accuracy: None,
        temperature: uncalibrated(),
        version: VERSION.to_owned(),
    };
    let net = net_of(bytes, &description, Device::Cpu)?;
    Ok((net, description))
}

/// Whether a file holds a reader rather than a classifier.
pub fn is_reader(bytes: &[u8]) -> bool {
    matches!(state_dict::metadata(bytes, READER_KEY), Ok(Some(_)))
}

fn refuse_reader(bytes: &[u8]) -> Result<()> {
    ensure!(
        !is_reader(bytes),
        "it holds a reader of pictures, where a network for 28×28 images is needed; a reader is named with \
         --reader"
    );
    Ok(())
}

fn net_of(bytes: &[u8], description: &Description, device: Device) -> Result<Net> {
    let (architecture, members) = (&description.architecture, description.members);
    // Checked before the network is built: the description alone could demand any size.
    let tensors = state_dict::tensors(bytes, architecture, members)?;
    let mut net = Net::uninitialized(architecture, members, device)?;
    net.restore(&tensors)?;
    Ok(net)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tch::{Kind, Tensor};

    use super::*;

    fn description(architecture: Architecture) -> Description {
        Description {
            architecture,
            members: 1,
            data: "synthetic".to_owned(),
            epoch: Some(3),
            validation_accuracy: Some(0.5),
            test_accuracy: None,
            temperature: 1.0,
            version: "0".to_owned(),
        }
    }

    fn failure(path: &Path) -> String {
        format!(
            "{:#}",
            load(path, Device::Cpu).expect_err("it was accepted")
        )
    }

    #[test]
    fn a_loaded_network_gives_the_same_logits_as_the_saved_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        for architecture in [
            Architecture::Cnn,
            Architecture::Wide,
            Architecture::Keras,
            Architecture::Mlp { hidden: vec![7, 5] },
        ] {
            let net = Net::new(&architecture, 0, Device::Cpu).unwrap();
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
    fn an_ensemble_gives_the_mean_logits_of_its_members() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let architecture = Architecture::Small;
        let nets = [1, 2, 3].map(|seed| Net::new(&architecture, seed, Device::Cpu).unwrap());
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
        let net = Net::new(&mlp(30), 0, Device::Cpu).unwrap();
        save(&net, &description(mlp(31)), &path).unwrap();
        let text = failure(&path);
        assert!(
            text.contains("fc1.weight has shape [30, 784], [31, 784] is needed"),
            "{text}"
        );
        save(&net, &description(Architecture::Keras), &path).unwrap();
        assert!(
            failure(&path).contains("which keras needs"),
            "{}",
            failure(&path)
        );
    }

    #[test]
    fn a_reader_and_its_networks_are_refused_as_classifiers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let file = state_dict::serialize(&[], READER_KEY, "{}").unwrap();
        fs::write(&path, &file).unwrap();
        let text = failure(&path);
        assert!(text.contains("it holds a reader"), "{text}");
        let imported = import(&path, &Architecture::Vgg).unwrap_err();
        assert!(format!("{imported:#}").contains("it holds a reader"));
        let net = Net::new(&Architecture::Crop, 0, Device::Cpu).unwrap();
        save(&net, &description(Architecture::Crop), &path).unwrap();
        let text = failure(&path);
        assert!(text.contains("its crop does not classify"), "{text}");
    }

    #[test]
    fn damaged_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let mut net = Net::new(&Architecture::Mlp { hidden: vec![] }, 0, Device::Cpu).unwrap();
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
        assert!(failure(&path).contains("NaN or infinite"));
    }
}
