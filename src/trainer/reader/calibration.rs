//! Calibration of a reader: one temperature for its second network.

use anyhow::{Context, Result};
use tch::{Kind, Tensor};

use super::config::BATCH_SIZE;
use super::crops;
use super::loader::Batch;
use super::sizes::Sizes;
use crate::random::SeededRng;
use crate::reader::{Reader, crop_batch};
use crate::scenes::Scenes;
use crate::trainer::calibrate::best_temperature;

/// The seed of the scenes to fit on; each epoch is evaluated on others.
const SEED: u64 = 0x7e4b;

/// Batches of scenes to fit on: about two thousand crops.
const BATCHES: usize = 24;

/// Divides the logits of the second network by the temperature that minimises the cross-entropy on
/// validation scenes, and returns it.
///
/// # Errors
/// When a network fails.
pub fn calibrate_reader(reader: &mut Reader, validation: &Scenes) -> Result<f64> {
    let frozen = reader.frozen();
    let mut rng = SeededRng::new(SEED, 0);
    let mut labelled = (vec![], vec![]);
    for step in 0..BATCHES {
        let batch = Batch::render(validation, Sizes::new(BATCH_SIZE), SEED, step);
        let pictures: Vec<_> = batch.scenes.iter().map(|scene| &scene.grey).collect();
        for (scene, maps) in batch.scenes.iter().zip(frozen.maps(&pictures)?) {
            crops::cut(scene, &maps, &mut rng, &mut labelled);
        }
    }
    let (crops, labels) = labelled;
    let device = reader.crop.weights().device();
    let logits = reader.crop.logits(&crop_batch(&crops, device)?)?;
    let logits = logits.to_kind(Kind::Double);
    let labels = Tensor::from_slice(&labels).to_device(device);
    let temperature = best_temperature(&logits, &labels);
    reader
        .crop
        .divide_logits(temperature)
        .context("calibrating the reader")?;
    Ok(temperature)
}
