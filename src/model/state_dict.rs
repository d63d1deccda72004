//! Named tensors of a `.safetensors` file, checked against a network's weights.
//!
//! Format: <https://github.com/huggingface/safetensors>. It is data only: an untrusted file can be
//! wrong, but it cannot execute code. Names and layouts are those of PyTorch's `state_dict()`.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use tch::{Kind, Tensor};

use super::layer::Weight;
use super::{Architecture, MAX_MEMBERS, check_members, weights_of};
use crate::storage::read_bounded;

/// PyTorch's count of the batches seen by a batch normalisation; with a fixed momentum it is not
/// used.
const UNUSED: &str = ".num_batches_tracked";

/// Reads a `.safetensors` file of at most `max` bytes.
///
/// # Errors
/// When it cannot be read, is larger, or is not such a file; the message says what it seems to be.
pub(crate) fn read(path: &Path, max: u64) -> Result<Vec<u8>> {
    let bytes = read_bounded(path, max)?;
    ensure!(
        SafeTensors::read_metadata(&bytes).is_ok(),
        // The library's reason would not help: any other file fails with an invalid header length.
        describe_other_file(&bytes, &path.display().to_string())
    );
    Ok(bytes)
}

/// The file's metadata under a key.
///
/// # Errors
/// When it is not a `.safetensors` file.
pub(crate) fn metadata(bytes: &[u8], key: &str) -> Result<Option<String>> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let metadata = header.metadata().as_ref();
    Ok(metadata.and_then(|metadata| metadata.get(key).cloned()))
}

/// All tensors of a network or ensemble, as `f32` on the CPU.
///
/// # Errors
/// When the architecture is invalid, the file is damaged, or its tensors are not exactly those of
/// the network, or hold NaN or infinite values; the message names the tensor.
pub(super) fn tensors(
    bytes: &[u8],
    architecture: &Architecture,
    members: usize,
) -> Result<Vec<(String, Tensor)>> {
    architecture.check()?;
    check_members(members)?;
    let file = deserialize(bytes)?;
    let expected = weights_of(architecture, members);
    check(&file, &expected, architecture).map_err(|failure| {
        match matching_architecture(&file) {
            Some(other) if other != *architecture => failure.context(format!(
                "its tensors are those of {other} ({})",
                model_arguments(&other)
            )),
            _ => failure,
        }
    })?;
    let tensors = expected.iter().map(|weight| {
        let tensor = convert(&file.tensor(&weight.name)?, &weight.name)?;
        Ok((weight.name.clone(), tensor))
    });
    tensors.collect()
}

/// The expected tensors under a prefix, as `f32` on the CPU; others are ignored.
///
/// # Errors
/// When one is missing or has another shape, or as [`tensors`]; the message names it.
pub(crate) fn with_prefix(
    bytes: &[u8],
    prefix: &str,
    expected: &[Weight],
) -> Result<Vec<(String, Tensor)>> {
    let file = deserialize(bytes)?;
    let tensors = expected.iter().map(|weight| {
        let name = format!("{prefix}.{}", weight.name);
        let view = (file.tensor(&name)).with_context(|| format!("it has no tensor {name}"))?;
        let shape = shape_of(&view);
        ensure!(
            shape == weight.shape,
            "{name} has shape {shape:?}, {:?} is needed",
            weight.shape
        );
        Ok((weight.name.clone(), convert(&view, &name)?))
    });
    tensors.collect()
}

/// Whether it holds a tensor of this name.
///
/// # Errors
/// When the file is damaged.
pub(crate) fn has(bytes: &[u8], name: &str) -> Result<bool> {
    Ok(deserialize(bytes)?.names().contains(&name))
}

/// A one-dimensional tensor of any length.
///
/// # Errors
/// When it is missing, has other dimensions, or as [`tensors`].
pub(crate) fn list(bytes: &[u8], name: &str) -> Result<Tensor> {
    let file = deserialize(bytes)?;
    let view = (file.tensor(name)).with_context(|| format!("it has no tensor {name}"))?;
    ensure!(
        view.shape().len() == 1,
        "{name} has shape {:?}, one dimension is needed",
        view.shape()
    );
    convert(&view, name)
}

