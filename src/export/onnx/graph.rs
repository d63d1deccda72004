//! From a list of layers to the nodes and constants of a graph.

use std::collections::HashMap;

use tch::{Kind, Tensor};

use super::proto::{self, Attribute, FLOAT, Initializer, Node};
use crate::export::Output;
use crate::model::layer::{
    BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, LOCAL_SQUARE, LOCAL_SQUARES, Layer,
    STANDARDIZE_EPSILON,
};
use crate::model::state_dict::bytes_of;
use crate::model::{Net, member_name};
use crate::tensors::{MEAN, STD};

/// The upsampling factors of height and width.
pub(super) const SCALES: [i64; 2] = [2, LOCAL_SQUARE];

/// The scales of batch, channels, height and width for a factor.
pub(super) fn scales(times: i64) -> Initializer {
    let values = [1.0, 1.0, times as f64, times as f64];
    initializer(&format!("times{times}"), &Tensor::from_slice(&values))
}

/// The graph of a network with this output.
pub(super) fn of(net: &Net, answer: Output) -> proto::Graph {
    let mut graph = Graph::default();
    let interface = net.architecture().interface();
    let input = interface.input;
    graph.0.name = net.architecture().to_string();
    graph.0.input = vec![proto::Value::batch(input, &interface.input_sizes)];
    graph.0.output = vec![proto::Value::batch(
        &answer.to_string(),
        &interface.output_sizes,
    )];
    for (name, tensor) in net.snapshot() {
        graph.constant(&name, &tensor);
    }
    let first = match net.architecture().is_standardized() {
        true => input.to_owned(),
        false => graph.normalized(input),
    };
    let mut logits = graph.member(net, 0, &first);
    for member in 1..net.members() {
        let more = graph.member(net, member, &first);
        let name = format!("sum{member}");
        logits = graph.node(&name, "Add", &[&logits, &more], vec![]);
    }
    if net.members() > 1 {
        graph.constant("members", &Tensor::from(net.members() as f64));
        logits = graph.node("mean_logits", "Div", &[&logits, "members"], vec![]);
    }
    if answer == Output::Probabilities {
        let axis = vec![Attribute::int("axis", 1)];
        logits = graph.node("softmax", "Softmax", &[&logits], axis);
    }
    let mut nodes = graph.0.node.iter_mut();
    if let Some(last) = nodes.find(|node| node.output == [logits.as_str()]) {
        last.output = vec![answer.to_string()];
    }
    graph.0
}

/// A graph under construction.
#[derive(Default)]
struct Graph(proto::Graph);

impl Graph {
    /// Normalises by MNIST's mean and standard deviation; returns the name of the result.
    fn normalized(&mut self, images: &str) -> String {
        for (name, value) in [("mean", MEAN), ("deviation", STD)] {
            self.constant(name, &Tensor::from(value));
        }
        let centred = self.node("center", "Sub", &[images, "mean"], vec![]);
        self.node("normalize", "Div", &[&centred, "deviation"], vec![])
    }

    /// Adds the layers of one network; returns the name of their output.
    fn member(&mut self, net: &Net, member: usize, images: &str) -> String {
        let prefix = member_name(member, net.members()).map_or(String::new(), |name| name + ".");
        let mut x = images.to_owned();
        // Names of saved values.
        let mut saved: HashMap<&'static str, String> = HashMap::new();
        for (number, layer) in net.architecture().layers().iter().enumerate() {
            let numbered = |operator: &str| format!("{prefix}{operator}{number}");
            match layer {
                Layer::Save { slot } => drop(saved.insert(*slot, x.clone())),
                Layer::Load { slot } => x.clone_from(&saved[slot]),
                Layer::Add { slot } => {
                    x = self.node(&numbered("Add"), "Add", &[&x, &saved[slot]], vec![]);
                }
                Layer::Concat { slot } => {
                    let axis = vec![Attribute::int("axis", 1)];
                    x = self.node(&numbered("Concat"), "Concat", &[&x, &saved[slot]], axis);
                }
                Layer::Standardize => x = self.standardized(&prefix, &x),
                Layer::StandardizeLocally => x = self.locally_standardized(&prefix, &x),
                Layer::Upsample => {
                    let how = [
                        ("mode", "nearest"),
                        ("coordinate_transformation_mode", "asymmetric"),
                        ("nearest_mode", "floor"),
                    ];
                    x = self.resized(&numbered("Resize"), &x, 2, &how);
                }
                _ => {
                    let Some((name, operator, weights, attributes)) = operation(layer) else {
                        continue;
                    };
                    let name =
                        name.map_or_else(|| numbered(operator), |name| prefix.clone() + name);
                    let weights = weights.iter().map(|weight| format!("{name}.{weight}"));
                    let inputs: Vec<String> = std::iter::once(x).chain(weights).collect();
                    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
                    x = self.node(&name, operator, &inputs, attributes);
                }
            }
        }
        x
    }

