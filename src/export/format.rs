//! File formats of exports, and their outputs.

use std::path::Path;

use serde::Serialize;
use strum::{Display, EnumIter, EnumString, IntoEnumIterator, VariantNames};

/// The file format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, EnumIter, VariantNames)]
#[strum(serialize_all = "lowercase")]
pub enum Format {
    /// A program with named parameters for `torch.jit.load`.
    TorchScript,
    /// Weights with PyTorch's names and layouts.
    Safetensors,
    /// A graph for ONNX Runtime, browsers and phones.
    Onnx,
}

impl Format {
    /// The file extension.
    pub fn extension(self) -> &'static str {
        match self {
            Self::TorchScript => "pt",
            Self::Safetensors => "safetensors",
            Self::Onnx => "onnx",
        }
    }

    /// The format of a file, by its extension.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?;
        Self::iter().find(|format| extension.eq_ignore_ascii_case(format.extension()))
    }
}

/// The output of an exported network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, Serialize)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// Logits, the only output of a classifier in TorchScript and safetensors files.
    Logits,
    /// Their softmax, in ONNX only.
    Probabilities,
    /// The maps of a reader's detector.
    Maps,
}
