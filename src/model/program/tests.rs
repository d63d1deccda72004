//! A program against the layers' definitions, in libtorch's plainest operations.

use tch::Device;

use super::*;
use crate::model::{Architecture, Net};

fn random(shape: &[i64]) -> Tensor {
    Tensor::rand(shape, (Kind::Float, Device::Cpu))
}

fn all() -> impl Iterator<Item = Architecture> {
    let small = |architecture| match architecture {
        Architecture::Mlp { .. } => Architecture::Mlp { hidden: vec![7, 5] },
        other => other,
    };
    Architecture::all().map(small)
}

/// Statistics and scales of normalisations that are not the initial ones.
fn disturbed(architecture: &Architecture) -> Net {
    let net = Net::new(architecture, 3, Device::Cpu).unwrap();
    let variables = net.weights().variables().into_iter();
    for (name, mut tensor) in variables.filter(|(_, tensor)| tensor.dim() == 1) {
        let noise = random(&tensor.size());
        let noise = match name.ends_with("running_var") {
            true => noise + 0.5,
            false => noise * 0.2,
        };
        tch::no_grad(|| tensor.copy_(&(&tensor * 0.9 + noise)));
    }
    net
}

/// The last layer's output by the layers' definitions; without dropout also in training.
fn plainly(net: &Net, images: &Tensor, train: bool) -> Tensor {
    let variables = net.weights().variables();
    let weight = |layer: &str, name: &str| variables.get(&format!("{layer}.{name}"));
    let architecture = net.architecture();
    let mut saved: HashMap<&str, Tensor> = HashMap::new();
    let mut values = match architecture.is_standardized() {
        true => images.shallow_clone(),
        false => (images - MEAN) / STD,
    };
    for layer in architecture.layers() {
        values = match &layer {
            Layer::Standardize => standardized(&values).unwrap(),
            Layer::StandardizeLocally => standardized_locally(&values).unwrap(),
            Layer::Conv2d {
                name,
                stride,
                padding,
                ..
            } => {
                let kernels = weight(name, "weight").unwrap();
                let bias = weight(name, "bias");
                values.conv2d(kernels, bias, [*stride; 2], [*padding; 2], [1, 1], 1)
            }
            Layer::BatchNorm2d { name, .. } => values.batch_norm(
                weight(name, "weight"),
                weight(name, "bias"),
                weight(name, "running_mean").map(Tensor::copy).as_ref(),
                weight(name, "running_var").map(Tensor::copy).as_ref(),
                train,
                0.1,
                1e-5,
                false,
            ),
            Layer::MaxPool2d { size } => {
                values.max_pool2d([*size; 2], [*size; 2], [0, 0], [1, 1], false)
            }
            Layer::GlobalAvgPool => values.mean_dim([2i64, 3].as_slice(), true, Kind::Float),
            Layer::Relu => values.relu(),
            Layer::Save { slot } => {
                saved.insert(slot, values.shallow_clone());
                values
            }
            Layer::Load { slot } => saved[slot].shallow_clone(),
            Layer::Add { slot } => &values + &saved[slot],
            Layer::Concat { slot } => Tensor::cat(&[&values, &saved[slot]], 1),
            Layer::Upsample => values
                .repeat_interleave_self_int(2, 2, None)
                .repeat_interleave_self_int(2, 3, None),
            Layer::Flatten => values.flatten(1, -1),
            Layer::Dropout { .. } => values,
            Layer::Linear { name, .. } => {
                let kernels = weight(name, "weight").unwrap();
                values.linear(kernels, weight(name, "bias"))
            }
        };
    }
    values
}

#[track_caller]
fn assert_near(ours: &Tensor, plain: &Tensor, architecture: &Architecture) {
    assert_eq!(ours.size(), plain.size(), "{architecture}");
    let range = plain.abs().max().double_value(&[]);
    let apart = (ours - plain).abs().max().double_value(&[]);
    assert!(apart < 1e-3 * range, "{architecture}: {apart} of {range}");
}

#[test]
fn every_network_computes_what_its_layers_say() {
    for architecture in all() {
        let net = disturbed(&architecture);
        let [channels, height, width] = architecture.input_shape();
        let images = random(&[3, channels, height, width]);
        let plain = tch::no_grad(|| plainly(&net, &images, false));
        assert_near(&net.logits(&images).unwrap(), &plain, &architecture);
        let frozen = net.frozen().logits(&images).unwrap();
        assert_near(&frozen, &plain, &architecture);
    }
}

#[test]
fn a_channel_that_hardly_varies_is_normalised_alike_by_a_frozen_network() {
    for architecture in all() {
        let layers = architecture.layers();
        let mut names = layers.iter().filter_map(|layer| match layer {
            Layer::BatchNorm2d { name, .. } => Some(name),
            _ => None,
        });
        let Some(first) = names.next() else {
            continue;
        };
        let net = disturbed(&architecture);
        // As small as the epsilon that is added to it.
        let mut variance =
            net.weights().variables()[&format!("{first}.running_var")].shallow_clone();
        let _ = variance.fill_(1e-5);
        let [channels, height, width] = architecture.input_shape();
        let images = random(&[2, channels, height, width]);
        let plain = tch::no_grad(|| plainly(&net, &images, false));
        let frozen = net.frozen().logits(&images).unwrap();
        assert_near(&frozen, &plain, &architecture);
    }
}

#[test]
fn training_computes_with_the_statistics_of_the_batch() {
    let has_dropout = |architecture: &Architecture| {
        let layers = architecture.layers();
        layers
            .iter()
            .any(|layer| matches!(layer, Layer::Dropout { .. }))
    };
    let mut compared = 0;
    for architecture in all().filter(|architecture| !has_dropout(architecture)) {
        let net = disturbed(&architecture);
        let [channels, height, width] = architecture.input_shape();
        let images = random(&[4, channels, height, width]);
        let plain = tch::no_grad(|| plainly(&net, &images, true));
        assert_near(
            &net.forward_t(&images, true).unwrap(),
            &plain,
            &architecture,
        );
        compared += 1;
    }
    assert!(compared > 2, "{compared} networks without dropout");
}

#[test]
fn dropout_disturbs_training_only() {
    let net = disturbed(&Architecture::Small);
    let images = random(&[8, 1, 28, 28]);
    let logits = |train| net.forward_t(&images, train).unwrap();
    assert_eq!(logits(false), logits(false));
    assert_ne!(logits(true), logits(true));
}

#[test]
fn normalisation_right_after_a_convolution_costs_nothing_once_folded() {
    let mut folded_away = 0;
    for architecture in all() {
        let net = disturbed(&architecture);
        let program = Program::new(&net.members[0], architecture.input_shape(), Kind::Float);
        let count = |program: &Program| {
            let follows = |pair: &&[Step]| match pair {
                [Step::Conv2d(before), Step::BatchNorm2d { .. }] => !before.pooled,
                _ => false,
            };
            program.steps.windows(2).filter(follows).count()
        };
        let before = count(&program);
        let after = count(&program.folded());
        assert_eq!(after, 0, "{architecture}");
        folded_away += before;
    }
    assert!(folded_away > 0);
}
