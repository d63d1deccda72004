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
