//! What a file is, and what it answers.

use std::path::Path;

use serde::Serialize;
use strum::{Display, EnumIter, EnumString, IntoEnumIterator, VariantNames};

/// How a network is written for others.
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
    /// The ending that tells a reader what such a file is.
    pub fn extension(self) -> &'static str {
        match self {
            Self::TorchScript => "pt",
            Self::Safetensors => "safetensors",
            Self::Onnx => "onnx",
        }
    }

    /// The format that a file's ending tells.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?;
        Self::iter().find(|format| ending.eq_ignore_ascii_case(format.extension()))
    }
}

/// What a file answers to images or pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, Serialize)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// What the softmax is taken of; all that TorchScript programs and weights here know.
    Logits,
    /// The softmax, in ONNX only.
    Probabilities,
    /// What a reader's detector says of each place.
    Maps,
}
