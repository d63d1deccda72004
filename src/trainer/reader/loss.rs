//! Losses of the two networks.

use anyhow::Result;
use tch::{Kind, Reduction, TchError, Tensor};

use super::targets;
use crate::reader::maps;
use crate::shim::without_backtrace;
use crate::tensors::CLASSES;

/// Weight of the box loss relative to the class loss.
const BOX: f64 = 0.5;

/// Weight of the ink loss relative to the class loss.
const INK: f64 = 1.0;

/// The detector's loss per digit: classes, boxes and ink.
///
/// # Shapes
/// `maps` is `f32 [B, 16, H, W]`, `targets` `f32 [B, 18, H, W]` in the layout of [`targets::of`].
///
/// # Errors
/// When memory runs out.
pub(super) fn detector(maps: &Tensor, targets: &Tensor) -> Result<Tensor> {
    sum_of_parts(maps, targets).map_err(without_backtrace)
}

fn sum_of_parts(maps: &Tensor, targets: &Tensor) -> Result<Tensor, TchError> {
    let classes = CLASSES as i64;
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
/// `logits` is `f32 [N, 11]`, `labels` `i64 [N]`.
///
/// # Errors
/// When memory runs out.
pub(super) fn crops(logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
    // -100 (ignore_index) and 0.0 (label_smoothing) are libtorch's defaults.
    logits
        .f_cross_entropy_loss::<Tensor>(labels, None, Reduction::Mean, -100, 0.0)
        .map_err(without_backtrace)
}
