//! Calibration of confidence: one temperature, fitted on the validation split.

use anyhow::{Context, Result};
use tch::{Kind, Tensor};

use super::evaluate::BATCH;
use crate::dataset::Examples;
use crate::model::Net;
use crate::tensors::to_batch;

/// Lower and upper limit of the temperature: on a split that is too small, or classified without a
/// mistake, the optimum is meaningless.
const BOUNDS: (f64, f64) = (0.5, 4.0);

/// Steps of the golden-section search.
const STEPS: usize = 40;

/// Divides the network's logits by the temperature that minimises the cross-entropy on
/// `validation`, and returns it (temperature scaling: Guo and others, "On Calibration of Modern
/// Neural Networks", 2017).
///
/// Predictions do not change, only their confidence. The factor is folded into the last layer, so
/// that exports include it.
///
/// # Errors
/// When `validation` is empty.
pub fn calibrate(net: &mut Net, validation: &Examples) -> Result<f64> {
    let frozen = net.frozen();
    let logits: Vec<Tensor> = validation
        .batches(BATCH)
        .map(|batch| frozen.logits(&to_batch(&batch.images)))
        .collect::<Result<_>>()?;
    anyhow::ensure!(!logits.is_empty(), "there are no images to calibrate on");
    let logits = Tensor::cat(&logits, 0).to_kind(Kind::Double);
    let temperature = best_temperature(&logits, &validation.labels);
    net.divide_logits(temperature).context("calibrating")?;
    Ok(temperature)
}

/// The temperature in [`BOUNDS`] with the lowest cross-entropy, which has a single minimum.
///
/// # Shapes
/// `f64 [N, C]` and `i64 [N]`.
pub(super) fn best_temperature(logits: &Tensor, labels: &Tensor) -> f64 {
    let loss = |log: f64| {
        let scaled = logits / log.exp();
        let log_probabilities = scaled.log_softmax(1, Kind::Double);
        log_probabilities.nll_loss(labels).double_value(&[])
    };
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (BOUNDS.0.ln(), BOUNDS.1.ln());
    for _ in 0..STEPS {
        let reach = golden * (high - low);
        if loss(high - reach) < loss(low + reach) {
            high = low + reach;
        } else {
            low = high - reach;
        }
    }
    ((low + high) / 2.0).exp()
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::model::Architecture;

    /// Logits that are correct for a fraction `accuracy` of 1,000 images, with this `logit` for the
    /// predicted class.
    fn confident(accuracy: f64, logit: f64) -> (Tensor, Tensor) {
        let labels: Vec<i64> = (0..1000)
            .map(|image| i64::from((image as f64) >= accuracy * 1000.0))
            .collect();
        let logits = Tensor::zeros([1000, 10], (Kind::Double, Device::Cpu));
        let _ = logits.narrow(1, 0, 1).fill_(logit);
        (logits, Tensor::from_slice(&labels))
    }

    #[test]
    fn the_temperature_makes_confidence_equal_accuracy() {
        for logit in [3.0, 5.0, 9.0] {
            let (logits, labels) = confident(0.8, logit);
            let temperature = best_temperature(&logits, &labels);
            let confidence = (logits / temperature)
                .softmax(1, Kind::Double)
                .double_value(&[0, 0]);
            assert!((confidence - 0.8).abs() < 1e-6, "{confidence}");
        }
        let (logits, labels) = confident(1.0, 9.0);
        let lowest = best_temperature(&logits, &labels);
        assert!((lowest - BOUNDS.0).abs() < 1e-6, "{lowest}");
        // Confident, and usually wrong.
        let (logits, labels) = confident(0.05, 9.0);
        let highest = best_temperature(&logits, &labels);
        assert!((highest - BOUNDS.1).abs() < 1e-6, "{highest}");
    }

    #[test]
    fn calibration_divides_the_logits_by_the_temperature() {
        let images = Tensor::randint(256, [50, 28, 28], (Kind::Uint8, Device::Cpu));
        let batch = to_batch(&images);
        for architecture in [Architecture::Cnn, Architecture::Mlp { hidden: vec![] }] {
            let mut net = Net::new(&architecture, 0, Device::Cpu).unwrap();
            let before = net.logits(&batch).unwrap();
            let labels = Tensor::arange(50, (Kind::Int64, Device::Cpu)).remainder(10);
            let examples = Examples {
                images: images.shallow_clone(),
                labels,
            };
            let expected = best_temperature(&before.to_kind(Kind::Double), &examples.labels);
            let temperature = calibrate(&mut net, &examples).unwrap();
            assert!((temperature - expected).abs() < 1e-3, "{temperature}");
            assert!((temperature - 1.0).abs() > 0.1, "{temperature}");
            let difference = net.logits(&batch).unwrap() * temperature - before;
            assert!(difference.abs().max().double_value(&[]) < 1e-4);
        }
    }
}
