//! Batches from examples that reside on the device, which augments them itself.

use anyhow::{Context, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use tch::{Device, Tensor};

use super::order::{Batches, Order};
use crate::dataset::Examples;
use crate::dataset::augment;

/// About how many images are augmented at once: enough to keep a device busy, few enough for its
/// memory.
const AT_ONCE: usize = 8192;

/// All examples, as bytes.
pub(super) struct Resident {
    examples: Examples,
}

impl Resident {
    /// # Errors
    /// When the device has no room for them.
    pub(super) fn new(examples: &Examples, device: Device) -> Result<Self> {
        let copy = |tensor: &Tensor| tensor.f_to(device);
        Ok(Self {
            examples: Examples {
                images: copy(&examples.images).context("copying the images to the device")?,
                labels: copy(&examples.labels)?,
            },
        })
    }

    /// Batches in this order. All random numbers are sent to the device before the first one, so
    /// that no batch waits for a transfer.
    ///
    /// # Errors
    /// When the device has no room.
    pub(super) fn batches(&self, order: Order) -> Result<Batches<'_>> {
        let device = self.examples.images.device();
        let indices: Vec<i64> = order.indices.iter().map(|&index| index as i64).collect();
        let indices = Tensor::from_slice(&indices).f_to(device)?;
        let amounts = match order.augmentation {
            None => None,
            Some(augmentation) => {
                let seeds = order.seeds.par_iter();
                let amounts: Vec<_> = seeds
                    .map(|&seed| augmentation.draw(&mut ChaCha8Rng::seed_from_u64(seed)))
                    .collect();
                Some(augment::Batch::new(&amounts, device)?)
            }
        };
        let count = order.indices.len();
        let whole_batches = (AT_ONCE / order.batch_size).max(1) * order.batch_size;
        let parts = (0..count).step_by(whole_batches).map(move |start| {
            let length = whole_batches.min(count - start);
            let indices = indices.f_narrow(0, start as i64, length as i64)?;
            let mut images = self.examples.images.f_index_select(0, &indices)?;
            if let Some(amounts) = &amounts {
                images = amounts.range(start, length)?.apply(&images)?;
            }
            let labels = self.examples.labels.f_index_select(0, &indices)?;
            anyhow::Ok(Examples { images, labels })
        });
        Ok(Box::new(parts.flat_map(move |part| match part {
            Ok(part) => part.batches(order.batch_size).map(Ok).collect(),
            Err(failure) => vec![Err(failure)],
        })))
    }
}
