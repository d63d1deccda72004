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
    /// `f32 [B, 23, H/4, W/4]`, on the CPU.
    targets: Tensor,
}

impl Batch {
    /// Renders the scenes of one step.
    pub(super) fn render(scenes: &Scenes, sizes: Sizes, seed: u64, step: usize) -> Self {
        let mut batches = render(scenes, sizes, seed, step..step + 1);
        batches.remove(0)
    }

    pub(super) fn new(first: u64, scenes: Vec<Scene>, targets: &[Vec<f32>]) -> Self {
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

    /// `f32 [B, 23, H/4, W/4]`.
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
            let end = (step + 1).next_multiple_of(Sizes::ROUND).min(steps.end);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;
    use crate::scenes::Split;
    use crate::scenes::material::Material;

    const SEED: u64 = 5;

    fn scenes() -> Scenes {
        Scenes::new(Arc::new(Material::builtin()), Split::Training)
    }

    #[test]
    fn a_batch_holds_the_scenes_of_its_step_and_their_targets() {
        let scenes = scenes();
        // Steps 0 and 1 have four scenes and one.
        let batch = Batch::render(&scenes, Sizes::new(4), SEED, 2);
        assert_eq!((batch.first, batch.scenes.len()), (5, 5));
        let pictures = batch.pictures(Device::Cpu).unwrap();
        let targets = batch.targets(Device::Cpu).unwrap();
        assert_eq!(pictures.size(), [5, 1, 64, 64]);
        assert_eq!(targets.size(), [5, 23, 16, 16]);
        for (at, index) in (5..10).enumerate() {
            let scene = scenes.render(64, SEED, index);
            assert_eq!(batch.scenes[at].grey, scene.grey);
            let picture = Vec::<f32>::try_from(pictures.get(at as i64).view([-1])).unwrap();
            let bytes: Vec<f32> = scene.grey.iter().map(|&byte| f32::from(byte)).collect();
            let pairs = picture.iter().zip(&bytes);
            let differs = pairs.map(|(value, byte)| (value - byte / 255.0).abs());
            assert!(differs.fold(0.0, f32::max) < 1e-6);
            let found = Vec::<f32>::try_from(targets.get(at as i64).view([-1])).unwrap();
            assert_eq!(found, targets::of(&scene));
        }
    }

    #[test]
    fn batches_come_in_the_order_of_their_steps() {
        let scenes = scenes();
        let sizes = Sizes::new(4);
        // From the middle of one round of sizes to that of the next.
        for steps in [4..6, 5..8] {
            let found: Vec<(u64, Vec<u32>)> = thread::scope(|scope| {
                let batches = batches(&scenes, sizes, SEED, steps.clone(), scope).unwrap();
                batches
                    .map(|batch| {
                        let sides = batch.scenes.iter().map(|scene| scene.grey.width());
                        (batch.first, sides.collect())
                    })
                    .collect()
            });
            let expected: Vec<(u64, Vec<u32>)> = match steps.start {
                4 => vec![(14, vec![256]), (15, vec![128; 4])],
                _ => vec![(15, vec![128; 4]), (19, vec![256]), (20, vec![64; 5])],
            };
            assert_eq!(found, expected);
        }
    }
}
