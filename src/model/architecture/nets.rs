//! The layers of each network. Comments give the output shape of a layer.

use super::super::layer::Layer;
use crate::tensors::{CLASSES, PIXELS};

/// Pooling directly follows each convolution, so that normalisation and ReLU, which are
/// memory-bound, process a quarter of the values; ReLU and max-pooling commute.
pub(super) fn cnn() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 24, 5, 0, false), // [B, 24, 24, 24]
        Layer::MaxPool2d { size: 2 },      // [B, 24, 12, 12]
        norm("norm1", 24),
        Layer::Relu,
        conv("conv2", 24, 64, 3, 0, false), // [B, 64, 10, 10]
        Layer::MaxPool2d { size: 2 },       // [B, 64, 5, 5]
        norm("norm2", 64),
        Layer::Relu,
        conv("conv3", 64, 96, 3, 0, false), // [B, 96, 3, 3]
        norm("norm3", 96),
        Layer::Relu,
        Layer::Flatten, // [B, 864]
        Layer::Dropout { p: 0.3 },
        linear("fc1", 864, 128), // [B, 128]
        Layer::Relu,
        linear("fc2", 128, CLASSES as i64), // [B, 10]
    ]
}

pub(super) fn wide() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 32, 5, 0, false), // [B, 32, 24, 24]
        Layer::MaxPool2d { size: 2 },      // [B, 32, 12, 12]
        norm("norm1", 32),
        Layer::Relu,
        conv("conv2", 32, 96, 3, 0, false), // [B, 96, 10, 10]
        Layer::MaxPool2d { size: 2 },       // [B, 96, 5, 5]
        norm("norm2", 96),
        Layer::Relu,
        conv("conv3", 96, 96, 3, 1, false), // [B, 96, 5, 5]
        norm("norm3", 96),
        Layer::Relu,
        conv("conv4", 96, 128, 3, 0, false), // [B, 128, 3, 3]
        norm("norm4", 128),
        Layer::Relu,
        Layer::Flatten, // [B, 1152]
        Layer::Dropout { p: 0.3 },
        linear("fc1", 1152, 128), // [B, 128]
        Layer::Relu,
        linear("fc2", 128, CLASSES as i64), // [B, 10]
    ]
}

pub(super) fn small() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 16, 5, 0, false), // [B, 16, 24, 24]
        Layer::MaxPool2d { size: 2 },      // [B, 16, 12, 12]
        norm("norm1", 16),
        Layer::Relu,
        conv("conv2", 16, 48, 3, 0, false), // [B, 48, 10, 10]
        Layer::MaxPool2d { size: 2 },       // [B, 48, 5, 5]
        norm("norm2", 48),
        Layer::Relu,
        conv("conv3", 48, 64, 3, 0, false), // [B, 64, 3, 3]
        norm("norm3", 64),
        Layer::Relu,
        Layer::Flatten,                     // [B, 576]
        linear("fc1", 576, CLASSES as i64), // [B, 10]
    ]
}

pub(super) fn vgg() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 32, 3, 1, false), // [B, 32, 28, 28]
        norm("norm1", 32),
        Layer::Relu,
        conv("conv2", 32, 32, 3, 1, false), // [B, 32, 28, 28]
        Layer::MaxPool2d { size: 2 },       // [B, 32, 14, 14]
        norm("norm2", 32),
        Layer::Relu,
        conv("conv3", 32, 64, 3, 1, false), // [B, 64, 14, 14]
        norm("norm3", 64),
        Layer::Relu,
        conv("conv4", 64, 64, 3, 1, false), // [B, 64, 14, 14]
        Layer::MaxPool2d { size: 2 },       // [B, 64, 7, 7]
        norm("norm4", 64),
        Layer::Relu,
        conv("conv5", 64, 128, 3, 1, false), // [B, 128, 7, 7]
        norm("norm5", 128),
        Layer::Relu,
        conv("conv6", 128, 128, 3, 1, false), // [B, 128, 7, 7]
        norm("norm6", 128),
        Layer::Relu,
        Layer::GlobalAvgPool, // [B, 128, 1, 1]
        Layer::Flatten,       // [B, 128]
        Layer::Dropout { p: 0.1 },
        linear("fc1", 128, CLASSES as i64), // [B, 10]
    ]
}

