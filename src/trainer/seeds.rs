//! Random state of a training run as a function of its seed and its progress, so that a resumed run
//! draws the same numbers as an uninterrupted one.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The stream for the steps; lower streams belong to the epochs.
const STEPS: u64 = u64::MAX;

/// The generator for an epoch's order and augmentation.
pub(super) fn epoch_rng(seed: u64, epoch: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch as u64);
    rng
}

/// The dropout seed of a step, counted from 0 over the whole training run.
pub(super) fn dropout_seed(seed: u64, step: usize) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(STEPS);
    // Each seed uses two words.
    rng.set_word_pos(2 * step as u128);
    rng.random()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_step_of_every_run_has_its_own_seed() {
        let all = (0..4).flat_map(|seed| (0..1000).map(move |step| dropout_seed(seed, step)));
        assert_eq!(all.collect::<HashSet<_>>().len(), 4000);
        assert_eq!(dropout_seed(3, 500), dropout_seed(3, 500));
    }
}
