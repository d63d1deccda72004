//! Batches of one epoch, prepared by threads of their own while the network computes.

use std::sync::mpsc::sync_channel;
use std::thread::Scope;

use anyhow::{Result, ensure};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use tch::{Device, Kind, Tensor};

use crate::dataset::Examples;
use crate::dataset::augment::Augmentation;
use crate::tensors::{PIXELS, images_from_bytes};

/// Batches that wait at most: more would only take memory.
const AHEAD: usize = 4;

/// What is drawn from, as plain bytes that threads can share.
pub(super) struct Source<'a> {
    images: &'a [[u8; PIXELS]],
    labels: Vec<i64>,
    augmentation: Option<Augmentation>,
    batch_size: usize,
    seed: u64,
    device: Device,
}

impl<'a> Source<'a> {
    /// Batches of `batch_size` that lie on `device`; distorted where there is an `augmentation`.
    ///
    /// # Errors
    /// When the images do not lie in the CPU's memory as bytes, one after the other.
    pub(super) fn new(
        examples: &'a Examples,
        augmentation: Option<Augmentation>,
        batch_size: usize,
        seed: u64,
        device: Device,
    ) -> Result<Self> {
        let images = &examples.images;
        let size = images.size();
        ensure!(
            images.device() == Device::Cpu
                && images.kind() == Kind::Uint8
                && images.is_contiguous()
                && size[1..].iter().product::<i64>() == PIXELS as i64,
            "training takes images of 28x28 bytes in the CPU's memory, not {images:?}"
        );
        // SAFETY: so many bytes lie there, as was just checked; they live as long as `examples`, and
        // nothing in this crate writes to images once they are loaded.
        let images = unsafe {
            std::slice::from_raw_parts(images.data_ptr().cast::<[u8; PIXELS]>(), examples.len())
        };
        Ok(Self {
            images,
            labels: Vec::try_from(&examples.labels)?,
            augmentation,
            batch_size,
            seed,
            device,
        })
    }

    /// All examples in a new order, the last batch with what is left.
    ///
    /// Order and distortion come from the seed and `epoch` alone: the same on every device.
    pub(super) fn epoch<'scope>(
        &'scope self,
        epoch: usize,
        scope: &'scope Scope<'scope, '_>,
    ) -> impl Iterator<Item = Examples> {
        let (sender, receiver) = sync_channel::<Batch>(AHEAD);
        scope.spawn(move || {
            let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
            rng.set_stream(epoch as u64);
            let mut order: Vec<usize> = (0..self.images.len()).collect();
            order.shuffle(&mut rng);
            for indices in order.chunks(self.batch_size) {
                // Whoever trains has ended early where nobody receives.
                if sender.send(self.batch(indices, &mut rng)).is_err() {
                    break;
                }
            }
        });
        receiver
            .into_iter()
            .map(|batch| batch.to_device(self.device))
    }

    fn batch(&self, indices: &[usize], rng: &mut ChaCha8Rng) -> Batch {
        let labels: Vec<i64> = indices.iter().map(|&index| self.labels[index]).collect();
        // A seed for each image, so that it does not matter which thread distorts which.
        let seeds: Vec<u64> = indices.iter().map(|_| rng.random()).collect();
        let images: Vec<[u8; PIXELS]> = match self.augmentation {
            None => indices.iter().map(|&index| self.images[index]).collect(),
            Some(augmentation) => indices
                .par_iter()
                .zip(seeds)
                .map(|(&index, seed)| {
                    let mut rng = ChaCha8Rng::seed_from_u64(seed);
                    augmentation.apply(&self.images[index], &mut rng)
                })
                .collect(),
        };
        Batch { images, labels }
    }
}

/// What the threads hand over: no tensors, since a thread that makes one starts libtorch's threads for
/// itself, and where there are more of those than cores, all of them sleep between operations and
/// have to be woken: up to a third of the time of a step.
struct Batch {
    images: Vec<[u8; PIXELS]>,
    labels: Vec<i64>,
}

impl Batch {
    fn to_device(&self, device: Device) -> Examples {
        Examples {
            images: images_from_bytes(self.images.as_flattened()).to_device(device),
            labels: Tensor::from_slice(&self.labels).to_device(device),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Images whose first pixel is their number, which is their label too.
    fn numbered(count: usize) -> Examples {
        let mut pixels = vec![0; count * PIXELS];
        for (number, image) in pixels.chunks_exact_mut(PIXELS).enumerate() {
            image[0] = number as u8;
        }
        Examples {
            images: images_from_bytes(&pixels),
            labels: Tensor::arange(count as i64, (Kind::Int64, Device::Cpu)),
        }
    }

    fn epoch(source: &Source<'_>, epoch: usize) -> Vec<Examples> {
        thread::scope(|scope| source.epoch(epoch, scope).collect())
    }

    fn labels(batches: &[Examples]) -> Vec<Vec<i64>> {
        let labels = batches.iter();
        labels
            .map(|batch| Vec::try_from(&batch.labels).unwrap())
            .collect()
    }

    #[test]
    fn each_epoch_visits_every_image_once_in_new_company() {
        let examples = numbered(10);
        let source = Source::new(&examples, None, 4, 7, Device::Cpu).unwrap();
        let mut first_batches = vec![];
        for number in 1..=2 {
            let batches = epoch(&source, number);
            for batch in &batches {
                let firsts = batch.images.view([-1, PIXELS as i64]).select(1, 0);
                assert_eq!(firsts.to_kind(Kind::Int64), batch.labels);
            }
            let labels = labels(&batches);
            assert_eq!(labels.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
            let mut all = labels.concat();
            all.sort_unstable();
            assert_eq!(all, (0..10).collect::<Vec<_>>());
            let mut first = labels[0].clone();
            first.sort_unstable();
            first_batches.push(first);
        }
        assert_ne!(first_batches[0], first_batches[1]);
    }

    #[test]
    fn seed_and_epoch_decide() {
        let examples = numbered(200);
        let images = |seed, number| {
            let source = Source::new(&examples, Some(Augmentation::WIDE), 64, seed, Device::Cpu);
            let batches = epoch(&source.unwrap(), number);
            Tensor::cat(
                &batches
                    .iter()
                    .map(|batch| &batch.images)
                    .collect::<Vec<_>>(),
                0,
            )
        };
        assert_eq!(images(1, 1), images(1, 1));
        assert_ne!(images(1, 1), images(2, 1));
        assert_ne!(images(1, 1), images(1, 2));
    }

    #[test]
    fn whoever_stops_early_is_not_waited_for() {
        let examples = numbered(250);
        let source = Source::new(&examples, None, 2, 0, Device::Cpu).unwrap();
        thread::scope(|scope| {
            let mut batches = source.epoch(1, scope);
            assert_eq!(batches.next().unwrap().len(), 2);
        });
    }

    #[test]
    fn other_images_are_refused() {
        let examples = Examples {
            images: Tensor::zeros([2, 28, 28], (Kind::Float, Device::Cpu)),
            labels: Tensor::from_slice(&[0i64, 1]),
        };
        assert!(Source::new(&examples, None, 1, 0, Device::Cpu).is_err());
    }
}
