//! A reader and its description, as one `.safetensors` file.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use super::Reader;
use super::judge::Judge;
use crate::model::checkpoint::{MAX_BYTES, READER_KEY as KEY, is_reader};
use crate::model::{state_dict, weights_of};
use crate::storage::write_atomic;

/// The file that [`Reader::builtin`] loads.
const BUILTIN: &[u8] = include_bytes!("../../data/reader.safetensors");

/// The tensor name of the judge's weights.
const JUDGE: &str = "judge.weights";

/// A file's description of its reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Number of scenes it was trained on.
    pub scenes: u64,
    /// Share of the validation scenes in which it reads every digit and nothing else.
    pub validation_accuracy: Option<f64>,
    /// What the logits of the second network are divided by, so that confidence matches accuracy.
    pub temperature: f64,
    /// Version of the program that wrote the file.
    pub version: String,
}

/// Whether the file exists and holds a reader, intact or damaged.
pub fn is_reader_at(path: &Path) -> bool {
    state_dict::read(path, MAX_BYTES).is_ok_and(|bytes| is_reader(&bytes))
}

impl Reader {
    /// Copies of all weights, on the CPU, by name: `detector.….weight`, `crop.….weight`.
    pub fn snapshot(&self) -> Vec<(String, Tensor)> {
        let all = self.nets().into_iter().flat_map(|(name, net)| {
            let weights = net.snapshot().into_iter();
            weights.map(move |(weight, tensor)| (format!("{name}.{weight}"), tensor))
        });
        all.collect()
    }

    /// Loads weights by name; their shapes are those of [`Reader::snapshot`].
    ///
    /// # Errors
    /// When a name or shape is not this reader's.
    pub fn restore(&mut self, weights: &[(String, Tensor)]) -> Result<()> {
        for (name, net) in self.nets_mut() {
            let own = weights.iter().filter_map(|(weight, tensor)| {
                let (owner, weight) = weight.split_once('.')?;
                (owner == name).then(|| (weight.to_owned(), tensor.shallow_clone()))
            });
            net.restore(&own.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Rounds the weights of convolutions and dense layers, nearly all of them, to 16 bits (with a
    /// relative error of at most 1/2048), to halve the size of the file.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn round(&mut self) -> Result<()> {
        let all = self
            .nets()
            .into_iter()
            .flat_map(|(_, net)| net.named_tensors());
        for (_, weight) in all.filter(|(_, weight)| weight.dim() > 1) {
            weight
                .detach()
                .f_copy_(&half(&weight)?.f_to_kind(Kind::Float)?)?;
        }
        Ok(())
    }

    /// Writes the weights with their description: in 16 bits where that loses nothing, as after
    /// [`Reader::round`], else in 32.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, description: &Description, path: &Path) -> Result<()> {
        let text = serde_json::to_string(description)?;
        let short = self.snapshot().into_iter().map(|(name, tensor)| {
            let half = half(&tensor)?;
            let same = half.f_to_kind(Kind::Float)?.f_equal(&tensor)?;
            Ok((name, if same { half } else { tensor }))
        });
        let mut tensors = short.collect::<Result<Vec<_>>>()?;
        tensors.extend(
            self.judge
                .iter()
                .map(|judge| (JUDGE.to_owned(), judge.weights())),
        );
        let file = state_dict::serialize(&tensors, KEY, &text)
            .with_context(|| format!("serializing {}", path.display()))?;
        write_atomic(path, &file)
    }

    /// The reader that comes with the program; `data/README.md` says how it was trained.
    ///
    /// # Errors
    /// When this build's copy is invalid.
    pub fn builtin(device: Device) -> Result<(Self, Description)> {
        Self::from_bytes(BUILTIN, device).context("reading the built-in reader")
    }

    /// Reads a reader and its description.
    ///
    /// # Errors
    /// When the file is not one of this program's, is damaged, or its tensors are not exactly those
    /// of a reader; the message names the file and the tensor.
    pub fn load(path: &Path, device: Device) -> Result<(Self, Description)> {
        let load = || Self::from_bytes(&state_dict::read(path, MAX_BYTES)?, device);
        load().with_context(|| format!("reading the reader {}", path.display()))
    }

    /// The same from the bytes of such a file.
    ///
    /// # Errors
    /// As [`Reader::load`]; the message names no file.
    pub fn from_bytes(bytes: &[u8], device: Device) -> Result<(Self, Description)> {
        let Some(text) = state_dict::metadata(bytes, KEY)? else {
            bail!(
                "it holds no reader; train one with `mnist-tch train --preset reader`, or give a \
                 network for 28×28 images with --model"
            );
        };
        let description: Description = serde_json::from_str(&text)
            .context("its description is of another version or damaged")?;
        let mut reader = Self::blank(device)?;
        let mut weights = vec![];
        for (name, net) in reader.nets() {
            let expected = weights_of(net.architecture(), 1);
            let tensors = state_dict::with_prefix(bytes, name, &expected)?.into_iter();
            weights.extend(tensors.map(|(weight, tensor)| (format!("{name}.{weight}"), tensor)));
        }
        reader.restore(&weights)?;
        if state_dict::has(bytes, JUDGE)? {
            let judge = Judge::of(&state_dict::list(bytes, JUDGE)?);
            reader.judge = Some(judge.with_context(|| format!("its tensor {JUDGE}"))?);
        }
        Ok((reader, description))
    }
}

fn half(weight: &Tensor) -> Result<Tensor> {
    Ok(weight.detach().f_to_kind(Kind::Half)?)
}
