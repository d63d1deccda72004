//! Times that mean something: taken once the device is done, and of several the middle one.

use tch::{Cuda, Device, Kind, Tensor};

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

/// The value in the middle; of an even number, the upper one. Not a number where there is none.
pub(super) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}

/// The value that a share of `part` in 0..1 of all lie below.
pub(super) fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (part * values.len() as f64) as usize;
    values
        .get(rank.min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_so_many_lie_below() {
        let mut values: Vec<f64> = (0..100).rev().map(f64::from).collect();
        assert_eq!(median(&mut values), 50.0);
        assert_eq!(percentile(&mut values, 0.99), 99.0);
        assert_eq!(percentile(&mut [7.0], 0.99), 7.0);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert!(median(&mut []).is_nan());
    }
}