pub(super) fn keras() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 64, 3, 0, true), // [B, 64, 26, 26]
        Layer::Relu,
        Layer::MaxPool2d { size: 2 },      // [B, 64, 13, 13]
        conv("conv2", 64, 64, 3, 0, true), // [B, 64, 11, 11]
        Layer::Relu,
        Layer::MaxPool2d { size: 2 },      // [B, 64, 5, 5]
        conv("conv3", 64, 64, 3, 0, true), // [B, 64, 3, 3]
        Layer::Relu,
        Layer::MaxPool2d { size: 2 }, // [B, 64, 1, 1]
        Layer::Flatten,               // [B, 64]
        linear("fc1", 64, 64),
        Layer::Relu,
        linear("fc2", 64, 32),
        Layer::Relu,
        linear("fc3", 32, CLASSES as i64),
    ]
}

pub(super) fn tch() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 32, 5, 0, true),  // [B, 32, 24, 24]
        Layer::MaxPool2d { size: 2 },      // [B, 32, 12, 12]
        conv("conv2", 32, 64, 5, 0, true), // [B, 64, 8, 8]
        Layer::MaxPool2d { size: 2 },      // [B, 64, 4, 4]
        Layer::Flatten,                    // [B, 1024]
        linear("fc1", 1024, 1024),         // [B, 1024]
        Layer::Relu,
        Layer::Dropout { p: 0.5 },
        linear("fc2", 1024, CLASSES as i64), // [B, 10]
    ]
}

pub(super) fn pytorch() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 32, 3, 0, true), // [B, 32, 26, 26]
        Layer::Relu,
        conv("conv2", 32, 64, 3, 0, true), // [B, 64, 24, 24]
        Layer::Relu,
        Layer::MaxPool2d { size: 2 }, // [B, 64, 12, 12]
        Layer::Dropout { p: 0.25 },
        Layer::Flatten,           // [B, 9216]
        linear("fc1", 9216, 128), // [B, 128]
        Layer::Relu,
        Layer::Dropout { p: 0.5 },
        linear("fc2", 128, CLASSES as i64), // [B, 10]
    ]
}

pub(super) fn fast() -> Vec<Layer> {
    vec![
        conv("conv1", 1, 24, 5, 0, true), // [B, 24, 24, 24]
        Layer::MaxPool2d { size: 2 },     // [B, 24, 12, 12]
        Layer::Relu,
        conv("conv2", 24, 32, 3, 0, true), // [B, 32, 10, 10]
        Layer::MaxPool2d { size: 2 },      // [B, 32, 5, 5]
        Layer::Relu,
        Layer::Flatten,          // [B, 800]
        linear("fc1", 800, 256), // [B, 256]
        Layer::Relu,
        linear("fc2", 256, CLASSES as i64), // [B, 10]
    ]
}

pub(super) fn mlp(hidden: &[i64]) -> Vec<Layer> {
    let mut layers = vec![Layer::Flatten]; // [B, 784]
    let mut inputs = PIXELS as i64;
    for (index, &width) in hidden.iter().enumerate() {
        layers.push(linear(&format!("fc{}", index + 1), inputs, width));
        layers.push(Layer::Relu);
        inputs = width;
    }
    layers.push(linear(
        &format!("fc{}", hidden.len() + 1),
        inputs,
        CLASSES as i64,
    ));
    layers
}

pub(super) fn conv(
    name: &'static str,
    inputs: i64,
    outputs: i64,
    kernel: i64,
    padding: i64,
    bias: bool,
) -> Layer {
    Layer::Conv2d {
        name,
        inputs,
        outputs,
        kernel,
        stride: 1,
        padding,
        bias,
    }
}

pub(super) fn norm(name: &'static str, channels: i64) -> Layer {
    Layer::BatchNorm2d { name, channels }
}

pub(super) fn linear(name: &str, inputs: i64, outputs: i64) -> Layer {
    Layer::Linear {
        name: name.to_owned(),
        inputs,
        outputs,
    }
}
