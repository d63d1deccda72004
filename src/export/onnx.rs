//! A network as an ONNX graph, for ONNX Runtime, browsers and phones.
//!
//! ONNX: <https://onnx.ai/onnx/repo-docs/IR.html>. The graph is written from the list of layers, with
//! a batch of any size; dropout, which does nothing after training, is left out.

mod proto;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use prost::Message;
use rten::{Model, ModelOptions, OpRegistry, Value, ValueOrView, op_types};
use tch::{Kind, Tensor};

use super::Answer;
use super::metadata::INPUT;
use crate::model::architecture::INPUT_SHAPE;
use crate::model::checkpoint::{KEY, MAX_BYTES, VERSION};
use crate::model::layer::{BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, Layer};
use crate::model::state_dict::bytes_of;
use crate::model::{Net, member_name};
use crate::storage::read_bounded;
use crate::tensors::{CLASSES, DEVIATION, MEAN, SIDE};
use proto::{Attribute, FLOAT, Initializer, Node};

/// Version of ONNX' own operators that the graph is written in.
pub const OPSET: i64 = 17;

/// Version of the file format, the oldest that knows that opset.
const IR_VERSION: i64 = 8;

/// No kernel, stride or pad of a network is larger than an image: the pads of a stranger's graph
/// could ask for more than any memory.
const MOST: u64 = SIDE as u64;

/// Writes the graph; `metadata` goes with it as JSON.
///
/// # Errors
/// When the file cannot be written.
pub fn save(net: &Net, answer: Answer, metadata: &str, path: &Path) -> Result<()> {
    let model = proto::Model {
        ir_version: IR_VERSION,
        producer_name: env!("CARGO_PKG_NAME").to_owned(),
        producer_version: VERSION.to_owned(),
        doc_string: format!(
            "Handwritten digits: {INPUT} f32 [batch, 1, 28, 28] in 0..1, white ink on black, to \
             {answer} f32 [batch, 10]"
        ),
        graph: Some(Graph::of(net, answer)),
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

/// Loads a graph into another runtime than libtorch, for comparing its answers with a network's.
///
/// # Errors
/// When the file is no ONNX graph, has more than [`MAX_BYTES`], or needs operators that networks here
/// do not have, or theirs beyond reason.
pub fn open(path: &Path) -> Result<Model> {
    let opening = || format!("opening {}", path.display());
    let bytes = read_bounded(path, MAX_BYTES).with_context(opening)?;
    check_attributes(&bytes).context("it is no ONNX graph of a network here")?;
    ModelOptions::with_ops(operators())
        .load(bytes)
        .context("it is no ONNX graph of a network here")
}

/// What a graph answers to images, and whether that is logits.
///
/// # Errors
/// When it has no such output, or does not take such images.
pub fn answers(graph: &Model, images: &Tensor) -> Result<(Tensor, Answer)> {
    let answer = answer_of(graph).context("it has no output named logits or probabilities")?;
    let mut values = vec![0f32; images.numel()];
    images.f_copy_data(&mut values, images.numel())?;
    let shape: Vec<usize> = images.size().iter().map(|&size| size as usize).collect();
    let input = Value::from_shape(&shape, values)?;
    let output = graph.run_one(ValueOrView::from(input), None)?;
    let (shape, values): ([usize; 2], Vec<f32>) = output.into_shape_vec()?;
    let output = Tensor::from_slice(&values).f_view(shape.map(|size| size as i64))?;
    Ok((output, answer))
}

fn check_attributes(bytes: &[u8]) -> Result<()> {
    let model = proto::Model::decode(bytes)?;
    for node in model.graph.iter().flat_map(|graph| &graph.node) {
        for attribute in &node.attribute {
            let mut numbers = attribute.i.iter().chain(&attribute.ints);
            ensure!(
                numbers.all(|number| number.unsigned_abs() <= MOST),
                "the {} of {} are beyond reason",
                attribute.name,
                node.name
            );
        }
    }
    Ok(())
}

fn answer_of(model: &Model) -> Option<Answer> {
    let output = *model.output_ids().first()?;
    model.node_info(output)?.name()?.parse().ok()
}

/// What [`Graph`] writes, and no more: each operator takes room in the program.
fn operators() -> OpRegistry {
    OpRegistry::with_ops(&[
        &op_types::Add,
        &op_types::BatchNormalization,
        &op_types::Conv,
        &op_types::Div,
        &op_types::Flatten,
        &op_types::Gemm,
        &op_types::GlobalAveragePool,
        &op_types::MaxPool,
        &op_types::Relu,
        &op_types::Softmax,
        &op_types::Sub,
    ])
}

/// A graph while it is made.
#[derive(Default)]
struct Graph(proto::Graph);

impl Graph {
    fn of(net: &Net, answer: Answer) -> proto::Graph {
        let mut graph = Self::default();
        graph.0.name = net.architecture().to_string();
        graph.0.input = vec![proto::Value::batch(INPUT, &INPUT_SHAPE)];
        graph.0.output = vec![proto::Value::batch(&answer.to_string(), &[CLASSES as i64])];
        for (name, tensor) in net.snapshot() {
            graph.constant(&name, &tensor);
        }
        for (name, value) in [("mean", MEAN), ("deviation", DEVIATION)] {
            graph.constant(name, &Tensor::from(value));
        }
        let centred = graph.node("center", "Sub", &[INPUT, "mean"], vec![]);
        let normalised = graph.node("normalize", "Div", &[&centred, "deviation"], vec![]);
        let mut logits = graph.member(net, 0, &normalised);
        for member in 1..net.members() {
            let more = graph.member(net, member, &normalised);
            let name = format!("sum{member}");
            logits = graph.node(&name, "Add", &[&logits, &more], vec![]);
        }
        if net.members() > 1 {
            graph.constant("members", &Tensor::from(net.members() as f64));
            logits = graph.node("mean_logits", "Div", &[&logits, "members"], vec![]);
        }
        if answer == Answer::Probabilities {
            let axis = vec![Attribute::int("axis", 1)];
            logits = graph.node("softmax", "Softmax", &[&logits], axis);
        }
        let mut nodes = graph.0.node.iter_mut();
        if let Some(last) = nodes.find(|node| node.output == [logits.as_str()]) {
            last.output = vec![answer.to_string()];
        }
        graph.0
    }

    /// Adds the layers of one network; returns the name of its logits.
    fn member(&mut self, net: &Net, member: usize, images: &str) -> String {
        let prefix = member_name(member, net.members()).map_or(String::new(), |name| name + ".");
        let mut x = images.to_owned();
        for (number, layer) in net.architecture().layers().iter().enumerate() {
            let Some((name, operator, weights, attributes)) = operation(layer) else {
                continue;
            };
            let name = name.map_or_else(|| format!("{operator}{number}"), str::to_owned);
            let name = format!("{prefix}{name}");
            let weights = weights.iter().map(|weight| format!("{name}.{weight}"));
            let inputs: Vec<String> = std::iter::once(x).chain(weights).collect();
            let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
            x = self.node(&name, operator, &inputs, attributes);
        }
        x
    }

    /// Adds an operation; returns the name of what it puts out.
    fn node(
        &mut self,
        name: &str,
        operator: &str,
        inputs: &[&str],
        attribute: Vec<Attribute>,
    ) -> String {
        let output = format!("{name}.output");
        self.0.node.push(Node {
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![output.clone()],
            name: name.to_owned(),
            op_type: operator.to_owned(),
            attribute,
        });
        output
    }

    fn constant(&mut self, name: &str, value: &Tensor) {
        self.0.initializer.push(Initializer {
            dims: value.size(),
            data_type: FLOAT,
            name: name.to_owned(),
            raw_data: bytes_of(&value.to_kind(Kind::Float)),
        });
    }
}

/// Name of the layer where it has one, operator, names of the weights in order, and attributes; `None`
/// where nothing is done after training.
type Operation<'a> = (
    Option<&'a str>,
    &'static str,
    &'static [&'static str],
    Vec<Attribute>,
);

