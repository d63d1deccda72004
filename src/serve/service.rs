//! The state that all requests share.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use tokio::sync::Semaphore;

use super::engine::Engine;
use super::gallery::Gallery;
use super::limits::Limits;
use super::metrics::Metrics;
use super::model::ModelCard;
use super::runs::Runs;
use crate::model::Net;
use crate::model::checkpoint::Description;
use crate::reader::Reader;
use crate::recognizer::Recognizer;

/// Memory for bodies is reserved in pieces of this many bytes.
pub(super) const PIECE: usize = 1 << 10;

/// Everything that answers requests.
pub struct Service {
    pub(super) engine: Engine,
    pub(super) model: ModelCard,
    pub(super) runs: Runs,
    pub(super) gallery: Gallery,
    pub(super) metrics: Arc<Metrics>,
    pub(super) limits: Limits,
    /// Memory for bodies, in pieces.
    pub(super) memory: Arc<Semaphore>,
    /// Runs are inspected one at a time, since trainings need the cores.
    pub(super) inspecting: Semaphore,
}

impl Service {
    /// Serves a network and a reader, refusing digits below `min_confidence`, and the runs of a folder,
    /// which need not exist yet.
    ///
    /// # Errors
    /// When a thread cannot be started, or the network fails.
    pub fn new(
        (net, description): (&Net, &Description),
        reader: &Reader,
        min_confidence: f64,
        runs: PathBuf,
        limits: Limits,
    ) -> Result<Arc<Self>> {
        let model = ModelCard::new(net, description, min_confidence)?;
        let metrics = Arc::new(Metrics::new());
        let recognizer = Recognizer::new(net, reader).with_min_confidence(min_confidence);
        Ok(Arc::new(Self {
            engine: Engine::start(recognizer, limits.queue, Arc::clone(&metrics))?,
            model,
            runs: Runs::new(runs),
            gallery: Gallery::default(),
            metrics,
            memory: Arc::new(Semaphore::new(limits.bodies / PIECE)),
            inspecting: Semaphore::new(1),
            limits,
        }))
    }

    /// Which network answers.
    pub fn model(&self) -> &ModelCard {
        &self.model
    }
}
