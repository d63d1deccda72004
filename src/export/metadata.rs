//! Metadata of an exported network or reader, as JSON: what is needed to use it.
//!
//! It is stored under [`KEY`](crate::model::checkpoint::KEY): in a TorchScript program as an extra
//! file of that name plus `.json`, in ONNX as an entry of `metadata_props`.

use anyhow::Result;
use serde::Serialize;

use super::Output;
use crate::characters::{CHARACTERS, character};
use crate::model::architecture::INPUT_SHAPE;
use crate::model::architecture::reader::{DETECTOR_STEP, MAPS, STRIDE};
use crate::model::checkpoint::Description;
use crate::reader::maps::{BOX, INK, SIZE_UNIT};
use crate::reader::{self, Reader, crops};
use crate::tensors::{CLASSES, MEAN, STD};
use crate::version::LIBTORCH_VERSION;

#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(flatten)]
    network: &'a Description,
    libtorch: &'static str,
    /// The class of each output, in order.
    classes: Vec<String>,
    input: Input,
    output: Output,
}

#[derive(Serialize)]
struct Input {
    name: &'static str,
    /// Without the batch, whose size is dynamic.
    shape: [i64; 3],
    range: [f64; 2],
    ink: &'static str,
    /// Input normalisation, which the network applies itself.
    normalisation: Normalisation,
}

#[derive(Serialize)]
struct Normalisation {
    mean: f64,
    std: f64,
    applied_by_model: bool,
}

/// Metadata of each file of a reader.
#[derive(Serialize)]
struct ReaderMetadata<'a> {
    #[serde(flatten)]
    reader: &'a reader::Description,
    libtorch: &'static str,
    /// The networks by name, with the input and output of each.
    networks: serde_json::Map<String, serde_json::Value>,
    /// The class of each logit of the second network, in order.
    classes: Vec<String>,
    maps: Maps,
    crops: Crops,
}

/// The meaning of the detector's maps.
#[derive(Serialize)]
struct Maps {
    /// Heights and widths of pictures must be multiples of this.
    multiple: i64,
    /// Pixels of the picture per cell of the maps.
    stride: i64,
    /// The size in pixels at a logarithm of 0.
    size_unit: f32,
    /// The meaning of each channel, in order.
    channels: Vec<String>,
}

/// The input of the second network.
#[derive(Serialize)]
struct Crops {
    /// Side of the square crop, relative to the longer side of the character's box.
    margin: f32,
}

/// The metadata of a reader.
pub fn reader_json(reader: &Reader, description: &reader::Description) -> Result<String> {
    let networks = reader.nets().into_iter().map(|(name, net)| {
        let interface = net.architecture().interface();
        (
            name.to_owned(),
            interface.describe("batch", interface.output).into(),
        )
    });
    const { assert!(BOX == CHARACTERS && INK == BOX + 4 && MAPS as usize == INK + 2) };
    let others = [
        "middle of the box from the middle of the place, across, in places",
        "the same, down",
        "logarithm of the width in units",
        "logarithm of the height in units",
        "logit of ink of characters",
        "logit of ink of other writing",
    ];
    let characters = || (0..CHARACTERS).filter_map(character).map(String::from);
    let channels = characters().map(|character| format!("logit of {character}"));
    let metadata = ReaderMetadata {
        reader: description,
        libtorch: LIBTORCH_VERSION,
        networks: networks.collect(),
        classes: characters().chain(["none".to_owned()]).collect(),
        maps: Maps {
            multiple: DETECTOR_STEP,
            stride: STRIDE,
            size_unit: SIZE_UNIT,
            channels: channels.chain(others.map(str::to_owned)).collect(),
        },
        crops: Crops {
            margin: crops::MARGIN,
        },
    };
    Ok(serde_json::to_string_pretty(&metadata)?)
}

fn digits() -> impl Iterator<Item = String> {
    (0..CLASSES).map(|digit| digit.to_string())
}

/// The metadata of a network with this output.
pub fn json(network: &Description, output: Output) -> Result<String> {
    let metadata = Metadata {
        network,
        libtorch: LIBTORCH_VERSION,
        classes: digits().collect(),
        input: Input {
            name: network.architecture.interface().input,
            shape: INPUT_SHAPE,
            range: [0.0, 1.0],
            ink: "white on black",
            normalisation: Normalisation {
                mean: MEAN,
                std: STD,
                applied_by_model: true,
            },
        },
        output,
    };
    Ok(serde_json::to_string_pretty(&metadata)?)
}
