//! What the device could do at best: the rate of large matrix products.

use std::time::Instant;

use anyhow::{Context, Result};
use tch::{Device, Kind, Tensor};

use super::timing::finish;

/// Rows and columns of the matrices.
pub const MATRIX_SIDE: i64 = 2048;

/// The best of so many products counts, since whatever disturbs one only makes it slower.
const PRODUCTS: usize = 6;

/// Rate of products of square matrices in 10⁹ floating-point operations a second.
pub(super) fn gflops(device: Device, kind: Kind) -> Result<f64> {
    let size = [MATRIX_SIDE, MATRIX_SIDE];
    let random = || Tensor::f_randn(size, (Kind::Float, device)).map(|matrix| matrix.to_kind(kind));
    let (a, b) = (random()?, random()?);
    let mut best = f64::INFINITY;
    for _ in 0..PRODUCTS {
        finish(device);
        let start = Instant::now();
        let _product = a.f_mm(&b).context("multiplying two matrices")?;
        finish(device);
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(2.0 * (MATRIX_SIDE as f64).powi(3) / best / 1e9)
}
