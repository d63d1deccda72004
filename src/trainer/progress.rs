//! How far a training has come.

use super::kept::Kept;
use super::tally::Tally;
use super::{EpochRecord, TrainConfig};
use crate::model::Net;

/// How far a training has come, beside its weights and what the optimizer remembers.
pub(super) struct Progress {
    /// The epochs that are complete.
    pub(super) history: Vec<EpochRecord>,
    /// The one to keep of them.
    pub(super) kept: Option<Kept>,
    /// What the steps of the next one have shown.
    pub(super) tally: Tally,
}

impl Progress {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            history: vec![],
            kept: None,
            tally: Tally::new(),
        }
    }

    /// The epoch that is at work, counted from 1.
    pub(super) fn epoch(&self) -> usize {
        self.history.len() + 1
    }

    /// Whether there is no further epoch: all are complete, or the last ones brought nothing.
    pub(super) fn is_over(&self, config: &TrainConfig) -> bool {
        let epochs = self.history.len();
        // An extension gets its own chance.
        let since = config.cycle(epochs).start;
        let stale = self
            .kept
            .as_ref()
            .map_or(0, |kept| epochs.saturating_sub(kept.peak.epoch.max(since)));
        epochs >= config.epochs || config.patience.is_some_and(|patience| stale >= patience)
    }

    /// Takes in a complete epoch, measured on so many images, after which `net` has the averaged
    /// weights; returns whether they are to be kept.
    pub(super) fn complete(&mut self, record: EpochRecord, images: usize, net: &Net) -> bool {
        let keep = self
            .kept
            .as_ref()
            .is_none_or(|kept| kept.is_superseded_by(&record, images));
        self.kept = Kept::update(self.kept.take(), keep, &record, net);
        self.history.push(record);
        self.tally = Tally::new();
        keep
    }
}
