//! Fits a reader's judge, which decides whether a box is a digit, on rendered scenes.

use anyhow::{Context, Result};
use rayon::prelude::*;
use tch::{Kind, Reduction, Tensor};

use crate::reader::Reader;
use crate::reader::judge::{FEATURES, Judge, WEIGHTS};
use crate::recognizer::judge_inputs;
use crate::scenes::{Bounds, Scene, Scenes};

/// The seed of the scenes to fit on; validation and calibration use others.
const SEED: u64 = 0x1a3d;

/// Scenes of each size, and the sizes: larger ones are read at more pyramid levels.
const SCENES: u64 = 600;
const SIDES: [usize; 4] = [128, 200, 300, 420];

/// Scenes that are read together, to bound memory.
const BATCH: usize = 16;

/// IoU (intersection over union) from which a box matches a digit, and up to which it does not.
const SAME: f32 = 0.4;
const DIFFERENT: f32 = 0.2;

/// Full-batch steps, by which the fit has long converged, and the learning rate.
const STEPS: usize = 1500;
const LEARNING_RATE: f64 = 0.003;

/// L2 penalty, so that rare cases do not dominate.
const WEIGHT_DECAY: f64 = 1e-4;

/// Fits a reader's judge on validation scenes and returns its accuracy there; `None`, and no judge,
/// where the reader finds no box at all.
///
/// # Errors
/// When a network fails.
pub fn fit_judge(reader: &mut Reader, validation: &Scenes) -> Result<Option<f64>> {
    reader.judge = None;
    let frozen = reader.frozen();
    let mut features: Vec<f32> = vec![];
    let mut labels: Vec<f32> = vec![];
    let batches = SIDES
        .into_iter()
        .flat_map(|side| (0..SCENES).step_by(BATCH).map(move |first| (side, first)));
    for (side, first) in batches {
        let indices = (first..(first + BATCH as u64).min(SCENES)).into_par_iter();
        let scenes: Vec<Scene> = indices
            .map(|index| validation.render(side, SEED + side as u64, index))
            .collect();
        let pictures: Vec<_> = scenes.iter().map(|scene| &scene.grey).collect();
        for (scene, boxes) in scenes.iter().zip(judge_inputs(&frozen, &pictures)?) {
            for ((_, inputs), label) in boxes.iter().zip(labels_of(scene, &boxes)) {
                if let Some(label) = label {
                    features.extend_from_slice(inputs);
                    labels.push(f32::from(u8::from(label)));
                }
            }
        }
    }
    // A reader that has hardly learned anything finds no boxes.
    if labels.is_empty() {
        return Ok(None);
    }
    let features = Tensor::from_slice(&features).view([-1, FEATURES as i64]);
    let labels = Tensor::from_slice(&labels);
    let weights = fit(&features, &labels).context("fitting the reader's judge")?;
    let predicted = Judge::logits(&weights, &features).gt(0.0);
    let correct = predicted.eq_tensor(&labels.gt(0.5)).to_kind(Kind::Double);
    reader.judge = Some(Judge::of(&weights)?);
    Ok(Some(correct.mean(Kind::Double).double_value(&[])))
}

/// Full-batch Adam (Kingma and Ba, 2015) from small random weights.
fn fit(features: &Tensor, labels: &Tensor) -> Result<Tensor> {
    let mut rng = crate::random::SeededRng::new(SEED, 0);
    let start: Vec<f32> = (0..WEIGHTS)
        .map(|_| rng.approx_normal(0.2) as f32)
        .collect();
    let mut weights = Tensor::from_slice(&start).set_requires_grad(true);
    let [mut mean, mut square] = [(); 2].map(|()| weights.detach().zeros_like());
    for step in 1..=STEPS {
        let loss = Judge::logits(&weights, features).f_binary_cross_entropy_with_logits::<Tensor>(
            labels,
            None,
            None,
            Reduction::Mean,
        )? + weights.square().sum(Kind::Float) * WEIGHT_DECAY;
        weights.zero_grad();
        loss.f_backward()?;
        tch::no_grad(|| {
            let gradient = weights.grad();
            mean = &mean * 0.9 + &gradient * 0.1;
            square = &square * 0.999 + gradient.square() * 0.001;
            let steps = step as i32;
            let direction = &mean / (1.0 - 0.9_f64.powi(steps));
            let size = (&square / (1.0 - 0.999_f64.powi(steps))).sqrt() + 1e-8;
            weights -= direction / size * LEARNING_RATE;
        });
    }
    Ok(weights.detach())
}

