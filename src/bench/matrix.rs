//! The device's peak rate, estimated from large matrix products.

use std::time::Instant;

use anyhow::{Context, Result};
use tch::{Device, Kind, Tensor};

use super::timing::synchronize;

/// Rows and columns of the matrices.
pub const MATRIX_SIDE: i64 = 2048;

/// The best of this many products counts, since disturbances only make them slower.
const PRODUCTS: usize = 6;

/// Rate of products of square matrices, in 10⁹ floating-point operations per second.
pub(super) fn gflops(device: Device, kind: Kind) -> Result<f64> {
    let size = [MATRIX_SIDE, MATRIX_SIDE];
    let random = || Tensor::f_randn(size, (Kind::Float, device)).map(|matrix| matrix.to_kind(kind));
    let (a, b) = (random()?, random()?);
    let mut best = f64::INFINITY;
    for _ in 0..PRODUCTS {
        synchronize(device);
        let start = Instant::now();
        let _product = a.f_mm(&b).context("multiplying two matrices")?;
        synchronize(device);
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(2.0 * (MATRIX_SIDE as f64).powi(3) / best / 1e9)
}
