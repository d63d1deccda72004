//! Synchronisation with the device, and percentiles of measurements.

use tch::{Cuda, Device, Kind, Tensor};

/// Waits until the device has finished all its work.
pub(super) fn synchronize(device: Device) {
    match device {
        Device::Cuda(number) => Cuda::synchronize(number as i64),
        Device::Mps => {
            // Work is done in order, and reading a value waits for it.
            let _ = Tensor::zeros([1], (Kind::Float, device)).double_value(&[0]);
        }
        Device::Cpu | Device::Vulkan => {}
    }
}

/// The median; of an even number of values, the upper middle one. NaN where there are none.
pub(super) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}

/// The value below which a `fraction` in 0..1 of all values lies.
pub(super) fn percentile(values: &mut [f64], fraction: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (fraction * values.len() as f64) as usize;
    values
        .get(rank.min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_value_that_a_fraction_lies_below() {
        let mut values: Vec<f64> = (0..100).rev().map(f64::from).collect();
        assert_eq!(median(&mut values), 50.0);
        assert_eq!(percentile(&mut values, 0.99), 99.0);
        assert_eq!(percentile(&mut [7.0], 0.99), 7.0);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert!(median(&mut []).is_nan());
    }
}
