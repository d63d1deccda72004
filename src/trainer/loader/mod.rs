//! The data loader: prepares batches while the network computes, on threads for the CPU, on the
//! device itself otherwise.

mod order;
mod prefetch;
mod resident;

use std::thread::Scope;

use anyhow::Result;
use tch::Device;

use super::seeds;
use crate::dataset::Examples;
use crate::dataset::augment::Augmentation;
use order::{Batches, Order};
use prefetch::Prefetcher;
use resident::Resident;

/// Draws the batches of each epoch.
pub(super) struct DataLoader {
    backend: Backend,
    count: usize,
    augmentation: Option<Augmentation>,
    batch_size: usize,
    seed: u64,
}

enum Backend {
    Prefetcher(Prefetcher),
    Resident(Resident),
}

impl DataLoader {
    /// Batches of `batch_size` on `device`, augmented if there is an `augmentation`.
    ///
    /// # Errors
    /// When the images are not bytes in the CPU's memory, or the device has no room for them.
    pub(super) fn new(
        examples: &Examples,
        augmentation: Option<Augmentation>,
        batch_size: usize,
        seed: u64,
        device: Device,
    ) -> Result<Self> {
        Ok(Self {
            backend: match device {
                Device::Cpu => Backend::Prefetcher(Prefetcher::new(examples)?),
                _ => Backend::Resident(Resident::new(examples, device)?),
            },
            count: examples.len(),
            augmentation,
            batch_size,
            seed,
        })
    }

    /// All examples, shuffled, without the first `skipped` batches; the last batch may be smaller.
    ///
    /// Order and augmentation depend on the seed and `epoch` alone, not on the device.
    pub(super) fn epoch<'scope>(
        &'scope self,
        epoch: usize,
        skipped: usize,
        scope: &'scope Scope<'scope, '_>,
    ) -> Result<Batches<'scope>> {
        let order = Order::draw(
            self.count,
            self.augmentation,
            self.batch_size,
            seeds::epoch_rng(self.seed, epoch),
        )
        .without(skipped);
        Ok(match &self.backend {
            Backend::Prefetcher(prefetcher) => prefetcher.batches(order, scope),
            Backend::Resident(resident) => resident.batches(order)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use tch::{Kind, Tensor};

    use super::*;
    use crate::dataset::synthetic;
    use crate::tensors::{PIXELS, images_from_bytes};

    /// Images whose first pixel is their index, which is also their label.
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

    fn epoch(source: &DataLoader, epoch: usize) -> Vec<Examples> {
        thread::scope(|scope| {
            source
                .epoch(epoch, 0, scope)
                .unwrap()
                .map(Result::unwrap)
                .collect()
        })
    }

    fn labels(batches: &[Examples]) -> Vec<Vec<i64>> {
        let labels = batches.iter();
        labels
            .map(|batch| Vec::try_from(&batch.labels).unwrap())
            .collect()
    }

    #[test]
    fn each_epoch_visits_every_image_once_in_a_new_order() {
        let examples = numbered(10);
        let source = DataLoader::new(&examples, None, 4, 7, Device::Cpu).unwrap();
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
    fn seed_and_epoch_determine_the_images() {
        let examples = numbered(200);
        let images = |seed, number| {
            let source =
                DataLoader::new(&examples, Some(Augmentation::WIDE), 64, seed, Device::Cpu);
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
    fn an_epoch_resumes_where_it_was_interrupted() {
        let examples = numbered(50);
        let source =
            DataLoader::new(&examples, Some(Augmentation::WIDE), 8, 1, Device::Cpu).unwrap();
        let whole = epoch(&source, 3);
        for skipped in [0, 1, 5, 7] {
            let rest: Vec<Examples> = thread::scope(|scope| {
                let batches = source.epoch(3, skipped, scope).unwrap();
                batches.map(Result::unwrap).collect()
            });
            assert_eq!(rest.len(), whole.len() - skipped);
            for (ours, theirs) in rest.iter().zip(&whole[skipped..]) {
                assert_eq!(
                    (&ours.images, &ours.labels),
                    (&theirs.images, &theirs.labels)
                );
            }
        }
    }

    #[test]
    fn an_epoch_can_be_abandoned_early() {
        let examples = numbered(250);
        let source = DataLoader::new(&examples, None, 2, 0, Device::Cpu).unwrap();
        thread::scope(|scope| {
            let mut batches = source.epoch(1, 0, scope).unwrap();
            assert_eq!(batches.next().unwrap().unwrap().len(), 2);
        });
    }

    #[test]
    fn images_of_another_type_are_refused() {
        let examples = Examples {
            images: Tensor::zeros([2, 28, 28], (Kind::Float, Device::Cpu)),
            labels: Tensor::from_slice(&[0i64, 1]),
        };
        assert!(DataLoader::new(&examples, None, 1, 0, Device::Cpu).is_err());
    }

    /// The CPU stands in for a device here: its tensor operations are the same.
    #[test]
    fn augmentation_on_a_device_matches_the_cpu() {
        let digits = synthetic::digits(300, 5);
        let examples = Examples {
            images: images_from_bytes(&digits.pixels),
            labels: Tensor::from_slice(&digits.labels).to_kind(Kind::Int64),
        };
        for augmentation in [None, Some(Augmentation::LIGHT), Some(Augmentation::WIDE)] {
            let mut source = DataLoader::new(&examples, augmentation, 64, 3, Device::Cpu).unwrap();
            let prefetched = epoch(&source, 2);
            source.backend = Backend::Resident(Resident::new(&examples, Device::Cpu).unwrap());
            let resident = epoch(&source, 2);
            assert_eq!(labels(&prefetched), labels(&resident));
            for (ours, theirs) in prefetched.iter().zip(&resident) {
                let apart = ours.images.to_kind(Kind::Int) - theirs.images.to_kind(Kind::Int);
                let apart = apart.abs();
                assert!(apart.max().int64_value(&[]) <= 1, "{augmentation:?}");
                assert!(
                    apart.mean(Kind::Float).double_value(&[]) < 0.01,
                    "{augmentation:?}"
                );
            }
        }
    }
}
