//! Scenes with their targets, rendered by threads while the networks compute.

use std::ops::Range;
use std::sync::mpsc::sync_channel;
use std::thread::Scope;

use anyhow::{Context, Result};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tch::{Device, Tensor};

use super::sizes::Sizes;
use super::targets;
use crate::model::architecture::reader::STRIDE;
use crate::reader::scaled;
use crate::scenes::{Scene, Scenes};

/// The most batches prepared ahead, so that rendering does not stop during validation; more would
/// only take memory.
const PREFETCH: usize = 20;

/// Scenes and the detector's targets for them.
pub(super) struct Batch {
    /// The index of the first scene.
    pub(super) first: u64,
    pub(super) scenes: Vec<Scene>,
    /// `u8 [B, 1, H, W]`, on the CPU.
    pictures: Tensor,
    /// `f32 [B, 18, H/4, W/4]`, on the CPU.
    targets: Tensor,
}

impl Batch {
    /// Renders the scenes of one step.
    pub(super) fn render(scenes: &Scenes, sizes: Sizes, seed: u64, step: usize) -> Self {
        let mut batches = render(scenes, sizes, seed, step..step + 1);
        batches.remove(0)
    }

    fn new(first: u64, scenes: Vec<Scene>, targets: &[Vec<f32>]) -> Self {
        let size = scenes.first().map_or(0, |scene| scene.grey.height());
        let (count, size) = (scenes.len() as i64, i64::from(size));
        let pictures: Vec<&[u8]> = scenes
            .iter()
            .map(|scene| &scene.grey.as_raw()[..])
            .collect();
        let grid = size / STRIDE;
        Self {
            first,
            pictures: Tensor::from_slice(&pictures.concat()).view([count, 1, size, size]),
            targets: Tensor::from_slice(&targets.concat()).view([
                count,
                targets::CHANNELS as i64,
                grid,
                grid,
            ]),
            scenes,
        }
    }

    /// `f32 [B, 1, H, W]` in 0..1.
    pub(super) fn pictures(&self, device: Device) -> Result<Tensor> {
        scaled(&self.pictures, device)
    }

    /// `f32 [B, 18, H/4, W/4]`.
    pub(super) fn targets(&self, device: Device) -> Result<Tensor> {
        Ok(self.targets.f_to_device(device)?)
    }
}

/// Renders the scenes of several steps at once: one step at a time, threads would wait for the
/// slowest scene of each.
fn render(scenes: &Scenes, sizes: Sizes, seed: u64, steps: Range<usize>) -> Vec<Batch> {
    let requested: Vec<(usize, u64)> = steps
        .clone()
        .flat_map(|step| {
            let first = sizes.before(step);
            let indices = first..first + sizes.count(step);
            indices.map(move |index| (Sizes::side(step), index))
        })
        .collect();
    let rendered: Vec<(Scene, Vec<f32>)> = requested
        .into_par_iter()
        .with_max_len(1)
        .map(|(side, index)| {
            let scene = scenes.render(side, seed, index);
            let targets = targets::of(&scene);
            (scene, targets)
        })
        .collect();
    let mut rendered = rendered.into_iter();
    let batch = |step| {
        let batch = rendered.by_ref().take(sizes.count(step) as usize);
        let (scenes, targets): (Vec<_>, Vec<_>) = batch.unzip();
        Batch::new(sizes.before(step), scenes, &targets)
    };
    steps.map(batch).collect()
}

/// The batches of these steps, in order.
///
/// # Errors
/// When no threads can be started.
pub(super) fn batches<'scope>(
    scenes: &'scope Scenes,
    sizes: Sizes,
    seed: u64,
    steps: Range<usize>,
    scope: &'scope Scope<'scope, '_>,
) -> Result<impl Iterator<Item = Batch> + use<'scope>> {
    // A separate pool: otherwise the work of a step would wait for a whole round of scenes.
    let pool: ThreadPool = ThreadPoolBuilder::new()
        .num_threads(rayon::current_num_threads())
        .build()
        .context("starting the threads that render scenes")?;
    let (sender, receiver) = sync_channel(PREFETCH);
    scope.spawn(move || {
        let mut step = steps.start;
        while step < steps.end {
            let end = (step - step % Sizes::ROUND + Sizes::ROUND).min(steps.end);
            for batch in pool.install(|| render(scenes, sizes, seed, step..end)) {
                // The receiver is gone: training has ended early.
                if sender.send(batch).is_err() {
                    return;
                }
            }
            step = end;
        }
    });
    Ok(receiver.into_iter())
}
