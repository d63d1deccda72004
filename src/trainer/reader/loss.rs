//! How wrong the two networks are.

use anyhow::Result;
use tch::{Kind, Reduction, TchError, Tensor};

use super::targets;
use crate::reader::maps;
use crate::shim::in_brief;
use crate::tensors::CLASSES;

/// Weight of the box beside the classes.
const BOX: f64 = 0.5;

/// Weight of ink beside the classes.
const INK: f64 = 1.0;

/// What the detector gets wrong, a digit: classes, boxes and ink.
///
/// # Shapes
/// `maps` is `f32 [B, 16, H, W]`, `targets` `f32 [B, 18, H, W]` as [`targets::of`] lays them out.
///
/// # Errors
/// When memory does not suffice.
pub(super) fn detector(maps: &Tensor, targets: &Tensor) -> Result<Tensor> {
    sum_of_parts(maps, targets).map_err(in_brief)
}

fn sum_of_parts(maps: &Tensor, targets: &Tensor) -> Result<Tensor, TchError> {
    let classes = CLASSES as i64;
    let target = targets.f_narrow(1, 0, classes)?;
    let weight = targets.f_narrow(1, classes + 4, 1)?;
    let focal = focal(&maps.f_narrow(1, 0, classes)?, &target)?;
    let class_loss = mean_digit(&(focal * weight), &target)?;

    let box_weight = targets.f_narrow(1, classes + 5, 1)?;
    let apart = maps.f_narrow(1, maps::BOX as i64, 4)? - targets.f_narrow(1, classes, 4)?;
    let places = box_weight.sum(Kind::Float).clamp_min(1.0);
    let box_loss = (apart.f_abs()? * box_weight).f_sum(Kind::Float)? / places;

    let ink = targets.f_narrow(1, targets::INK as i64, 2)?;
    let logits = maps.f_narrow(1, maps::INK as i64, 2)?;
    let ink_loss =
        logits.f_binary_cross_entropy_with_logits::<Tensor>(&ink, None, None, Reduction::Mean)?;
    Ok(class_loss + box_loss * BOX + ink_loss * INK)
}

/// The loss of a digit. Those of a scene with many count less, by the root of their number: a table would else
/// weigh as much as fifty digits alone, which people show far more often.
fn mean_digit(losses: &Tensor, target: &Tensor) -> Result<Tensor, TchError> {
    let of_scene =
        |values: &Tensor| values.f_sum_dim_intlist([1i64, 2, 3].as_slice(), false, Kind::Float);
    let digits = of_scene(&target.ge(1.0).to_kind(Kind::Float))?;
    let weights = digits.clamp_min(1.0).rsqrt();
    let all = (&weights * digits).sum(Kind::Float).clamp_min(1.0);
    Ok((of_scene(losses)? * weights).sum(Kind::Float) / all)
}

/// The penalty-reduced focal loss of each place (Law and Deng, 2018; the exponents are theirs): easy
/// places count little, and those near a middle are blamed less for taking themselves for it.
fn focal(logits: &Tensor, target: &Tensor) -> Result<Tensor, TchError> {
    let share = logits.f_sigmoid()?;
    let middle = target.ge(1.0).to_kind(Kind::Float);
    let hit = share.f_rsub_scalar(1.0)?.square() * logits.f_log_sigmoid()? * &middle;
    let miss = target.f_rsub_scalar(1.0)?.square().square()
        * share.square()
        * (-logits).f_log_sigmoid()?
        * middle.f_rsub_scalar(1.0)?;
    Ok(-(hit + miss))
}

/// What the second network gets wrong, a crop.
///
/// # Shapes
/// `logits` is `f32 [N, 11]`, `labels` `i64 [N]`.
///
/// # Errors
/// When memory does not suffice.
pub(super) fn crops(logits: &Tensor, labels: &Tensor) -> Result<Tensor> {
    // The -100 and 0 are libtorch's own defaults, for targets of another kind.
    logits
        .f_cross_entropy_loss::<Tensor>(labels, None, Reduction::Mean, -100, 0.0)
        .map_err(in_brief)
}
