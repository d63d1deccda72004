//! Losses of the two networks.

use anyhow::Result;
use tch::{Kind, Reduction, TchError, Tensor};

use super::targets;
use crate::characters::CHARACTERS;
use crate::reader::maps;
use crate::shim::without_backtrace;

/// Weight of the box loss relative to the class loss.
const BOX: f64 = 0.5;

/// Weight of the ink loss relative to the class loss.
const INK: f64 = 1.0;

/// The detector's loss per digit: classes, boxes and ink.
///
/// # Shapes
/// `maps` is `f32 [B, 21, H, W]`, `targets` `f32 [B, 23, H, W]` in the layout of [`targets::of`].
///
/// # Errors
/// When memory runs out.
pub(super) fn detector(maps: &Tensor, targets: &Tensor) -> Result<Tensor> {
    sum_of_parts(maps, targets).map_err(without_backtrace)
}

fn sum_of_parts(maps: &Tensor, targets: &Tensor) -> Result<Tensor, TchError> {
    let classes = CHARACTERS as i64;
    let target = targets.f_narrow(1, 0, classes)?;
    let weight = targets.f_narrow(1, classes + 4, 1)?;
    let focal = focal(&maps.f_narrow(1, 0, classes)?, &target)?;
    let class_loss = mean_per_digit(&(focal * weight), &target)?;

    let box_weight = targets.f_narrow(1, classes + 5, 1)?;
    let difference = maps.f_narrow(1, maps::BOX as i64, 4)? - targets.f_narrow(1, classes, 4)?;
    let total_weight = box_weight.sum(Kind::Float).clamp_min(1.0);
    let box_loss = (difference.f_abs()? * box_weight).f_sum(Kind::Float)? / total_weight;

    let ink = targets.f_narrow(1, targets::INK as i64, 2)?;
    let logits = maps.f_narrow(1, maps::INK as i64, 2)?;
    let ink_loss =
        logits.f_binary_cross_entropy_with_logits::<Tensor>(&ink, None, None, Reduction::Mean)?;
    Ok(class_loss + box_loss * BOX + ink_loss * INK)
}

/// The mean loss per digit. The digits of a scene are weighted by one over the root of their
/// number: otherwise a table would weigh as much as fifty single digits, which people show far more
/// often.
fn mean_per_digit(losses: &Tensor, target: &Tensor) -> Result<Tensor, TchError> {
    let of_scene =
        |values: &Tensor| values.f_sum_dim_intlist([1i64, 2, 3].as_slice(), false, Kind::Float);
    let digits = of_scene(&target.ge(1.0).to_kind(Kind::Float))?;
    let weights = digits.clamp_min(1.0).rsqrt();
    let all = (&weights * digits).sum(Kind::Float).clamp_min(1.0);
    Ok((of_scene(losses)? * weights).sum(Kind::Float) / all)
}

/// The penalty-reduced focal loss of each cell (Law and Deng, 2018, with their exponents): easy
/// cells count little, and false positives near a centre are penalised less.
fn focal(logits: &Tensor, target: &Tensor) -> Result<Tensor, TchError> {
    let probability = logits.f_sigmoid()?;
    let centre = target.ge(1.0).to_kind(Kind::Float);
    let positive = probability.f_rsub_scalar(1.0)?.square() * logits.f_log_sigmoid()? * &centre;
    let negative = target.f_rsub_scalar(1.0)?.square().square()
        * probability.square()
        * (-logits).f_log_sigmoid()?
        * centre.f_rsub_scalar(1.0)?;
    Ok(-(positive + negative))
}

