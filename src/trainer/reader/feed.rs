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
use crate::reader::batch_of;
use crate::scenes::{Scene, Scenes};

/// Batches that wait at most: enough for what a GPU learns from while an epoch is measured.
const AHEAD: usize = 20;

/// Scenes and what the detector is to say of them.
pub(super) struct Batch {
    /// The index of the first scene.
    pub(super) first: u64,
    pub(super) scenes: Vec<Scene>,
    /// Of all scenes, one after the other.
    targets: Vec<f32>,
}

impl Batch {
    /// Renders the scenes of one step of a seed.
    pub(super) fn render(scenes: &Scenes, sizes: Sizes, seed: u64, step: usize) -> Self {
        let mut batches = render(scenes, sizes, seed, step..step + 1);
        batches.remove(0)
    }

    /// `f32 [B, 1, H, W]` in 0..1.
    pub(super) fn pictures(&self, device: Device) -> Result<Tensor> {
        let pictures: Vec<_> = self.scenes.iter().map(|scene| &scene.grey).collect();
        batch_of(&pictures, device)
    }

    /// `f32 [B, 18, H/4, W/4]`.
    pub(super) fn targets(&self, device: Device) -> Tensor {
        let count = self.scenes.len() as i64;
        let side = self
            .scenes
            .first()
            .map_or(0, |scene| i64::from(scene.grey.height()) / STRIDE);
        let size = [count, targets::CHANNELS as i64, side, side];
        Tensor::from_slice(&self.targets)
            .view(size)
            .to_device(device)
    }
}

/// Renders the scenes of several steps at once: at the end of each step alone threads would wait for the
/// slowest scene.
fn render(scenes: &Scenes, sizes: Sizes, seed: u64, steps: Range<usize>) -> Vec<Batch> {
    let wanted: Vec<(usize, u64)> = steps
        .clone()
        .flat_map(|step| {
            let first = sizes.before(step);
            let indices = first..first + sizes.count(step);
            indices.map(move |index| (Sizes::side(step), index))
        })
        .collect();
    let rendered: Vec<(Scene, Vec<f32>)> = wanted
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
        Batch {
            first: sizes.before(step),
            scenes,
            targets: targets.concat(),
        }
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
    // Threads of its own: what a step needs at once would else wait for a whole round of scenes.
    let pool: ThreadPool = ThreadPoolBuilder::new()
        .num_threads(rayon::current_num_threads())
        .build()
        .context("starting the threads that render scenes")?;
    let (sender, receiver) = sync_channel(AHEAD);
    scope.spawn(move || {
        let mut step = steps.start;
        while step < steps.end {
            let end = (step - step % Sizes::ROUND + Sizes::ROUND).min(steps.end);
            for batch in pool.install(|| render(scenes, sizes, seed, step..end)) {
                // Whoever trains has ended early where nobody receives.
                if sender.send(batch).is_err() {
                    return;
                }
            }
            step = end;
        }
    });
    Ok(receiver.into_iter())
}
