//! The state that all requests share.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use tokio::sync::Semaphore;

use super::collection::Collection;
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
    pub(super) collection: Option<Collection>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) limits: Limits,
    /// Memory for bodies, in pieces.
    pub(super) memory: Arc<Semaphore>,
    /// Runs are inspected one at a time, since trainings need the cores.
    pub(super) inspecting: Semaphore,
    /// Forms are looked for one at a time.
    pub(super) finding: Semaphore,
    /// Corrections are kept one at a time.
    pub(super) collecting: Semaphore,
}

/// The folders of a service.
#[derive(Debug)]
pub struct Folders {
    /// The runs that the page shows; it need not exist yet.
    pub runs: PathBuf,
    /// Where corrected cells are kept, if they are.
    pub collection: Option<Collection>,
}

impl Service {
    /// Serves a network and a reader, refusing digits below `min_confidence`, and what is in the folders.
    ///
    /// # Errors
    /// When a thread cannot be started, or the network fails.
    pub fn new(
        (net, description): (&Net, &Description),
        reader: &Reader,
        min_confidence: f64,
        folders: Folders,
        limits: Limits,
    ) -> Result<Arc<Self>> {
        let model = ModelCard::new(net, description, min_confidence)?;
        let metrics = Arc::new(Metrics::new());
        let recognizer = Recognizer::new(net, reader).with_min_confidence(min_confidence);
        Ok(Arc::new(Self {
            engine: Engine::start(recognizer, limits.queue, Arc::clone(&metrics))?,
            model,
            runs: Runs::new(folders.runs),
            gallery: Gallery::default(),
            collection: folders.collection,
            metrics,
            memory: Arc::new(Semaphore::new(limits.bodies / PIECE)),
            inspecting: Semaphore::new(1),
            finding: Semaphore::new(1),
            collecting: Semaphore::new(1),
            limits,
        }))
    }

    /// Which network answers.
    pub fn model(&self) -> &ModelCard {
        &self.model
    }
}
