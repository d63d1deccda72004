//! Scenes with their targets, rendered by threads while the networks compute.

use std::sync::mpsc::sync_channel;
use std::thread::Scope;

use anyhow::Result;
use rayon::prelude::*;
use tch::{Device, Tensor};

use super::targets;
use crate::model::architecture::reader::STRIDE;
use crate::reader::batch_of;
use crate::scenes::{Scene, Scenes};

/// Batches that wait at most: more would only take memory.
const AHEAD: usize = 3;

/// A batch takes so many pixels, whatever the size of its scenes, unless they are [`MOST`] before.
const PIXELS: usize = 32 * 128 * 128;

/// Scenes of a batch at most: each brings several crops for the second network.
const MOST: usize = 40;

/// Sides of the scenes, in turn: large digits come cheap at the smaller ones, rows and sheets need the
/// largest.
const SIDES: [usize; 5] = [128, 256, 64, 128, 256];

/// Scenes and what the detector is to say of them.
pub(super) struct Batch {
    pub(super) scenes: Vec<Scene>,
    /// Of all scenes, one after the other.
    targets: Vec<f32>,
}

impl Batch {
    /// Renders the scenes `first`, `first + 1`, … of a seed.
    pub(super) fn render(scenes: &Scenes, side: usize, seed: u64, first: u64) -> Self {
        let count = count_of(side);
        let made: Vec<(Scene, Vec<f32>)> = (first..first + count)
            .into_par_iter()
            .map(|index| {
                let scene = scenes.render(side, seed, index);
                let targets = targets::of(&scene);
                (scene, targets)
            })
            .collect();
        let (scenes, targets): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        Self {
            scenes,
            targets: targets.concat(),
        }
    }

    /// `f32 [B, 1, H, W]` in 0..1.
    pub(super) fn pictures(&self) -> Result<Tensor> {
        let pictures: Vec<_> = self.scenes.iter().map(|scene| &scene.grey).collect();
        batch_of(&pictures)
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

/// Scenes of a batch of this side.
fn count_of(side: usize) -> u64 {
    (PIXELS / (side * side)).min(MOST) as u64
}

/// The side of the scenes of a step.
pub(super) fn side_of(step: usize) -> usize {
    SIDES[step % SIDES.len()]
}

/// Scenes before a step.
pub(super) fn scenes_before(step: usize) -> u64 {
    (0..step % SIDES.len())
        .chain((0..SIDES.len()).cycle().take(step - step % SIDES.len()))
        .map(|index| count_of(SIDES[index]))
        .sum()
}

/// The batches of these steps, in order.
pub(super) fn batches<'scope>(
    scenes: &'scope Scenes,
    seed: u64,
    steps: std::ops::Range<usize>,
    scope: &'scope Scope<'scope, '_>,
) -> impl Iterator<Item = Batch> + use<'scope> {
    let (sender, receiver) = sync_channel(AHEAD);
    scope.spawn(move || {
        for step in steps {
            let batch = Batch::render(scenes, side_of(step), seed, scenes_before(step));
            // Whoever trains has ended early where nobody receives.
            if sender.send(batch).is_err() {
                break;
            }
        }
    });
    receiver.into_iter()
}