fn operation(layer: &Layer) -> Option<Operation<'_>> {
    Some(match layer {
        Layer::Conv2d {
            name,
            kernel,
            padding,
            bias,
            ..
        } => {
            let weights: &[_] = if *bias {
                &["weight", "bias"]
            } else {
                &["weight"]
            };
            let attributes = vec![
                Attribute::ints("kernel_shape", &[*kernel; 2]),
                Attribute::ints("pads", &[*padding; 4]),
                Attribute::ints("strides", &[1; 2]),
            ];
            (Some(*name), "Conv", weights, attributes)
        }
        Layer::BatchNorm2d { name, .. } => (
            Some(*name),
            "BatchNormalization",
            &["weight", "bias", "running_mean", "running_var"],
            vec![
                Attribute::float("epsilon", BATCH_NORM_EPSILON),
                // ONNX counts the share of the past.
                Attribute::float("momentum", 1.0 - BATCH_NORM_MOMENTUM),
            ],
        ),
        Layer::MaxPool2d { size } => {
            let attributes = vec![
                Attribute::ints("kernel_shape", &[*size; 2]),
                Attribute::ints("strides", &[*size; 2]),
            ];
            (None, "MaxPool", &[], attributes)
        }
        Layer::GlobalAvgPool => (None, "GlobalAveragePool", &[], vec![]),
        Layer::Relu => (None, "Relu", &[], vec![]),
        Layer::Flatten => (None, "Flatten", &[], vec![Attribute::int("axis", 1)]),
        Layer::Dropout { .. } => return None,
        Layer::Standardize
        | Layer::Save { .. }
        | Layer::Load { .. }
        | Layer::Add { .. }
        | Layer::Upsample => return None,
        Layer::Linear { name, .. } => {
            let attributes = vec![Attribute::int("transB", 1)];
            (Some(name.as_str()), "Gemm", &["weight", "bias"], attributes)
        }
    })
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::model::Architecture;

    #[test]
    fn pads_that_would_fill_the_memory_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.onnx");
        let net = Net::new(&Architecture::Small, Device::Cpu).unwrap();
        save(&net, Answer::Logits, "{}", &path).unwrap();
        open(&path).unwrap();
        let mut model = proto::Model::decode(&*fs::read(&path).unwrap()).unwrap();
        let nodes = model.graph.as_mut().unwrap().node.iter_mut();
        for node in nodes.filter(|node| node.op_type == "Conv") {
            node.attribute.retain(|attribute| attribute.name != "pads");
            node.attribute.push(Attribute::ints("pads", &[1 << 20; 4]));
        }
        fs::write(&path, model.encode_to_vec()).unwrap();
        let failure = format!("{:#}", open(&path).err().unwrap());
        assert!(failure.contains("the pads of conv1"), "{failure}");
    }
}
