//! Which epoch's weights are kept.

use tch::Tensor;

use super::EpochRecord;
use crate::model::Net;

/// The epoch whose weights are kept.
pub(super) struct KeptEpoch {
    /// Its metrics.
    pub(super) record: EpochRecord,
    /// Its weights, by name.
    pub(super) weights: Vec<(String, Tensor)>,
    /// The epoch with the highest validation accuracy.
    pub(super) peak: EpochRecord,
}

impl KeptEpoch {
    /// A later epoch replaces this one unless its accuracy is more than one standard error below
    /// the best (the one-standard-error rule: Breiman and others, 1984). Epochs improve as the
    /// learning rate falls, and a peak before the end is usually luck.
    pub(super) fn is_superseded_by(&self, record: &EpochRecord, images: usize) -> bool {
        let best = self.peak.validation_accuracy;
        let error = (best * (1.0 - best) / images as f64).sqrt();
        record.validation_accuracy >= best - error
    }

    /// The kept epoch after one more, whose weights are in `net`.
    pub(super) fn update(
        before: Option<Self>,
        keep: bool,
        record: &EpochRecord,
        net: &Net,
    ) -> Option<Self> {
        let peak = match &before {
            Some(kept) if kept.peak.validation_accuracy >= record.validation_accuracy => {
                kept.peak.clone()
            }
            _ => record.clone(),
        };
        if keep {
            return Some(Self {
                record: record.clone(),
                weights: net.snapshot(),
                peak,
            });
        }
        before.map(|kept| Self { peak, ..kept })
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::model::Architecture;

    /// The epoch kept after each, given how many of 1,000 images each classifies correctly.
    fn kept_of(correct: &[u32]) -> Vec<usize> {
        let net = Net::new(&Architecture::Mlp { hidden: vec![] }, 0, Device::Cpu).unwrap();
        let (mut kept, mut epochs) = (None::<KeptEpoch>, vec![]);
        for (index, &correct) in correct.iter().enumerate() {
            let record = EpochRecord {
                epoch: index + 1,
                learning_rate: 0.0,
                train_loss: 0.0,
                train_accuracy: 0.0,
                validation_loss: 0.0,
                validation_accuracy: f64::from(correct) / 1000.0,
                seconds: 0.0,
                images_per_second: 0.0,
            };
            let keep = kept
                .as_ref()
                .is_none_or(|kept| kept.is_superseded_by(&record, 1000));
            kept = KeptEpoch::update(kept, keep, &record, &net);
            epochs.push(kept.as_ref().unwrap().record.epoch);
        }
        epochs
    }

    #[test]
    fn a_later_epoch_is_kept_unless_it_is_worse_by_a_standard_error() {
        // At 990 of 1,000 the standard error is about three images.
        assert_eq!(kept_of(&[980, 990, 988, 980, 987]), [1, 2, 3, 3, 5]);
    }

    #[test]
    fn small_steps_down_do_not_add_up() {
        assert_eq!(kept_of(&[990, 988, 985, 982]), [1, 2, 2, 2]);
    }

    #[test]
    fn the_peak_is_remembered_whether_it_is_kept_or_not() {
        let net = Net::new(&Architecture::Mlp { hidden: vec![] }, 0, Device::Cpu).unwrap();
        let update = |kept, keep, epoch, accuracy| {
            KeptEpoch::update(kept, keep, &EpochRecord::sample(epoch, accuracy), &net)
        };
        assert!(update(None, false, 1, 0.5).is_none());
        let kept = update(None, true, 1, 0.5);
        let kept = update(kept, false, 2, 0.7);
        let epochs = |kept: &Option<KeptEpoch>| {
            let kept = kept.as_ref().unwrap();
            (kept.record.epoch, kept.peak.epoch)
        };
        assert_eq!(epochs(&kept), (1, 2));
        let kept = update(kept, true, 3, 0.6);
        assert_eq!(epochs(&kept), (3, 2));
    }
}
