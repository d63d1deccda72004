//! What to measure.

use std::path::PathBuf;

use strum::{Display, EnumString, VariantNames};
use tch::Device;

use crate::model::Architecture;
use crate::precision::Precision;

/// One thing to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Part {
    /// Images a second of the trainer.
    Training,
    /// Images a second of the network in large batches.
    Inference,
    /// Time from one image to its logits.
    Latency,
    /// Time of a whole process that reads one picture.
    StartUp,
}

impl Part {
    /// All, in the order in which they are measured.
    pub const ALL: [Self; 4] = [
        Self::Training,
        Self::Inference,
        Self::Latency,
        Self::StartUp,
    ];
}

/// What to measure and how.
#[derive(Clone, Debug)]
pub struct BenchConfig {
    /// The network.
    pub architecture: Architecture,
    /// Where it computes.
    pub device: Device,
    /// In what it multiplies.
    pub precision: Precision,
    /// Images in an epoch of training, and in a pass of inference; at least 1.
    pub images: usize,
    /// Images a training step, at least 1.
    pub batch_size: usize,
    /// Images an inference batch, at least 1.
    pub inference_batch_size: usize,
    /// The program whose start-up is timed.
    pub program: PathBuf,
    /// What to measure; the others are left out.
    pub parts: Vec<Part>,
}
