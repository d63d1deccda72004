//! What the device could do at best: the rate of large matrix products.

use std::time::Instant;

use anyhow::{Context, Result};
use tch::{Cuda, Device, Kind, Tensor};

/// Rows and columns of the matrices.
pub const MATRIX_SIDE: i64 = 2048;

/// The best of so many products counts, since whatever disturbs one only makes it slower.
const PRODUCTS: usize = 12;

/// Rate of products of square matrices in 10⁹ floating-point operations a second.
pub(super) fn matrix_gflops(device: Device, kind: Kind) -> Result<f64> {
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

/// Waits until the device has done all that was asked of it.
pub(super) fn finish(device: Device) {
    match device {
        Device::Cuda(number) => Cuda::synchronize(number as i64),
        Device::Mps => {
            // Work is done in order, and a value that is read is done.
            let _ = Tensor::zeros([1], (Kind::Float, device)).double_value(&[0]);
        }
        Device::Cpu | Device::Vulkan => {}
    }
}
