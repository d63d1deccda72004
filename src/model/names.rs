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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_a_prefix_each_and_a_single_network_none() {
        let names = |members| {
            let all = weights_of(&Architecture::Mlp { hidden: vec![3] }, members);
            all.into_iter()
                .map(|weight| (weight.name, weight.shape))
                .collect::<Vec<_>>()
        };
        let named = |prefix: &str| {
            [
                ("fc1.weight", vec![3, 784]),
                ("fc1.bias", vec![3]),
                ("fc2.weight", vec![10, 3]),
                ("fc2.bias", vec![10]),
            ]
            .map(|(name, shape)| (format!("{prefix}{name}"), shape))
        };
        assert_eq!(names(1), named(""));
        assert_eq!(names(2), [named("member0."), named("member1.")].concat());
    }
}
