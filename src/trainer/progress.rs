//! Progress of a training run.

use super::epoch_metrics::EpochMetrics;
use super::kept_epoch::KeptEpoch;
use super::{EpochRecord, TrainConfig};
use crate::model::Net;

/// Progress of a training run, apart from its weights and the optimizer's state.
pub(super) struct Progress {
    /// The completed epochs.
    pub(super) history: Vec<EpochRecord>,
    /// The one of them whose weights are kept.
    pub(super) kept: Option<KeptEpoch>,
    /// Metrics of the current epoch.
    pub(super) epoch_metrics: EpochMetrics,
}

impl Progress {
    /// No progress yet.
    pub(super) fn new() -> Self {
        Self {
            history: vec![],
            kept: None,
            epoch_metrics: EpochMetrics::new(),
        }
    }

    /// The current epoch, counted from 1.
    pub(super) fn epoch(&self) -> usize {
        self.history.len() + 1
    }

    /// Whether training is over: all epochs are complete, or patience has run out.
    pub(super) fn is_finished(&self, config: &TrainConfig) -> bool {
        let epochs = self.history.len();
        // Patience starts again with an extension.
        let since = config.cycle(epochs).start;
        let stale = self
            .kept
            .as_ref()
            .map_or(0, |kept| epochs.saturating_sub(kept.peak.epoch.max(since)));
        epochs >= config.epochs || config.patience.is_some_and(|patience| stale >= patience)
    }

    /// Records a completed epoch, evaluated on `images` images, with the averaged weights in `net`;
    /// returns whether they are kept.
    pub(super) fn complete(&mut self, record: EpochRecord, images: usize, net: &Net) -> bool {
        let keep = self
            .kept
            .as_ref()
            .is_none_or(|kept| kept.is_superseded_by(&record, images));
        self.kept = KeptEpoch::update(self.kept.take(), keep, &record, net);
        self.history.push(record);
        self.epoch_metrics = EpochMetrics::new();
        keep
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;
    use crate::model::Architecture;

    fn net() -> Net {
        Net::new(&Architecture::Mlp { hidden: vec![] }, 0, Device::Cpu).unwrap()
    }

    /// Progress after epochs with these validation accuracies, the last of which is kept.
    fn after(accuracies: &[f64]) -> (Progress, Vec<bool>) {
        let net = net();
        let mut progress = Progress::new();
        let kept = accuracies.iter().map(|&accuracy| {
            let record = EpochRecord::sample(progress.epoch(), accuracy);
            progress.complete(record, 1000, &net)
        });
        let kept = kept.collect();
        (progress, kept)
    }

    fn config(epochs: usize, patience: Option<usize>, restarts: &[usize]) -> TrainConfig {
        TrainConfig {
            epochs,
            patience,
            restarts: restarts.to_vec(),
            ..TrainConfig::fast()
        }
    }

    #[test]
    fn an_epoch_is_kept_unless_it_is_clearly_worse() {
        let (progress, kept) = after(&[0.9, 0.95, 0.5]);
        assert_eq!(kept, [true, true, false]);
        assert_eq!(progress.kept.unwrap().record.epoch, 2);
        let epochs: Vec<_> = progress.history.iter().map(|record| record.epoch).collect();
        assert_eq!(epochs, [1, 2, 3]);
        assert_eq!(progress.epoch_metrics.steps(), 0);
    }

    #[test]
    fn training_ends_after_all_epochs() {
        assert!(!after(&[]).0.is_finished(&config(2, None, &[])));
        assert!(!after(&[0.9]).0.is_finished(&config(2, None, &[])));
        assert!(after(&[0.9, 0.95]).0.is_finished(&config(2, None, &[])));
        assert!(after(&[0.9, 0.95]).0.is_finished(&config(2, Some(2), &[])));
    }

    #[test]
    fn training_ends_when_patience_has_run_out() {
        let (progress, _) = after(&[0.9, 0.95, 0.5, 0.5]);
        assert!(progress.is_finished(&config(9, Some(2), &[])));
        assert!(!progress.is_finished(&config(9, Some(3), &[])));
        assert!(!progress.is_finished(&config(9, None, &[])));
        // An extension after the third epoch has had only one epoch.
        assert!(!progress.is_finished(&config(9, Some(2), &[3])));
        assert!(progress.is_finished(&config(9, Some(1), &[3])));
    }
}
