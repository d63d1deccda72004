//! One step of a reader's training.

use std::thread;

use anyhow::{Result, anyhow, ensure};
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use super::crops::{self, LabelledCrops};
use super::loader::Batch;
use super::loss;
use crate::random::SeededRng;
use crate::reader::{Maps, Reader, crop_batch};
use crate::scenes::Scene;
use crate::tensors::NO_DIGIT;
use crate::trainer::optimizer::{self, OptimizerState};

/// Separates the seeds of crops from those of scenes.
const CROPS: u64 = 0x100c_5eed;

/// Large crop counts are rounded down to a multiple of this: for each new batch size, libraries set
/// up their convolutions again, which on a GPU takes longer than computing them.
const MULTIPLE: usize = 16;

/// Metrics of one step.
pub(super) struct StepMetrics {
    /// The sum of both networks' losses.
    pub(super) loss: f64,
    /// Crops of digits, and how many of them were classified correctly.
    pub(super) digits: usize,
    pub(super) correct: usize,
}

/// One step: the detector trains on the scenes, the second network on crops of them.
pub(super) fn train_step(
    reader: &Reader,
    batch: &Batch,
    optimizer_state: &mut OptimizerState,
    learning_rate: f64,
    seed: u64,
) -> Result<StepMetrics> {
    let device = reader.detector.weights().device();
    let maps = reader.detector.forward_t(&batch.pictures(device)?, true)?;
    let mut loss = loss::detector(&maps, &batch.targets(device)?)?;
    let seen = Maps::of(&maps)?;
    let (scenes, seen, first) = (&batch.scenes, &seen, batch.first);
    let cut = move || labelled_crops(scenes, seen, (seed, first));
    // The networks share no weights: while a GPU computes the gradients of one, the CPU cuts crops
    // for the other. On the CPU, either keeps all cores busy.
    let (crops, labels) = if device == Device::Cpu {
        optimizer::backward(&loss)?;
        cut()
    } else {
        thread::scope(|scope| {
            let crops = scope.spawn(cut);
            optimizer::backward(&loss)?;
            crops.join().map_err(|_| anyhow!("cutting crops panicked"))
        })?
    };
    loss = loss.detach();
    let mut metrics = StepMetrics {
        loss: 0.0,
        digits: 0,
        correct: 0,
    };
    if crops.len() > 1 {
        let labels = Tensor::from_slice(&labels).f_to_device(device)?;
        let logits = reader.crop.forward_t(&crop_batch(&crops, device)?, true)?;
        let crop_loss = loss::crops(&logits, &labels)?;
        optimizer::backward(&crop_loss)?;
        loss += crop_loss.detach();
        let is_digit = labels.lt(NO_DIGIT);
        let correct = logits
            .argmax(1, false)
            .eq_tensor(&labels)
            .logical_and(&is_digit);
        let counts = Tensor::stack(&[is_digit, correct], 0).sum_dim_intlist(1, false, Kind::Int64);
        let counts = Vec::<i64>::try_from(counts)?;
        (metrics.digits, metrics.correct) = (counts[0] as usize, counts[1] as usize);
    }
    optimizer_state.update(learning_rate)?;
    metrics.loss = loss.double_value(&[]);
    ensure!(
        metrics.loss.is_finite(),
        "the loss became NaN or infinite with a learning rate of {learning_rate:.1e}; try a smaller --lr"
    );
    Ok(metrics)
}

/// Labelled crops of all scenes of a batch; `first` is the index of the first scene.
fn labelled_crops(scenes: &[Scene], maps: &[Maps], (seed, first): (u64, u64)) -> LabelledCrops {
    let scenes = scenes.par_iter().zip(maps).enumerate();
    let of_each: Vec<LabelledCrops> = scenes
        .map(|(at, (scene, maps))| {
            let mut rng = SeededRng::new(seed ^ CROPS, first + at as u64);
            let mut labelled = (vec![], vec![]);
            crops::cut(scene, maps, &mut rng, &mut labelled);
            labelled
        })
        .collect();
    let (crops, labels): (Vec<_>, Vec<_>) = of_each.into_iter().unzip();
    let (mut crops, mut labels) = (crops.concat(), labels.concat());
    let kept = match crops.len() {
        count if count < 2 * MULTIPLE => count,
        count => count - count % MULTIPLE,
    };
    crops.truncate(kept);
    labels.truncate(kept);
    (crops, labels)
}
