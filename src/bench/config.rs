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
    /// Training throughput in images per second.
    Training,
    /// Inference throughput in large batches, in images per second.
    Inference,
    /// Time from one image to its logits.
    Latency,
    /// Time of a whole process that reads one picture.
    StartUp,
}

impl Part {
    /// All, in the order of measurement.
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
    /// The device to compute on.
    pub device: Device,
    /// Compute precision.
    pub precision: Precision,
    /// Images per training epoch and per inference pass, at least 1.
    pub images: usize,
    /// Batch size in training, at least 1.
    pub batch_size: usize,
    /// Batch size in inference, at least 1.
    pub inference_batch_size: usize,
    /// The program whose start-up is timed.
    pub program: PathBuf,
    /// What to measure.
    pub parts: Vec<Part>,
}
