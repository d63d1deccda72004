//! How long one image waits for its answer.

use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use super::timing::{median, percentile};
use crate::dataset::Examples;
use crate::model::Frozen;
use crate::tensors::to_batch;

/// Forward passes that count, after some that do not.
const COUNT: usize = 400;
const WARM_UP: usize = 40;

/// Time from the bytes of one image to its logits, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Latency {
    /// Half of the passes are faster.
    pub p50_ms: f64,
    /// One in a hundred is slower.
    pub p99_ms: f64,
}

/// Of one image after the other; the examples are not empty.
///
/// # Errors
/// When the network fails.
pub(super) fn measure(net: &Frozen, examples: &Examples) -> Result<Latency> {
    let image = examples.images.narrow(0, 0, 1);
    let one = || {
        let start = Instant::now();
        // Reading a value waits for it.
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
