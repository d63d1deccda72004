//! What goes with an exported network, as JSON: all that its reader needs to know.
//!
//! It is found under [`KEY`](crate::model::checkpoint::KEY): in a TorchScript program with `.json`
//! behind it, as an extra file; in ONNX as an entry of `metadata_props`.

use anyhow::Result;
use serde::Serialize;

use super::Answer;
use crate::device::LIBTORCH_VERSION;
use crate::model::architecture::INPUT_SHAPE;
use crate::model::checkpoint::Description;
use crate::tensors::{CLASSES, DEVIATION, MEAN};

/// What the input is called where it has a name.
pub const INPUT: &str = "images";

#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(flatten)]
    network: &'a Description,
    libtorch: &'static str,
    /// What each answer stands for, in order.
    classes: Vec<String>,
    input: Input,
    output: Answer,
}

#[derive(Serialize)]
struct Input {
    name: &'static str,
    /// Without the batch, which may have any size.
    shape: [i64; 3],
    range: [f64; 2],
    ink: &'static str,
    /// What the network does to its input itself, first of all.
    normalisation: Normalisation,
}

#[derive(Serialize)]
struct Normalisation {
    mean: f64,
    deviation: f64,
    inside: bool,
}

/// The text for a network that answers so.
pub fn json(network: &Description, output: Answer) -> Result<String> {
    let metadata = Metadata {
        network,
        libtorch: LIBTORCH_VERSION,
        classes: (0..CLASSES).map(|digit| digit.to_string()).collect(),
        input: Input {
            name: INPUT,
            shape: INPUT_SHAPE,
            range: [0.0, 1.0],
            ink: "white on black",
            normalisation: Normalisation {
                mean: MEAN,
                deviation: DEVIATION,
                inside: true,
            },
        },
        output,
    };
    Ok(serde_json::to_string_pretty(&metadata)?)
}
