//! One step of a reader's training.

use std::thread;

use anyhow::{Result, anyhow, ensure};
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use super::crops::{self, LabelledCrops};
use super::loader::Batch;
use super::loss;
use crate::characters::NO_CHARACTER;
use crate::random::SeededRng;
use crate::reader::{Maps, Reader, crop_batch};
use crate::scenes::Scene;
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
        let is_digit = labels.lt(NO_CHARACTER);
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

#[cfg(test)]
mod tests {
    use super::super::config::ReaderConfig;
    use super::super::samples::{digit, maps, reader, scene};
    use super::super::targets;
    use super::super::train_loop::TrainLoop;
    use super::*;
    use crate::model::architecture::reader::MAPS;

    /// A seed that has bits in common with [`CROPS`].
    const SEED: u64 = 0x5eed_5eed;

    fn scene_of(class: u8) -> Scene {
        scene(64, 64, vec![digit(class, [10.0, 10.0, 40.0, 50.0])])
    }

    fn batch(scenes: Vec<Scene>) -> Batch {
        let targets: Vec<_> = scenes.iter().map(targets::of).collect();
        Batch::new(7, scenes, &targets)
    }

    /// The loss of a detector whose maps are its bias everywhere.
    fn detector_loss(reader: &Reader, batch: &Batch) -> f64 {
        let bias = reader.detector.weights().variables()["maps.bias"].detach();
        let maps = bias.view([1, MAPS, 1, 1]);
        let maps = maps.expand([batch.scenes.len() as i64, MAPS, 16, 16], false);
        let loss = loss::detector(&maps, &batch.targets(Device::Cpu).unwrap());
        loss.unwrap().double_value(&[])
    }

    fn bias_of(reader: &Reader) -> Tensor {
        reader.crop.weights().variables()["fc1.bias"]
            .detach()
            .copy()
    }

    #[test]
    fn a_step_trains_both_networks_and_counts_digits() {
        let reader = reader(3);
        let mut train_loop = TrainLoop::new(&reader, &ReaderConfig::default()).unwrap();
        let batch = batch(vec![scene_of(3), scene_of(5), scene_of(3)]);
        let nothing = [maps(16), maps(16), maps(16)];
        let (_, labels) = labelled_crops(&batch.scenes, &nothing, (SEED, 7));
        let count = |class: i64| labels.iter().filter(|&&label| label == class).count();
        assert!(count(3) > 0 && count(5) > 0 && count(NO_CHARACTER) > 0);
        let before = bias_of(&reader);
        let logits = before
            .view([1, 16])
            .expand([labels.len() as i64, 16], false);
        let crop_loss = loss::crops(&logits, &Tensor::from_slice(&labels)).unwrap();
        let expected = detector_loss(&reader, &batch) + crop_loss.double_value(&[]);

        let state = &mut train_loop.optimizer_state;
        let found = train_step(&reader, &batch, state, 0.001, SEED).unwrap();
        assert!((found.loss - expected).abs() < 1e-3, "{}", found.loss);
        assert_eq!(
            (found.digits, found.correct),
            (count(3) + count(5), count(3))
        );
        assert_ne!(bias_of(&reader), before);
        let maps = reader.detector.weights().variables()["maps.weight"].detach();
        assert!(maps.abs().max().double_value(&[]) > 1e-4);
    }

    #[test]
    fn a_single_crop_is_left_out() {
        let reader = reader(3);
        let mut train_loop = TrainLoop::new(&reader, &ReaderConfig::default()).unwrap();
        let batch = batch(vec![scene(64, 64, vec![])]);
        assert_eq!(
            labelled_crops(&batch.scenes, &[maps(16)], (1, 7)).1.len(),
            1
        );
        let expected = detector_loss(&reader, &batch);
        let state = &mut train_loop.optimizer_state;
        let found = train_step(&reader, &batch, state, 0.001, 1).unwrap();
        assert!((found.loss - expected).abs() < 1e-3, "{}", found.loss);
        assert_eq!((found.digits, found.correct), (0, 0));
    }

    /// The crops of all scenes, each with its own random numbers.
    fn all_crops(scenes: &[Scene]) -> LabelledCrops {
        let mut all = (vec![], vec![]);
        for (scene, index) in scenes.iter().zip(7..) {
            let mut rng = SeededRng::new(SEED ^ 0x100c_5eed, index);
            crops::cut(scene, &maps(16), &mut rng, &mut all);
        }
        all
    }

    #[test]
    fn few_crops_are_all_kept() {
        let scenes: Vec<_> = (0..9).map(scene_of).collect();
        let nothing: Vec<_> = scenes.iter().map(|_| maps(16)).collect();
        let all = all_crops(&scenes);
        assert!((17..32).contains(&all.0.len()), "{}", all.0.len());
        assert!(labelled_crops(&scenes, &nothing, (SEED, 7)) == all);
    }

    #[test]
    fn many_crops_are_rounded_down_to_a_multiple_of_sixteen() {
        let scenes: Vec<_> = (0..20).map(|at| scene_of(at % 10)).collect();
        let nothing: Vec<_> = scenes.iter().map(|_| maps(16)).collect();
        let (mut crops, mut labels) = all_crops(&scenes);
        assert!((35..46).contains(&crops.len()), "{}", crops.len());
        crops.truncate(32);
        labels.truncate(32);
        assert!(labelled_crops(&scenes, &nothing, (SEED, 7)) == (crops, labels));
    }
}