/// The second network's mean loss per crop.
///
/// # Shapes
/// `logits` is `f32 [N, 16]`, `labels` `i64 [N]`.
///
/// # Errors
/// When memory runs out.
pub(super) fn crops(logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
    // -100 (ignore_index) and 0.0 (label_smoothing) are libtorch's defaults.
    logits
        .f_cross_entropy_loss::<Tensor>(labels, None, Reduction::Mean, -100, 0.0)
        .map_err(without_backtrace)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two scenes of two cells: the first has four digits, all in its first cell, the second none.
    fn example() -> (Vec<f64>, Vec<f64>) {
        let maps = (0..2 * 21 * 2)
            .map(|at| f64::from(at * 7 % 13) / 4.0 - 1.3)
            .collect();
        let mut targets: Vec<f64> = (0..2 * 23 * 2)
            .map(|at| f64::from(at * 5 % 11) / 12.0)
            .collect();
        for class in [0, 2, 3, 7] {
            targets[2 * class] = 1.0;
        }
        (maps, targets)
    }

    fn tensor(values: &[f64], channels: i64) -> Tensor {
        Tensor::from_slice(values)
            .to_kind(Kind::Float)
            .view([-1, channels, 1, 2])
    }

    fn sigmoid(logit: f64) -> f64 {
        1.0 / (1.0 + (-logit).exp())
    }

    /// The focal loss of one cell.
    fn focal_of(logit: f64, target: f64) -> f64 {
        let probability = sigmoid(logit);
        if target == 1.0 {
            -(1.0 - probability).powi(2) * probability.ln()
        } else {
            -(1.0 - target).powi(4) * probability.powi(2) * (1.0 - probability).ln()
        }
    }

    fn assert_near(found: &Tensor, expected: f64) {
        let found = found.double_value(&[]);
        assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
    }

    #[test]
    fn easy_cells_and_those_near_a_centre_count_little() {
        let logits = [1.5, -0.5, 1.5, -2.0, 0.3, 0.3];
        let targets = [1.0, 1.0, 0.0, 0.0, 0.5, 0.95];
        let of = |values: &[f64]| Tensor::from_slice(values).to_kind(Kind::Float);
        let found = focal(&of(&logits), &of(&targets)).unwrap();
        // 0.182² × 0.201, 0.622² × 0.974, 0.818² × 1.701, 0.119² × 0.127, and 0.574² × 0.854 by
        // 0.5⁴ and by 0.05⁴.
        let expected = [0.00670, 0.37743, 1.13727, 0.00180, 0.01761, 0.0000018];
        for (at, expected) in expected.into_iter().enumerate() {
            let found = found.double_value(&[at as i64]);
            assert!((found - expected).abs() < 2e-5, "{found}, not {expected}");
        }
    }

    #[test]
    fn a_scene_weighs_as_much_as_the_root_of_its_number_of_digits() {
        let mut targets = vec![0.0; 2 * 23 * 2];
        for class in [0, 2, 3, 7] {
            targets[2 * class] = 1.0;
        }
        let target = tensor(&targets, 23).narrow(1, 0, 15);
        let losses = Tensor::cat(
            &[
                target.narrow(0, 0, 1).full_like(0.3),
                target.narrow(0, 1, 1).full_like(0.1),
            ],
            0,
        );
        // Losses of 30 × 0.3 and 30 × 0.1 with weights of 1/2 and 1, for four digits of weight 1/2.
        let found = mean_per_digit(&losses, &target).unwrap();
        assert_near(&found, (4.5 + 3.0) / 2.0);
        // Without any digit, it is the sum.
        let none = target.zeros_like();
        assert_near(&mean_per_digit(&losses, &none).unwrap(), 12.0);
    }

    #[test]
    fn the_detector_learns_classes_boxes_and_ink() {
        let (maps, targets) = example();
        let (mut classes, mut boxes, mut box_weights, mut ink) = (0.0, 0.0, 0.0, 0.0);
        for scene in 0..2 {
            for cell in 0..2 {
                let map = |channel: usize| maps[(scene * 21 + channel) * 2 + cell];
                let target = |channel: usize| targets[(scene * 23 + channel) * 2 + cell];
                for class in 0..15 {
                    // One over the root of four digits; the other scene has none.
                    let weight = [0.5, 1.0][scene] * target(19);
                    classes += focal_of(map(class), target(class)) * weight;
                }
                for channel in 15..19 {
                    boxes += (map(channel) - target(channel)).abs() * target(20);
                }
                box_weights += target(20);
                for channel in 0..2 {
                    let (logit, share) = (map(19 + channel), target(21 + channel));
                    let probability = sigmoid(logit);
                    ink -= share * probability.ln() + (1.0 - share) * (1.0 - probability).ln();
                }
            }
        }
        // Four digits of weight 1/2; two scenes of two cells with two kinds of ink.
        assert!(box_weights > 1.05, "{box_weights}");
        let expected = classes / 2.0 + 0.5 * boxes / box_weights + ink / 8.0;
        let found = detector(&tensor(&maps, 21), &tensor(&targets, 23)).unwrap();
        assert_near(&found, expected);
    }

    #[test]
    fn crops_are_classified_by_cross_entropy() {
        let logits = Tensor::zeros([2, 11], (Kind::Float, tch::Device::Cpu));
        let _ = logits.narrow(0, 0, 1).narrow(1, 4, 1).fill_(3.0);
        let labels = |labels: &[i64]| Tensor::from_slice(labels);
        // 3 nats of 11 logits: e³ + 10 for the first crop, 11 for the second.
        let found = crops(&logits, &labels(&[4, 10])).unwrap();
        let first = (3f64.exp() + 10.0).ln() - 3.0;
        assert_near(&found, (first + 11f64.ln()) / 2.0);
        // A label that does not exist is not passed over.
        assert!(crops(&logits, &labels(&[4, 100])).is_err());
    }
}
