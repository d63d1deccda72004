//! Names of a network's weights.

use super::Architecture;
use super::layer::{Layer, Weight};

/// All parameters and buffers of a network, with the names that they have in a [`Net`](super::Net).
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

/// The name prefix of a member's weights; none where it is the only one.
pub(crate) fn member_name(member: usize, members: usize) -> Option<String> {
    (members > 1).then(|| format!("member{member}"))
}