    /// Standardises each picture; returns the name of the result.
    fn standardized(&mut self, prefix: &str, x: &str) -> String {
        let epsilon = format!("{prefix}epsilon");
        self.constant(&epsilon, &Tensor::from(STANDARDIZE_EPSILON));
        let mut node = |name: &str, operator: &str, inputs: &[&str]| {
            let attributes = match operator {
                "ReduceMean" => vec![
                    Attribute::ints("axes", &[1, 2, 3]),
                    Attribute::int("keepdims", 1),
                ],
                _ => vec![],
            };
            self.node(&format!("{prefix}{name}"), operator, inputs, attributes)
        };
        let mean = node("mean", "ReduceMean", &[x]);
        let centred = node("center", "Sub", &[x, &mean]);
        let squared = node("square", "Mul", &[&centred, &centred]);
        let variance = node("variance", "ReduceMean", &[&squared]);
        let deviation = node("deviation", "Sqrt", &[&variance]);
        let divisor = node("divisor", "Add", &[&deviation, &epsilon]);
        node("standardize", "Div", &[&centred, &divisor])
    }

    /// Standardises locally; returns the name of the result.
    fn locally_standardized(&mut self, prefix: &str, x: &str) -> String {
        let prefix = format!("{prefix}local_");
        let epsilon = format!("{prefix}epsilon");
        self.constant(&epsilon, &Tensor::from(STANDARDIZE_EPSILON));
        let square = self.node(&format!("{prefix}square"), "Mul", &[x, x], vec![]);
        let mean = self.around(&format!("{prefix}mean"), x);
        let mean_square = self.around(&format!("{prefix}mean_square"), &square);
        let mut node = |name: &str, operator: &str, inputs: &[&str]| {
            self.node(&format!("{prefix}{name}"), operator, inputs, vec![])
        };
        let squared = node("squared_mean", "Mul", &[&mean, &mean]);
        let variance = node("variance", "Sub", &[&mean_square, &squared]);
        let positive = node("positive", "Relu", &[&variance]);
        let deviation = node("deviation", "Sqrt", &[&positive]);
        let how = [
            ("mode", "linear"),
            ("coordinate_transformation_mode", "half_pixel"),
        ];
        let mean = self.resized(&format!("{prefix}means"), &mean, LOCAL_SQUARE, &how);
        let name = format!("{prefix}deviations");
        let deviation = self.resized(&name, &deviation, LOCAL_SQUARE, &how);
        let mut node = |name: &str, operator: &str, inputs: &[&str]| {
            self.node(&format!("{prefix}{name}"), operator, inputs, vec![])
        };
        let centred = node("center", "Sub", &[x, &mean]);
        let divisor = node("divisor", "Add", &[&deviation, &epsilon]);
        node("standardize", "Div", &[&centred, &divisor])
    }

    /// The local mean at each square of [`Layer::StandardizeLocally`]; returns the name of the
    /// result.
    fn around(&mut self, name: &str, x: &str) -> String {
        let mut pool = |part: &str, x: &str, size: i64, step: i64, padding: i64| {
            let attributes = vec![
                Attribute::ints("kernel_shape", &[size; 2]),
                Attribute::ints("pads", &[padding; 4]),
                Attribute::ints("strides", &[step; 2]),
            ];
            self.node(&format!("{name}_{part}"), "AveragePool", &[x], attributes)
        };
        let squares = pool("squares", x, LOCAL_SQUARE, LOCAL_SQUARE, 0);
        pool("around", &squares, LOCAL_SQUARES, 1, LOCAL_SQUARES / 2)
    }

    /// Multiplies height and width by `times`; returns the name of the result.
    fn resized(&mut self, name: &str, x: &str, times: i64, how: &[(&str, &str)]) -> String {
        let scales = scales(times);
        let inputs = [x, "", &scales.name].map(str::to_owned);
        if !self.0.initializer.contains(&scales) {
            self.0.initializer.push(scales);
        }
        let attributes = how
            .iter()
            .map(|(name, value)| Attribute::string(name, value));
        // The second input, the region of interest, is empty.
        let inputs = inputs.each_ref().map(String::as_str);
        self.node(name, "Resize", &inputs, attributes.collect())
    }

    /// Adds an operation; returns the name of its output.
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
        self.0.initializer.push(initializer(name, value));
    }
}

fn initializer(name: &str, value: &Tensor) -> Initializer {
    Initializer {
        dims: value.size(),
        data_type: FLOAT,
        name: name.to_owned(),
        raw_data: bytes_of(&value.to_kind(Kind::Float)),
    }
}

/// Name of the layer, if any, operator, names of the weights in order, and attributes.
type Operation<'a> = (
    Option<&'a str>,
    &'static str,
    &'static [&'static str],
    Vec<Attribute>,
);

/// The operation of a layer; `None` where it does nothing in inference, or needs more than one.
fn operation(layer: &Layer) -> Option<Operation<'_>> {
    Some(match layer {
        Layer::Conv2d {
            name,
            kernel,
            stride,
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
                Attribute::ints("strides", &[*stride; 2]),
            ];
            (Some(*name), "Conv", weights, attributes)
        }
        Layer::BatchNorm2d { name, .. } => (
            Some(*name),
            "BatchNormalization",
            &["weight", "bias", "running_mean", "running_var"],
            vec![
                Attribute::float("epsilon", BATCH_NORM_EPSILON),
                // In ONNX the momentum is the weight of the old value.
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
        Layer::Linear { name, .. } => {
            let attributes = vec![Attribute::int("transB", 1)];
            (Some(name.as_str()), "Gemm", &["weight", "bias"], attributes)
        }
        Layer::Dropout { .. }
        | Layer::Standardize
        | Layer::StandardizeLocally
        | Layer::Save { .. }
        | Layer::Load { .. }
        | Layer::Add { .. }
        | Layer::Concat { .. }
        | Layer::Upsample => return None,
    })
}
