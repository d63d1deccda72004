//! Throughput of training and of inference.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::BenchConfig;
use super::timing::{median, synchronize};
use crate::dataset::Examples;
use crate::model::{Frozen, Net};
use crate::tensors::to_batch;
use crate::trainer::{self, Event, TrainConfig};

/// The maximum number of epochs or passes that are measured.
const REPEATS: usize = 5;

/// No further epoch or pass starts after this time.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Small, so that training on noise does not diverge.
const LEARNING_RATE: f64 = 1e-4;

/// Images per second of [`trainer::train`]: the median epoch, excluding validation.
pub(super) fn training(net: &mut Net, examples: &Examples, config: &BenchConfig) -> Result<f64> {
    let config = TrainConfig {
        // The first is a warm-up.
        epochs: 1 + REPEATS,
        batch_size: config.batch_size,
        precision: config.precision,
        learning_rate: LEARNING_RATE,
        ..TrainConfig::default_for(net.architecture())
    };
    let validation = examples
        .batches(1)
        .next()
        .context("there are no images to train on")?
        .to_device(net.weights().device());
    let mut rates = Vec::new();
    let mut start = Instant::now();
    trainer::train(net, examples, &validation, &config, &mut |event| {
        let Event::Epoch { record, .. } = event else {
            return Ok(ControlFlow::Continue(()));
        };
        if record.epoch == 1 {
            start = Instant::now();
            return Ok(ControlFlow::Continue(()));
        }
        rates.push(record.images_per_second);
        Ok(match start.elapsed() < TIME_LIMIT {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    })
    .context("training on random images")?;
    Ok(median(&mut rates))
}

/// Images per second from stored bytes to logits: the median pass over the examples.
pub(super) fn inference(net: &Frozen, examples: &Examples, batch_size: usize) -> Result<f64> {
    let device = examples.images.device();
    let pass = |batches: usize| {
        let start = Instant::now();
        let mut images = 0;
        for batch in examples.batches(batch_size).take(batches) {
            images += batch.len();
            let _ = net.logits(&to_batch(&batch.images))?;
        }
        synchronize(device);
        anyhow::Ok(images as f64 / start.elapsed().as_secs_f64())
    };
    let _warm_up = pass(2)?;
    let start = Instant::now();
    let mut rates = Vec::new();
    while rates.len() < REPEATS && (rates.is_empty() || start.elapsed() < TIME_LIMIT) {
        rates.push(pass(usize::MAX)?);
    }
    Ok(median(&mut rates))
}
