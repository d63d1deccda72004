//! The learning rate as a pure function of the step.

use std::f64::consts::PI;

/// The fraction of all steps in which the rate rises.
const WARM_UP: f64 = 0.25;

/// The initial rate, as a fraction of the peak.
const START: f64 = 0.04;

/// The final rate, as a fraction of the peak.
const END: f64 = 0.001;

/// The one-cycle policy (Smith and Topin, 2018): up to `peak` and down to almost nothing, both
/// along half a cosine.
///
/// `step` counts from 0 up to `steps`, exclusive; beyond that the rate stays at its final value.
pub fn one_cycle(step: usize, steps: usize, peak: f64) -> f64 {
    let progress = step as f64 / steps.saturating_sub(1).max(1) as f64;
    if progress < WARM_UP {
        between(peak * START, peak, progress / WARM_UP)
    } else {
        between(peak, peak * END, (progress - WARM_UP) / (1.0 - WARM_UP))
    }
}

/// From `start` to `end` as `progress` goes from 0 to 1, flat at both ends.
fn between(start: f64, end: f64, progress: f64) -> f64 {
    end + (start - end) * 0.5 * (1.0 + (PI * progress.min(1.0)).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_to_its_peak_and_falls_to_its_final_value() {
        let rates: Vec<f64> = (0..=100).map(|step| one_cycle(step, 101, 0.01)).collect();
        assert!((rates[0] - 0.0004).abs() < 1e-12);
        assert!((rates[25] - 0.01).abs() < 1e-12);
        assert!((rates[100] - 0.00001).abs() < 1e-12);
        assert!(rates[..25].is_sorted() && rates[25..].iter().rev().is_sorted());
    }

    #[test]
    fn short_and_overlong_runs_have_a_rate() {
        assert!(one_cycle(0, 1, 0.01) > 0.0);
        assert!(one_cycle(0, 0, 0.01) > 0.0);
        assert!((one_cycle(500, 10, 0.01) - 0.00001).abs() < 1e-12);
    }

    #[test]
    fn halfway_up_and_down_the_rate_is_the_mean_of_both_ends() {
        // Half of the first quarter of the steps, and half of the rest.
        assert!((one_cycle(1, 9, 0.01) - 0.0052).abs() < 1e-12);
        assert!((one_cycle(5, 9, 0.01) - 0.005_005).abs() < 1e-12);
        // A third of each: the cosine is a half.
        assert!((one_cycle(1, 13, 0.01) - 0.0028).abs() < 1e-12);
        assert!((one_cycle(6, 13, 0.01) - 0.007_502_5).abs() < 1e-12);
    }
}
