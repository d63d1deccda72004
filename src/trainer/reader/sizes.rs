//! The number and size of the scenes in each step.

/// Sides of the scenes, in turn: large digits are cheap at the smaller ones, rows and sheets need
/// the largest.
const SIDES: [usize; 5] = [128, 256, 64, 128, 256];

/// The side that the batch size refers to.
const SIDE: usize = 128;

/// The sizes of all steps of a training.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Scenes of 128×128 pixels in a batch.
    batch_size: usize,
}

impl Sizes {
    /// Steps until the sides repeat.
    pub(super) const ROUND: usize = SIDES.len();

    /// `batch_size` counts scenes of 128×128 pixels, at least 4.
    pub(super) fn new(batch_size: usize) -> Self {
        Self { batch_size }
    }

    /// The side of the scenes of a step.
    pub(super) fn side(step: usize) -> usize {
        SIDES[step % SIDES.len()]
    }

    /// The number of scenes in a step. Batches have the same number of pixels, except those of
    /// small scenes: each scene yields several crops for the second network.
    pub(super) fn count(self, step: usize) -> u64 {
        let side = Self::side(step);
        let count = self.batch_size * SIDE * SIDE / (side * side);
        count.min(self.batch_size * 5 / 4) as u64
    }

    /// The number of scenes in all steps before this one.
    pub(super) fn before(self, step: usize) -> u64 {
        let of = |steps: std::ops::Range<usize>| steps.map(|step| self.count(step)).sum::<u64>();
        (step / Self::ROUND) as u64 * of(0..Self::ROUND) + of(0..step % Self::ROUND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scene_is_repeated_or_skipped() {
        for batch_size in [4, 32, 100] {
            let sizes = Sizes::new(batch_size);
            let mut before = 0;
            for step in 0..23 {
                assert_eq!(sizes.before(step), before);
                assert!(sizes.count(step) > 0);
                before += sizes.count(step);
            }
        }
    }

    #[test]
    fn batches_have_the_same_number_of_pixels_except_those_of_small_scenes() {
        let sizes = Sizes::new(32);
        let found: Vec<_> = (0..7)
            .map(|step| (Sizes::side(step), sizes.count(step)))
            .collect();
        // Small scenes are a quarter more, not four times as many.
        let round = [(128, 32), (256, 8), (64, 40), (128, 32), (256, 8)];
        assert_eq!(found[..5], round);
        assert_eq!(found[5..], round[..2]);
        assert_eq!(Sizes::new(100).count(2), 125);
    }

    #[test]
    fn scenes_are_counted_over_whole_rounds() {
        let sizes = Sizes::new(32);
        let before = [0, 1, 2, 5, 7, 12].map(|step| sizes.before(step));
        assert_eq!(before, [0, 32, 40, 120, 160, 280]);
    }
}
