//! Latency of a single image.

use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use super::timing::{median, percentile};
use crate::dataset::Examples;
use crate::model::Frozen;
use crate::tensors::to_batch;

/// Forward passes that are measured, and warm-up passes before them.
const COUNT: usize = 400;
const WARM_UP: usize = 40;

/// Time from the bytes of one image to its logits, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Latency {
    /// The median.
    pub p50_ms: f64,
    /// The 99th percentile.
    pub p99_ms: f64,
}

/// Measures one image at a time; the examples must not be empty.
///
/// # Errors
/// When the network fails.
pub(super) fn measure(net: &Frozen, examples: &Examples) -> Result<Latency> {
    let image = examples.images.narrow(0, 0, 1);
    let one = || {
        let start = Instant::now();
        // Reading a value synchronises with the device.
        let _ = net.logits(&to_batch(&image))?.double_value(&[0, 0]);
        Ok(1e3 * start.elapsed().as_secs_f64())
    };
    let times = (0..WARM_UP + COUNT)
        .map(|_| one())
        .collect::<Result<Vec<f64>>>()?;
    let mut times = times[WARM_UP..].to_vec();
    Ok(Latency {
        p50_ms: median(&mut times),
        p99_ms: percentile(&mut times, 0.99),
    })
}
