//! Validation of a reader, on scenes in handwritings that it has not been trained on.

use anyhow::Result;
use rayon::prelude::*;
use tch::{Device, Tensor};

use super::config::BATCH_SIZE;
use super::loader::Batch;
use super::loss;
use super::sizes::Sizes;
use crate::reader::crops::Crop;
use crate::reader::{Detection, FrozenReader, Maps};
use crate::scenes::{Scene, Scenes};
use crate::tensors::NO_DIGIT;

/// The seed of the validation scenes: the same in every run, so that runs can be compared.
const SEED: u64 = 0x7a11_da7e;

/// Detection threshold.
const THRESHOLD: f32 = 0.3;

/// IoU (intersection over union) from which two boxes are the same digit.
const SAME: f32 = 0.5;

/// IoU from which a detection matches a labelled digit.
const MATCH: f32 = 0.3;

/// Results on the validation scenes.
pub(super) struct ValidationMetrics {
    /// Mean of the detector's loss per digit.
    pub(super) loss: f64,
    /// Fraction of the scenes in which every digit was read, and nothing else.
    pub(super) accuracy: f64,
}

/// Validation scenes, kept for the whole run.
pub(super) struct Validation(Vec<Batch>);

impl Validation {
    /// Renders about `count` scenes.
    pub(super) fn render(scenes: &Scenes, count: usize) -> Self {
        let (mut batches, mut rendered) = (vec![], 0);
        while rendered < count {
            let step = batches.len();
            let batch = Batch::render(scenes, Sizes::new(BATCH_SIZE), SEED, step);
            rendered += batch.scenes.len();
            batches.push(batch);
        }
        Self(batches)
    }

    /// Evaluates a reader on them.
    pub(super) fn evaluate(&self, reader: &FrozenReader) -> Result<ValidationMetrics> {
        let (mut losses, mut correct, mut count) = (0.0, 0, 0);
        for batch in &self.0 {
            let pictures: Vec<_> = batch.scenes.iter().map(|scene| &scene.grey).collect();
            let maps = reader.maps(&pictures)?;
            let raw: Vec<Tensor> = maps.iter().map(as_tensor).collect();
            let loss = loss::detector(&Tensor::stack(&raw, 0), &batch.targets(Device::Cpu)?)?;
            losses += loss.double_value(&[]);
            for (scene, read) in batch.scenes.iter().zip(read(&batch.scenes, &maps, reader)?) {
                count += 1;
                correct += usize::from(is_correct(scene, &read));
            }
        }
        Ok(ValidationMetrics {
            loss: losses / self.0.len() as f64,
            accuracy: correct as f64 / count as f64,
        })
    }
}

fn as_tensor(maps: &Maps) -> Tensor {
    let channels = crate::model::architecture::reader::MAPS;
    Tensor::from_slice(&maps.values).view([channels, maps.height as i64, maps.width as i64])
}

/// The digits that are read in each scene, with their boxes.
fn read(
    scenes: &[Scene],
    maps: &[Maps],
    reader: &FrozenReader,
) -> Result<Vec<Vec<(Detection, u8)>>> {
    let seen: Vec<Vec<(Detection, Crop)>> = scenes
        .par_iter()
        .zip(maps)
        .map(|(scene, maps)| {
            let seen = maps.detections(THRESHOLD).into_iter();
            seen.map(|seen| (seen, Crop::cut(&scene.grey, &seen.bounds)))
                .collect()
        })
        .collect();
    let crops: Vec<Crop> = seen.iter().flatten().map(|(_, crop)| *crop).collect();
    let mut answers = reader.classify(&crops)?.into_iter();
    let digits = seen.into_iter().map(|seen| {
        let mut digits: Vec<(Detection, u8)> = vec![];
        for ((seen, _), answers) in seen.into_iter().zip(answers.by_ref()) {
            let best = (0..answers.len()).max_by(|&a, &b| answers[a].total_cmp(&answers[b]));
            let best = best.unwrap_or(0);
            let is_new = || {
                digits
                    .iter()
                    .all(|(other, _)| other.bounds.iou(&seen.bounds) < SAME)
            };
            if best as i64 != NO_DIGIT && is_new() {
                digits.push((seen, best as u8));
            }
        }
        digits
    });
    Ok(digits.collect())
}

/// Whether every readable digit was read, and nothing else.
fn is_correct(scene: &Scene, read: &[(Detection, u8)]) -> bool {
    let mut free: Vec<bool> = vec![true; read.len()];
    for digit in &scene.digits {
        let matches = |index: &usize| {
            let (seen, class) = &read[*index];
            let iou = seen.bounds.iou(&digit.bounds);
            free[*index] && iou >= MATCH && (*class == digit.class || !digit.readable)
        };
        match (0..read.len()).find(matches) {
            Some(index) => free[index] = false,
            None if digit.readable => return false,
            None => {}
        }
    }
    !free.contains(&true)
}
