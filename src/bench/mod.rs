//! Benchmarks: throughput, latency, start-up time and peak memory on this machine.
//!
//! The images are random bytes, since no result depends on their content.

mod config;
mod latency;
mod matrix;
mod process;
mod throughput;
mod timing;

pub use config::{BenchConfig, Part};
pub use latency::Latency;
pub use matrix::MATRIX_SIDE;

use anyhow::{Context, Result};
use serde::Serialize;
use tch::{Device, Kind, Tensor};

use crate::dataset::Examples;
use crate::device;
use crate::model::Net;
use crate::model::summary::Summary;
use crate::precision::Precision;
use crate::tensors::{CLASSES, SIDE};
use crate::version::LIBTORCH_VERSION;

/// Multiply-adds of a training step relative to a forward pass: the gradients of the values and
/// those of the weights each take as many again.
const TRAINING_WORK: f64 = 3.0;

/// The results; `None` where something was not measured, or this system cannot report it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Name of the network.
    pub model: String,
    /// Its multiply-adds for one image.
    pub multiply_adds: i64,
    /// The device.
    pub device: String,
    /// The number of CPU threads of libtorch.
    pub threads: i32,
    /// Compute precision of the network and of the matrix products.
    pub precision: Precision,
    /// Version of libtorch.
    pub libtorch: &'static str,
    /// Training.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub training: Option<Throughput>,
    /// Inference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inference: Option<Throughput>,
    /// Rate of the device in products of matrices of [`MATRIX_SIDE`]², in GFLOP/s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix_gflops: Option<f64>,
    /// Latency of one image at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// Median time of a whole process that reads one picture, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_up_seconds: Option<f64>,
    /// Peak memory of this process, in bytes; Linux only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
}

/// Throughput in batches.
#[derive(Clone, Debug, Serialize)]
pub struct Throughput {
    /// Batch size.
    pub batch_size: usize,
    /// Images per epoch or pass.
    pub images: usize,
    /// Median of several epochs or passes.
    pub images_per_second: f64,
    /// The same in 10⁹ floating-point operations per second of direct convolution; a multiply-add
    /// is two operations, and training takes three times the forward pass.
    pub gflops: f64,
    /// Fraction of the rate of matrix products; may exceed 1, as convolutions are computed with
    /// fewer multiplications than direct convolution takes.
    pub of_matrix_rate: f64,
}

/// Runs the requested benchmarks, and calls `on_part` before each.
///
/// # Errors
/// When there is too little memory for the images, the network or its training fails, or the
/// program does not start.
pub fn bench(config: &BenchConfig, on_part: &mut dyn FnMut(Part)) -> Result<Report> {
    let mut wanted = |part| {
        let wanted = config.parts.contains(&part);
        if wanted {
            on_part(part);
        }
        wanted
    };
    let multiply_adds = Summary::new(&config.architecture)?.multiply_adds();
    let examples = random_examples(config.images)?;
    let mut net = Net::new(&config.architecture, 0, config.device)?;

    let (mut training, mut inference, mut latency, mut start_up_seconds) = (None, None, None, None);
    if wanted(Part::Training) {
        training = Some(throughput::training(&mut net, &examples, config)?);
    }
    // Training has reset the precision to 32-bit floats.
    net.set_precision(config.precision);
    let frozen = net.frozen();
    let examples = examples.to_device(config.device);
    if wanted(Part::Inference) {
        let batch_size = config.inference_batch_size;
        inference = Some(throughput::inference(&frozen, &examples, batch_size)?);
    }
    if wanted(Part::Latency) {
        latency = Some(latency::measure(&frozen, &examples)?);
    }
    // Before the matrices, which should not count as memory of the network.
    let peak_memory_bytes = process::peak_memory();
    if wanted(Part::StartUp) {
        start_up_seconds = Some(process::start_up(&config.program)?);
    }
    let mut matrix_gflops = None;
    if training.is_some() || inference.is_some() {
        matrix_gflops = Some(matrix::gflops(config.device, config.precision.kind())?);
    }
    let throughput = |rate: f64, batch_size: usize, passes: f64| {
        let gflops = 2.0 * passes * multiply_adds as f64 * rate / 1e9;
        Throughput {
            batch_size: batch_size.min(config.images),
            images: config.images,
            images_per_second: rate,
            gflops,
            of_matrix_rate: gflops / matrix_gflops.unwrap_or(f64::NAN),
        }
    };
    Ok(Report {
        model: config.architecture.to_string(),
        multiply_adds,
        device: device::name(config.device),
        threads: tch::get_num_threads(),
        precision: config.precision,
        libtorch: LIBTORCH_VERSION,
        training: training.map(|rate| throughput(rate, config.batch_size, TRAINING_WORK)),
        inference: inference.map(|rate| throughput(rate, config.inference_batch_size, 1.0)),
        matrix_gflops,
        latency,
        start_up_seconds,
        peak_memory_bytes,
    })
}

fn random_examples(count: usize) -> Result<Examples> {
    let (count, side, classes) = (count as i64, SIDE as i64, CLASSES as i64);
    let images = Tensor::f_randint(256, [count, side, side], (Kind::Uint8, Device::Cpu));
    let labels = Tensor::f_randint(classes, [count], (Kind::Int64, Device::Cpu));
    let context = || format!("making {count} random images; try fewer --images");
    Ok(Examples {
        images: images.with_context(context)?,
        labels: labels.with_context(context)?,
    })
}