/// Serializes `f32` and `f16` tensors on the CPU, with `text` as metadata under `key`.
///
/// # Errors
/// When a name is duplicated.
pub(crate) fn serialize(tensors: &[(String, Tensor)], key: &str, text: &str) -> Result<Vec<u8>> {
    let bytes: Vec<Vec<u8>> = tensors.iter().map(|(_, tensor)| bytes_of(tensor)).collect();
    let views = tensors.iter().zip(&bytes).map(|((name, tensor), bytes)| {
        let shape = tensor.size().iter().map(|&size| size as usize).collect();
        let kind = match tensor.kind() {
            Kind::Half => Dtype::F16,
            _ => Dtype::F32,
        };
        Ok((name, TensorView::new(kind, shape, bytes)?))
    });
    let views: Vec<_> = views.collect::<Result<_>>()?;
    let metadata = HashMap::from([(key.to_owned(), text.to_owned())]);
    Ok(safetensors::serialize(views, Some(metadata))?)
}

/// The values of an `f32` or `f16` tensor on the CPU, little-endian, row by row.
pub(crate) fn bytes_of(tensor: &Tensor) -> Vec<u8> {
    if tensor.kind() == Kind::Half {
        let mut values = vec![0_i16; tensor.numel()];
        let bits = tensor.contiguous().view_dtype(Kind::Int16);
        bits.copy_data(&mut values, tensor.numel());
        return values.iter().flat_map(|bits| bits.to_le_bytes()).collect();
    }
    let mut values = vec![0f32; tensor.numel()];
    tensor.copy_data(&mut values, tensor.numel());
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

/// The number of ensemble members in a file, by the names of the tensors.
///
/// # Errors
/// When the file is damaged.
pub(super) fn members(bytes: &[u8]) -> Result<usize> {
    let file = deserialize(bytes)?;
    let numbers = file.names().into_iter().filter_map(member_of);
    Ok(numbers.max().map_or(1, |last| (last + 1).max(2)))
}

fn deserialize(bytes: &[u8]) -> Result<SafeTensors<'_>> {
    SafeTensors::deserialize(bytes).context("it is damaged or cut short")
}

/// The member that a tensor `memberN.…` belongs to.
fn member_of(name: &str) -> Option<usize> {
    let (owner, _) = name.split_once('.')?;
    let number = owner.strip_prefix("member")?.parse().ok()?;
    (number < MAX_MEMBERS).then_some(number)
}

/// Checks that the file has exactly the expected tensors.
fn check(file: &SafeTensors<'_>, expected: &[Weight], network: &Architecture) -> Result<()> {
    for weight in expected {
        let view = file.tensor(&weight.name).map_err(|_| {
            anyhow!(
                "it has no tensor {}, which {network} needs with shape {:?}",
                weight.name,
                weight.shape
            )
        })?;
        let shape = shape_of(&view);
        ensure!(
            shape == weight.shape,
            "{} has shape {shape:?}, {:?} is needed",
            weight.name,
            weight.shape
        );
    }
    let known =
        |name: &str| name.ends_with(UNUSED) || expected.iter().any(|weight| weight.name == name);
    let mut names = file.names();
    names.sort_unstable();
    if let Some(extra) = names.into_iter().find(|name| !known(name)) {
        bail!(
            "it has a tensor {extra} of shape {:?}, which {network} does not have",
            shape_of(&file.tensor(extra)?)
        );
    }
    Ok(())
}

fn shape_of(view: &TensorView<'_>) -> Vec<i64> {
    view.shape().iter().map(|&size| size as i64).collect()
}

