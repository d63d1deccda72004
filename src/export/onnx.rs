//! A network as an ONNX graph, for ONNX Runtime, browsers and phones.
//!
//! ONNX: <https://onnx.ai/onnx/repo-docs/IR.html>. The graph is written from the list of layers,
//! with a dynamic batch size.

mod bounds;
mod graph;
mod proto;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use prost::Message;
use rten::{Model, ModelOptions, OpRegistry, Value, ValueOrView, op_types};
use tch::Tensor;

use super::Output;
use crate::model::Net;
use crate::model::checkpoint::{KEY, MAX_BYTES};
use crate::storage::read_bounded;
use crate::version::VERSION;

/// Version of the operator set.
pub const OPSET: i64 = 17;

/// Version of the file format, the oldest that supports that opset.
const IR_VERSION: i64 = 8;

/// Writes the graph with `metadata` as JSON.
///
/// # Errors
/// When the file cannot be written.
pub fn save(net: &Net, answer: Output, metadata: &str, path: &Path) -> Result<()> {
    let model = proto::Model {
        ir_version: IR_VERSION,
        producer_name: env!("CARGO_PKG_NAME").to_owned(),
        producer_version: VERSION.to_owned(),
        doc_string: format!(
            "Handwritten digits: {}",
            net.architecture()
                .interface()
                .describe("batch", &answer.to_string())
        ),
        graph: Some(graph::of(net, answer)),
        opset_import: vec![proto::OperatorSet {
            domain: String::new(),
            version: OPSET,
        }],
        metadata_props: vec![proto::Entry {
            key: KEY.to_owned(),
            value: metadata.to_owned(),
        }],
    };
    Ok(fs::write(path, model.encode_to_vec())?)
}

/// Loads a graph into a runtime other than libtorch, to compare its outputs with a network's.
///
/// # Errors
/// When the file is not an ONNX graph, has more than [`MAX_BYTES`], or uses operators that networks
/// here do not have, or excessive attributes.
pub fn open(path: &Path) -> Result<Model> {
    let opening = || format!("opening {}", path.display());
    let bytes = read_bounded(path, MAX_BYTES).with_context(opening)?;
    let graph = || anyhow::Ok(proto::Model::decode(&*bytes)?.graph.unwrap_or_default());
    let check = || bounds::check(&graph()?);
    check().context("it is not an ONNX graph of a network of mnist-tch")?;
    ModelOptions::with_ops(operators())
        .load(bytes)
        .context("it is not an ONNX graph of a network of mnist-tch")
}

/// The output of a graph for a batch, and which output that is.
///
/// # Errors
/// When it has no such output, or does not accept the batch.
pub fn run(graph: &Model, images: &Tensor) -> Result<(Tensor, Output)> {
    let answer =
        answer_of(graph).context("it has no output named logits, probabilities or maps")?;
    let mut values = vec![0f32; images.numel()];
    images.f_copy_data(&mut values, images.numel())?;
    let shape: Vec<usize> = images.size().iter().map(|&size| size as usize).collect();
    let input = Value::from_shape(&shape, values)?;
    let output = graph.run_one(ValueOrView::from(input), None)?;
    let output = match answer {
        Output::Maps => tensor_of::<4>(output),
        Output::Logits | Output::Probabilities => tensor_of::<2>(output),
    };
    Ok((output?, answer))
}

fn tensor_of<const DIMENSIONS: usize>(output: Value) -> Result<Tensor> {
    let (shape, values): ([usize; DIMENSIONS], Vec<f32>) = output.into_shape_vec()?;
    let shape = shape.map(|size| size as i64);
    Ok(Tensor::from_slice(&values).f_view(shape.as_slice())?)
}

fn answer_of(model: &Model) -> Option<Output> {
    let output = *model.output_ids().first()?;
    model.node_info(output)?.name()?.parse().ok()
}

/// Only the operators that [`graph`] writes: each makes the program larger.
fn operators() -> OpRegistry {
    OpRegistry::with_ops(&[
        &op_types::Add,
        &op_types::AveragePool,
        &op_types::BatchNormalization,
        &op_types::Concat,
        &op_types::Conv,
        &op_types::Div,
        &op_types::Flatten,
        &op_types::Gemm,
        &op_types::GlobalAveragePool,
        &op_types::MaxPool,
        &op_types::Mul,
        &op_types::ReduceMean,
        &op_types::Relu,
        &op_types::Resize,
        &op_types::Softmax,
        &op_types::Sqrt,
        &op_types::Sub,
    ])
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::graph::scales;
    use super::proto::{Attribute, Node};
    use super::*;
    use crate::model::Architecture;
    use crate::model::state_dict::bytes_of;

    /// The error for a graph with a change.
    fn refusal(network: &Architecture, change: impl FnOnce(&mut proto::Graph)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.onnx");
        let net = Net::new(network, 0, Device::Cpu).unwrap();
        save(&net, Output::Logits, "{}", &path).unwrap();
        open(&path).unwrap();
        let mut model = proto::Model::decode(&*fs::read(&path).unwrap()).unwrap();
        change(model.graph.as_mut().unwrap());
        fs::write(&path, model.encode_to_vec()).unwrap();
        format!("{:#}", open(&path).err().unwrap())
    }

    #[test]
    fn pads_that_would_fill_the_memory_are_refused() {
        let failure = refusal(&Architecture::Small, |graph| {
            for node in (graph.node.iter_mut()).filter(|node| node.op_type == "Conv") {
                node.attribute.retain(|attribute| attribute.name != "pads");
                node.attribute.push(Attribute::ints("pads", &[1 << 20; 4]));
            }
        });
        assert!(failure.contains("the pads of conv1"), "{failure}");
    }

    fn last_resize(graph: &mut proto::Graph) -> &mut Node {
        let mut nodes = graph.node.iter_mut();
        nodes.rfind(|node| node.op_type == "Resize").unwrap()
    }

    #[test]
    fn enlarging_that_would_fill_the_memory_is_refused() {
        let change: [fn(&mut proto::Graph); 6] = [
            |graph| {
                let huge = Tensor::from_slice(&[1.0f32, 1.0, 1e6, 1e6]);
                let mut given = graph.initializer.iter_mut();
                let scales = given.find(|values| values.name == scales(2).name);
                scales.unwrap().raw_data = bytes_of(&huge);
            },
            // One after the other, without anything between that shrinks.
            |graph| {
                for _ in 0..3 {
                    let mut more = last_resize(graph).clone();
                    let name = format!("{}+", more.output[0]);
                    more.input[0] = std::mem::replace(&mut more.output[0], name);
                    graph.node.push(more);
                }
            },
            // In another order than they are computed in.
            |graph| graph.node.reverse(),
            |graph| last_resize(graph).input[2] = "maps.bias".to_owned(),
            |graph| last_resize(graph).input.push("maps.bias".to_owned()),
            |graph| {
                let name = scales(2).name;
                graph.initializer.retain(|values| values.name != name);
                let made = graph.node.iter_mut().rfind(|node| node.op_type == "Relu");
                made.unwrap().output = vec![name];
            },
        ];
        for change in change {
            let failure = refusal(&Architecture::Detector, change);
            assert!(failure.contains("upsampling is not allowed"), "{failure}");
        }
    }
}
