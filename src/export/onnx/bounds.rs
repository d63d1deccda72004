//! Limits on an untrusted graph: it may not need more memory than a network of this program.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, ensure};

use super::graph::{SCALES, scales};
use super::proto::{Graph, Node};
use crate::tensors::SIDE;

/// The largest attribute: no kernel, stride or pad of a network is larger than an image, while the
/// pads of an untrusted graph could exhaust memory.
const MAX_ATTRIBUTE: u64 = SIDE as u64;

/// Checks that no attribute is too large, and that no value becomes larger than the picture.
///
/// # Errors
/// When that is not so.
pub(super) fn check(graph: &Graph) -> Result<()> {
    for node in &graph.node {
        for attribute in &node.attribute {
            let mut numbers = attribute.i.iter().chain(&attribute.ints);
            ensure!(
                numbers.all(|number| number.unsigned_abs() <= MAX_ATTRIBUTE),
                "the {} of {} are too large",
                attribute.name,
                node.name
            );
        }
    }
    check_upsampling(graph).context("its upsampling is not allowed")
}

/// Tracks the height and width of all values relative to the picture's, as powers of two.
fn check_upsampling(graph: &Graph) -> Result<()> {
    let pictures = graph.input.iter().map(|input| (input.name.as_str(), 0));
    let mut powers: HashMap<&str, i32> = pictures.collect();
    let mut used: HashSet<&str> = HashSet::new();
    for node in &graph.node {
        used.extend(node.input.iter().map(String::as_str));
        let inputs = node.input.iter();
        // Weights are stored in the file, and at most as large as it is.
        let before = inputs.filter_map(|input| powers.get(input.as_str()).copied());
        let power = before.max().unwrap_or(0)
            + match node.op_type.as_str() {
                "Resize" => upsampling(node, graph)?,
                _ => -downsampling(node),
            };
        ensure!(power <= 0, "{} is larger than the picture", node.name);
        for output in &node.output {
            let is_weight = graph
                .initializer
                .iter()
                .any(|values| values.name == *output);
            ensure!(
                !is_weight && !used.contains(output.as_str()),
                "{} is out of order",
                node.name
            );
            powers.insert(output, power);
        }
    }
    Ok(())
}

/// The power of two by which a node upsamples; scales other than ours are refused.
fn upsampling(node: &Node, graph: &Graph) -> Result<i32> {
    let is_given = |times: &i64| {
        let ours = scales(*times);
        let [_, _, name] = &node.input[..] else {
            return false;
        };
        let mut given = graph
            .initializer
            .iter()
            .filter(|values| values.name == *name);
        ours.name == *name && given.next() == Some(&ours) && given.next().is_none()
    };
    let known = SCALES.into_iter().find(is_given);
    let times = known.with_context(|| format!("{} has other scales", node.name))?;
    Ok(times.ilog2() as i32)
}

/// The power of two by which a node's strides downsample, at least.
fn downsampling(node: &Node) -> i32 {
    let mut strides = node
        .attribute
        .iter()
        .filter(|given| given.name == "strides");
    match (
        node.op_type.as_str(),
        strides.next().map(|given| &given.ints[..]),
    ) {
        ("Conv" | "MaxPool" | "AveragePool", Some(&[down, across])) => {
            down.min(across).max(1).ilog2() as i32
        }
        _ => 0,
    }
}