fn convert(view: &TensorView<'_>, name: &str) -> Result<Tensor> {
    let kind = match view.dtype() {
        Dtype::F32 => Kind::Float,
        Dtype::F64 => Kind::Double,
        Dtype::F16 => Kind::Half,
        Dtype::BF16 => Kind::BFloat16,
        other => bail!("{name} is of type {other:?}; F32, F64, F16 or BF16 is needed"),
    };
    let tensor = Tensor::f_from_data_size(view.data(), &shape_of(view), kind)?;
    let tensor = tensor.f_to_kind(Kind::Float)?;
    let finite = tensor.f_isfinite()?.f_all()?.int64_value(&[]) == 1;
    ensure!(
        finite,
        "{name} (shape {:?}) holds NaN or infinite values: the training failed",
        shape_of(view)
    );
    let is_valid = !name.ends_with(".running_var") || tensor.f_min()?.double_value(&[]) >= 0.0;
    ensure!(
        is_valid,
        "{name} (shape {:?}) is a variance but holds negative values",
        shape_of(view)
    );
    Ok(tensor)
}

/// The architecture whose tensors the file of a single network has, if there is one.
fn matching_architecture(file: &SafeTensors<'_>) -> Option<Architecture> {
    // The widths of an mlp are the lengths of its biases.
    let biases = (1..).map_while(|number| file.tensor(&format!("fc{number}.bias")).ok());
    let mut hidden: Vec<i64> = biases.filter_map(|view| shape_of(&view).pop()).collect();
    hidden.pop();
    let mlp = Architecture::Mlp { hidden };
    let mut all = Architecture::convolutional().chain([mlp]);
    all.find(|other| other.check().is_ok() && check(file, &weights_of(other, 1), other).is_ok())
}

/// The command-line arguments that select an architecture.
fn model_arguments(architecture: &Architecture) -> String {
    match architecture {
        Architecture::Mlp { hidden } => {
            let widths: Vec<String> = hidden.iter().map(i64::to_string).collect();
            format!("--model mlp --hidden {}", widths.join(","))
        }
        other => format!("--model {other}"),
    }
}

