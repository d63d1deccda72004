//! The two networks of the reader: a detector of characters (digits and signs of numbers), and a
//! classifier of crops around them.
//! Comments give the output shape of a layer, for pictures of 128×128 pixels.

use super::super::layer::Layer;
use super::nets::{conv, linear, norm};
use crate::characters::CHARACTERS;

/// Height and width in pixels of the second network's input.
pub const CROP_SIDE: i64 = 40;

/// Channels of the detector's map: one per character, offset and size of the box, two kinds of ink.
pub const MAPS: i64 = CHARACTERS as i64 + 6;

/// The detector takes pictures whose height and width are multiples of this.
pub const DETECTOR_STEP: i64 = 32;

/// Pixels per cell of the detector's map.
pub const STRIDE: i64 = 4;

/// A single-scale detector (after CenterNet: Zhou and others, 2019): downsampling stages with
/// residual blocks (He and others, 2016), and an upsampling path to a quarter of the picture's size
/// with lateral connections (feature pyramid: Lin and others, 2017).
pub(super) fn detector() -> Vec<Layer> {
    [
        vec![
            Layer::Save { slot: "picture" },
            Layer::StandardizeLocally,
            Layer::Save { slot: "local" },
            Layer::Load { slot: "picture" },
            Layer::Standardize,
            Layer::Concat { slot: "local" }, // [B, 2, 128, 128]
        ],
        down("stem", 2, 16, 5), // [B, 16, 64, 64]
        vec![norm("stem_norm", 16), Layer::Relu],
        down("down1", 16, 32, 3), // [B, 32, 32, 32]
        vec![norm("down1_norm", 32), Layer::Relu],
        block(["block1a", "block1a_norm", "block1b", "block1b_norm"], 32),
        block(["block1c", "block1c_norm", "block1d", "block1d_norm"], 32),
        vec![Layer::Save { slot: "quarter" }],
        down("down2", 32, 64, 3), // [B, 64, 16, 16]
        vec![norm("down2_norm", 64), Layer::Relu],
        block(["block2a", "block2a_norm", "block2b", "block2b_norm"], 64),
        block(["block2c", "block2c_norm", "block2d", "block2d_norm"], 64),
        vec![Layer::Save { slot: "eighth" }],
        down("down3", 64, 128, 3), // [B, 128, 8, 8]
        vec![norm("down3_norm", 128), Layer::Relu],
        block(["block3a", "block3a_norm", "block3b", "block3b_norm"], 128),
        block(["block3c", "block3c_norm", "block3d", "block3d_norm"], 128),
        vec![Layer::Save { slot: "sixteenth" }],
        down("down4", 128, 128, 3), // [B, 128, 4, 4]
        vec![norm("down4_norm", 128), Layer::Relu],
        block(["block4a", "block4a_norm", "block4b", "block4b_norm"], 128),
        block(["block4c", "block4c_norm", "block4d", "block4d_norm"], 128),
        vec![conv("up4", 128, 96, 1, 0, true)],
        up("sixteenth", conv("side3", 128, 96, 1, 0, true)), // [B, 96, 8, 8]
        smooth("smooth3", "smooth3_norm", 96),
        vec![conv("up3", 96, 64, 1, 0, true)],
        up("eighth", conv("side2", 64, 64, 1, 0, true)), // [B, 64, 16, 16]
        smooth("smooth2", "smooth2_norm", 64),
        vec![conv("up2", 64, 48, 1, 0, true)],
        up("quarter", conv("side1", 32, 48, 1, 0, true)), // [B, 48, 32, 32]
        smooth("smooth1", "smooth1_norm", 48),
        vec![
            conv("head", 48, 64, 3, 1, false), // [B, 64, 32, 32]
            norm("head_norm", 64),
            Layer::Relu,
            conv("maps", 64, MAPS, 1, 0, true), // [B, 21, 32, 32]
        ],
    ]
    .concat()
}

/// Classifies the square crop around a box: a character, or none.
pub(super) fn crop() -> Vec<Layer> {
    vec![
        Layer::Standardize,
        conv("conv1", 1, 32, 3, 1, false),
        Layer::MaxPool2d { size: 2 }, // [B, 32, 20, 20]
        norm("norm1", 32),
        Layer::Relu,
        conv("conv2", 32, 64, 3, 1, false),
        Layer::MaxPool2d { size: 2 }, // [B, 64, 10, 10]
        norm("norm2", 64),
        Layer::Relu,
        conv("conv3", 64, 96, 3, 1, false), // [B, 96, 10, 10]
        norm("norm3", 96),
        Layer::Relu,
        conv("conv4", 96, 128, 3, 1, false),
        Layer::MaxPool2d { size: 2 }, // [B, 128, 5, 5]
        norm("norm4", 128),
        Layer::Relu,
        conv("conv5", 128, 128, 3, 0, false), // [B, 128, 3, 3]
        norm("norm5", 128),
        Layer::Relu,
        Layer::Flatten, // [B, 1152]
        Layer::Dropout { p: 0.25 },
        linear("fc1", 1152, CHARACTERS as i64 + 1), // [B, 16]
    ]
}

/// A convolution that halves height and width.
fn down(name: &'static str, inputs: i64, outputs: i64, kernel: i64) -> Vec<Layer> {
    vec![Layer::Conv2d {
        name,
        inputs,
        outputs,
        kernel,
        stride: 2,
        padding: kernel / 2,
        bias: false,
    }]
}

/// A residual block of two convolutions, given their names and those of their normalisations.
fn block([a, a_norm, b, b_norm]: [&'static str; 4], channels: i64) -> Vec<Layer> {
    vec![
        Layer::Save { slot: "skip" },
        conv(a, channels, channels, 3, 1, false),
        norm(a_norm, channels),
        Layer::Relu,
        conv(b, channels, channels, 3, 1, false),
        norm(b_norm, channels),
        Layer::Add { slot: "skip" },
        Layer::Relu,
    ]
}

/// Doubles height and width and adds the values saved at that size, through the layer `side`.
fn up(slot: &'static str, side: Layer) -> Vec<Layer> {
    vec![
        Layer::Upsample,
        Layer::Save { slot: "above" },
        Layer::Load { slot },
        side,
        Layer::Add { slot: "above" },
    ]
}

fn smooth(name: &'static str, normalisation: &'static str, channels: i64) -> Vec<Layer> {
    vec![
        conv(name, channels, channels, 3, 1, false),
        norm(normalisation, channels),
        Layer::Relu,
    ]
}
