//! What the weights of a network are called.

use super::Architecture;
use super::layer::{Layer, Weight};

/// All parameters and buffers of such a network, by the names that they have in a [`Net`](super::Net).
pub fn weights_of(architecture: &Architecture, members: usize) -> Vec<Weight> {
    let layers = architecture.layers();
    let all = (0..members).flat_map(|member| {
        let prefix = member_name(member, members).map_or(String::new(), |name| name + ".");
        let weights = layers.iter().flat_map(Layer::weights);
        weights.map(move |weight| Weight {
            name: format!("{prefix}{}", weight.name),
            ..weight
        })
    });
    all.collect()
}

/// What stands before the names of a member's weights; nothing where it is the only one.
pub(crate) fn member_name(member: usize, members: usize) -> Option<String> {
    (members > 1).then(|| format!("member{member}"))
}
