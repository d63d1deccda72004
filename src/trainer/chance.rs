//! All that chance decides in a training, as functions of its seed and of how far it has come: so it can
//! be resumed anywhere, and what is drawn is the same as if it had never stopped.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The stream of the steps; those before it are the epochs'.
const STEPS: u64 = u64::MAX;

/// What decides an epoch's order and distortions.
pub(super) fn of_epoch(seed: u64, epoch: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch as u64);
    rng
}

/// The seed of dropout in a step, counted from 0 over the whole training.
pub(super) fn of_step(seed: u64, step: usize) -> u64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(STEPS);
    // A seed takes two words.
    rng.set_word_pos(2 * step as u128);
    rng.random()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_step_of_every_training_draws_its_own() {
        let all = (0..4).flat_map(|seed| (0..1000).map(move |step| of_step(seed, step)));
        assert_eq!(all.collect::<HashSet<_>>().len(), 4000);
        assert_eq!(of_step(3, 500), of_step(3, 500));
    }
}
