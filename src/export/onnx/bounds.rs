//! What a stranger's graph may ask for: never more memory than a network here does, whatever the weights.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, ensure};

use super::graph::{SCALES, scales};
use super::proto::{Graph, Node};
use crate::tensors::SIDE;

/// No kernel, stride or pad of a network is larger than an image: the pads of a stranger's graph
/// could ask for more than any memory.
const MAX_ATTRIBUTE: u64 = SIDE as u64;

/// Makes sure that all attributes are within reason, and that nothing becomes larger than the picture.
///
/// # Errors
/// When they are not.
pub(super) fn check(graph: &Graph) -> Result<()> {
    for node in &graph.node {
        for attribute in &node.attribute {
            let mut numbers = attribute.i.iter().chain(&attribute.ints);
            ensure!(
                numbers.all(|number| number.unsigned_abs() <= MAX_ATTRIBUTE),
                "the {} of {} are beyond reason",
                attribute.name,
                node.name
            );
        }
    }
    check_enlarging(graph).context("what it enlarges is beyond reason")
}

/// Follows the height and width of all values from the picture on, as the power of two by which they
/// differ from its own.
fn check_enlarging(graph: &Graph) -> Result<()> {
    let pictures = graph.input.iter().map(|input| (input.name.as_str(), 0));
    let mut powers: HashMap<&str, i32> = pictures.collect();
    let mut used: HashSet<&str> = HashSet::new();
    for node in &graph.node {
        used.extend(node.input.iter().map(String::as_str));
        let inputs = node.input.iter();
        // Weights lie in the file, and are as large as it is at most.
        let before = inputs.filter_map(|input| powers.get(input.as_str()).copied());
        let power = before.max().unwrap_or(0)
            + match node.op_type.as_str() {
                "Resize" => enlarging(node, graph)?,
                _ => -shrinking(node),
            };
        ensure!(power <= 0, "{} is larger than the picture", node.name);
        for output in &node.output {
            let is_weight = graph
                .initializer
                .iter()
                .any(|values| values.name == *output);
            ensure!(
                !is_weight && !used.contains(output.as_str()),
                "{} comes late",
                node.name
            );
            powers.insert(output, power);
        }
    }
    Ok(())
}

/// The power of two by which a node enlarges; scales that are none of ours are refused.
fn enlarging(node: &Node, graph: &Graph) -> Result<i32> {
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

/// The power of two by which a node's strides shrink, at least.
fn shrinking(node: &Node) -> i32 {
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
