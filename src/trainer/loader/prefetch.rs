//! Batches that CPU threads prepare ahead.

use std::sync::mpsc::sync_channel;
use std::thread::Scope;

use anyhow::{Context, Result, ensure};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use super::order::{Batches, Order};
use crate::dataset::Examples;
use crate::dataset::augment::Augmentation;
use crate::tensors::{PIXELS, images_from_bytes};

/// The most batches prepared ahead: more would only take memory.
const PREFETCH: usize = 4;

/// All examples, copied as plain bytes that threads can share: a tensor's data may change through
/// any shallow clone of it.
pub(super) struct Prefetcher {
    images: Vec<[u8; PIXELS]>,
    labels: Vec<i64>,
}

/// What the threads pass on: no tensors, since a thread that creates one starts its own pool of
/// libtorch threads. With more of those than cores, all of them sleep between operations, and
/// waking them takes up to a third of a step's time.
struct Batch {
    images: Vec<[u8; PIXELS]>,
    labels: Vec<i64>,
}

impl Prefetcher {
    /// # Errors
    /// When the images are not 28×28 bytes in the CPU's memory.
    pub(super) fn new(examples: &Examples) -> Result<Self> {
        let images = &examples.images;
        let size = images.size();
        ensure!(
            images.device() == Device::Cpu
                && images.kind() == Kind::Uint8
                && size[1..].iter().product::<i64>() == PIXELS as i64,
            "training takes images of 28x28 bytes in the CPU's memory, not {images:?}"
        );
        let mut bytes = vec![[0; PIXELS]; examples.len()];
        images
            .f_copy_data_u8(bytes.as_flattened_mut(), images.numel())
            .context("copying the images")?;
        let images = bytes;
        Ok(Self {
            images,
            labels: Vec::try_from(&examples.labels)?,
        })
    }

    /// Batches in this order.
    pub(super) fn batches<'scope>(
        &'scope self,
        order: Order,
        scope: &'scope Scope<'scope, '_>,
    ) -> Batches<'scope> {
        let (sender, receiver) = sync_channel::<Batch>(PREFETCH);
        scope.spawn(move || {
            let seeds = order.seeds.chunks(order.batch_size);
            for (indices, seeds) in order.indices.chunks(order.batch_size).zip(seeds) {
                let batch = self.batch(indices, seeds, order.augmentation.as_ref());
                // The receiver is gone: training has ended early.
                if sender.send(batch).is_err() {
                    break;
                }
            }
        });
        Box::new(receiver.into_iter().map(|batch| {
            Ok(Examples {
                images: images_from_bytes(batch.images.as_flattened()),
                labels: Tensor::from_slice(&batch.labels),
            })
        }))
    }

    fn batch(
        &self,
        indices: &[usize],
        seeds: &[u64],
        augmentation: Option<&Augmentation>,
    ) -> Batch {
        let labels = indices.iter().map(|&index| self.labels[index]).collect();
        let images = match augmentation {
            None => indices.iter().map(|&index| self.images[index]).collect(),
            Some(augmentation) => indices
                .par_iter()
                .zip(seeds)
                .map(|(&index, &seed)| {
                    let amounts = augmentation.draw(&mut ChaCha8Rng::seed_from_u64(seed));
                    amounts.apply(&self.images[index])
                })
                .collect(),
        };
        Batch { images, labels }
    }
}