/// Whether each box is a digit; `None` where that is ambiguous. Of several boxes on one digit only
/// the best counts as one.
fn labels_of<T>(scene: &Scene, boxes: &[(Bounds, T)]) -> Vec<Option<bool>> {
    let mut labels: Vec<Option<bool>> = boxes
        .iter()
        .map(|(bounds, _)| {
            let ambiguous = scene
                .digits
                .iter()
                .filter(|digit| !digit.readable)
                .any(|digit| digit.bounds.iou(bounds) > DIFFERENT / 2.0);
            let near = scene
                .digits
                .iter()
                .any(|digit| digit.bounds.iou(bounds) > DIFFERENT);
            (!ambiguous && !near).then_some(false)
        })
        .collect();
    for digit in scene.digits.iter().filter(|digit| digit.readable) {
        let shares = boxes.iter().map(|(bounds, _)| bounds.iou(&digit.bounds));
        let mut near: Vec<(usize, f32)> = shares
            .enumerate()
            .filter(|&(_, share)| share >= SAME)
            .collect();
        near.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        for (rank, (at, _)) in near.into_iter().enumerate() {
            labels[at] = Some(rank == 0);
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::super::samples::{bounds, digit, scene, unreadable};
    use super::*;
    use crate::scenes::Digit;

    const WHOLE: [f32; 4] = [0.0, 0.0, 100.0, 100.0];

    fn labels(digits: Vec<Digit>, boxes: &[[f32; 4]]) -> Vec<Option<bool>> {
        let boxes: Vec<(Bounds, ())> = boxes.iter().map(|&sides| (bounds(sides), ())).collect();
        labels_of(&scene(200, 100, digits), &boxes)
    }

    #[test]
    fn one_box_per_digit_is_positive_and_unreadable_digits_are_ignored() {
        let at = |left: f32| [left, 10.0, left + 20.0, 40.0];
        let digits = vec![digit(3, at(10.0)), unreadable(3, at(80.0))];
        let boxes = [14.0, 10.5, 80.0, 150.0].map(at);
        let expected = [Some(false), Some(true), None, Some(false)];
        assert_eq!(labels(digits, &boxes), expected);
    }

    #[test]
    fn a_box_on_a_part_of_a_digit_is_ambiguous() {
        let label = |sides| labels(vec![digit(3, WHOLE)], &[sides])[0];
        // Intersections over unions of 0.4, 0.39, 0.3, 0.21, 0.2 and 0.
        assert_eq!(label([0.0, 0.0, 40.0, 100.0]), Some(true));
        assert_eq!(label([0.0, 0.0, 50.0, 78.0]), None);
        assert_eq!(label([0.0, 0.0, 50.0, 60.0]), None);
        assert_eq!(label([0.0, 0.0, 50.0, 42.0]), None);
        assert_eq!(label([0.0, 0.0, 50.0, 40.0]), Some(false));
        assert_eq!(label([120.0, 0.0, 150.0, 40.0]), Some(false));
    }

    #[test]
    fn a_box_on_an_unreadable_digit_is_ambiguous() {
        let label = |sides| labels(vec![unreadable(3, WHOLE)], &[sides])[0];
        // Intersections over unions of 1, 0.3, 0.15, 0.1 and 0.
        assert_eq!(label(WHOLE), None);
        assert_eq!(label([0.0, 0.0, 50.0, 60.0]), None);
        assert_eq!(label([0.0, 0.0, 50.0, 30.0]), None);
        assert_eq!(label([0.0, 0.0, 40.0, 25.0]), Some(false));
        assert_eq!(label([120.0, 0.0, 150.0, 40.0]), Some(false));
    }

    /// Examples whose features are all 0.01 for a digit, and all -0.01 for anything else.
    fn examples() -> (Tensor, Tensor) {
        let signs = Tensor::from_slice(&[1f32, -1.0]);
        let features = signs.view([2, 1]) * Tensor::full([1, FEATURES as i64], 0.01, KIND);
        (features, signs.clamp_min(0.0))
    }

    const KIND: (Kind, tch::Device) = (Kind::Float, tch::Device::Cpu);

    #[test]
    fn the_fit_is_that_of_1500_steps_of_adam() {
        let (features, labels) = examples();
        let weights = fit(&features, &labels).unwrap();
        let logits = Judge::logits(&weights, &features);
        let skip = weights.narrow(0, (WEIGHTS - FEATURES) as i64, FEATURES as i64);
        // The values of libtorch's Adam, from the same initial weights.
        for (found, expected) in [
            (logits.double_value(&[0]), 4.8305),
            (logits.double_value(&[1]), -4.8294),
            (skip.mean(Kind::Double).double_value(&[]), 0.5554),
            (weights.square().sum(Kind::Double).double_value(&[]), 276.19),
        ] {
            let differs = (found - expected).abs() / expected.abs();
            assert!(differs < 2e-4, "{found}, not {expected}");
        }
    }
}