/// What a file is that is not `.safetensors`, and how to extract its weights.
fn describe_other_file(bytes: &[u8], path: &str) -> String {
    let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    let take = |load: &str| {
        format!(
            "python3 -c 'import torch, safetensors.torch as s; \
             s.save_file({load}, \"weights.safetensors\")'"
        )
    };
    match bytes {
        [b'P', b'K', 3, 4, ..] if holds(b"/code/") => format!(
            "it is a TorchScript program, which is code; take the model.safetensors beside it, or its \
             weights out with: {}",
            take(&format!("dict(torch.jit.load(\"{path}\").state_dict())"))
        ),
        [b'P', b'K', 3, 4, ..] | [0x80, 2..=5, ..] => format!(
            "it is a pickle, such as torch.save writes, and reading one can run code that is hidden \
             in it; take the weights out with: {}",
            take(&format!("torch.load(\"{path}\", weights_only=True)"))
        ),
        _ => "it is no .safetensors file, or it is damaged or cut short".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn file(tensors: &[(&str, Dtype, &[usize], usize)]) -> Vec<u8> {
        let zeros = [0u8; 4096];
        let views = tensors.iter().map(|&(name, dtype, shape, bytes)| {
            let view = TensorView::new(dtype, shape.to_vec(), &zeros[..bytes]).unwrap();
            (name, view)
        });
        safetensors::serialize(views, None).unwrap()
    }

    #[test]
    fn what_is_written_is_read_under_its_prefix() {
        let values = Tensor::from_slice(&[1.5_f32, -2.0, 65504.0, 0.25]).view([2, 2]);
        let halves = values.to_kind(Kind::Half);
        let named = [
            ("a.x", &values),
            ("a.y", &halves),
            ("a.n", &values.view([-1])),
        ]
        .map(|(name, tensor)| (name.to_owned(), tensor.shallow_clone()));
        let bytes = serialize(&named, "key", "text").unwrap();
        assert_eq!(metadata(&bytes, "key").unwrap().as_deref(), Some("text"));
        assert_eq!(metadata(&bytes, "other").unwrap(), None);
        let weight = |name: &str, shape: &[i64]| Weight {
            name: name.to_owned(),
            shape: shape.to_vec(),
            learned: true,
        };
        let both = [weight("x", &[2, 2]), weight("y", &[2, 2])];
        for (name, tensor) in with_prefix(&bytes, "a", &both).unwrap() {
            assert!(tensor.kind() == Kind::Float && tensor == values, "{name}");
        }
        for (name, shape) in [("x", &[4][..]), ("z", &[2, 2])] {
            let failure = with_prefix(&bytes, "a", &[weight(name, shape)]).unwrap_err();
            assert!(
                failure.to_string().contains(&format!("a.{name}")),
                "{failure}"
            );
        }
        assert!(has(&bytes, "a.n").unwrap() && !has(&bytes, "n").unwrap());
        assert_eq!(list(&bytes, "a.n").unwrap(), values.view([-1]));
        assert!(list(&bytes, "a.x").is_err() && list(&bytes, "a.z").is_err());
    }

    #[test]
    fn values_that_no_network_has_are_refused() {
        let read = |name: &str, value: f32| {
            let tensor = (name.to_owned(), Tensor::from_slice(&[value, 1.0]));
            list(&serialize(&[tensor], "key", "").unwrap(), name)
        };
        assert!(read("norm.running_var", 0.0).is_ok() && read("norm.bias", -1.0).is_ok());
        let negative = read("norm.running_var", -1.0).unwrap_err().to_string();
        assert!(negative.contains("negative"), "{negative}");
        for value in [f32::NAN, f32::INFINITY] {
            let failure = read("fc1.bias", value).unwrap_err().to_string();
            assert!(failure.contains("NaN or infinite"), "{failure}");
        }
    }

    #[test]
    fn the_matching_architecture_is_named() {
        let bytes = file(&[
            ("fc1.weight", Dtype::BF16, &[1, 784], 1568),
            ("fc1.bias", Dtype::F64, &[1], 8),
            ("fc2.weight", Dtype::F16, &[10, 1], 20),
            ("fc2.bias", Dtype::F32, &[10], 40),
            ("norm1.num_batches_tracked", Dtype::I64, &[], 8),
        ]);
        let mlp = |hidden: &[i64]| Architecture::Mlp {
            hidden: hidden.to_vec(),
        };
        let found = tensors(&bytes, &mlp(&[1]), 1).unwrap();
        assert!(found.iter().all(|(_, tensor)| tensor.kind() == Kind::Float));
        let failure = format!("{:#}", tensors(&bytes, &mlp(&[2]), 1).unwrap_err());
        assert!(failure.contains("--model mlp --hidden 1)"), "{failure}");
        assert!(failure.contains("fc1.weight has shape [1, 784], [2, 784] is needed"));
    }

    #[test]
    fn members_are_counted_by_their_names() {
        for (names, count) in [
            (&["fc1.bias"][..], 1),
            (&["member0.fc1.bias", "member2.fc1.bias"], 3),
            (&["member0.fc1.bias"], 2),
            (&["member4000000000.fc1.bias", "memberless"], 1),
        ] {
            let tensors: Vec<_> = names
                .iter()
                .map(|n| (*n, Dtype::F32, &[1][..], 4))
                .collect();
            assert_eq!(members(&file(&tensors)).unwrap(), count, "{names:?}");
        }
    }

    #[test]
    fn other_file_types_are_recognised() {
        for (bytes, says) in [
            (&b"PK\x03\x04 net/code/__torch__.py"[..], "torch.jit.load"),
            (b"PK\x03\x04 net/data.pkl", "weights_only=True"),
            (b"\x80\x02\x8a\x0al\xfc", "can run code"),
            // A header of 2^60 bytes.
            (b"\0\0\0\0\0\0\0\x10{}", "no .safetensors file"),
            (b"", "no .safetensors file"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("weights");
            fs::write(&path, bytes).unwrap();
            let failure = read(&path, 1 << 20).unwrap_err().to_string();
            assert!(failure.contains(says), "{failure}");
        }
    }
}
