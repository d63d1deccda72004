//! The recogniser as a web page and an HTTP service.
//!
//! One thread owns the network and takes pictures from a bounded queue as batches; what waits for it,
//! and how much memory that takes, is bounded by [`Limits`]. The page and its API are described by
//! `openapi.json`, which the service has at `/openapi.json`.

mod body;
mod connections;
mod engine;
mod gallery;
mod guard;
mod job;
mod limits;
mod metrics;
mod model;
mod network;
mod page;
mod pictures;
mod problem;
mod routes;
mod runs;

pub use limits::Limits;
pub use model::ModelCard;

use std::future::Future;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::{Router, middleware};
use tokio::sync::Semaphore;

use crate::model::Net;
use crate::model::checkpoint::Description;
use crate::reader::Reader;
use crate::recognizer::Recognizer;
use body::PIECE;
use connections::Connections;
use engine::Engine;
use gallery::Gallery;
use metrics::Metrics;
use runs::Runs;

/// All that answers requests.
pub struct Service {
    engine: Engine,
    model: ModelCard,
    runs: Runs,
    gallery: Gallery,
    metrics: Arc<Metrics>,
    limits: Limits,
    /// Memory for bodies, in pieces.
    memory: Arc<Semaphore>,
    /// One run is looked at at a time, since trainings need the cores.
    looking: Semaphore,
}

impl Service {
    /// Lets a network answer, digits from `min_confidence` on; the runs of a folder can be looked at,
    /// which need not be there yet.
    ///
    /// # Errors
    /// When the system gives no thread, or the network fails.
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
            looking: Semaphore::new(1),
            limits,
        }))
    }

    /// Which network answers.
    pub fn model(&self) -> &ModelCard {
        &self.model
    }
}

/// Everything that the service answers, without limits of connections and times.
pub fn router(service: &Arc<Service>) -> Router {
    routes::router(service)
}

/// Serves whoever connects to `listener` until `stop`, and then what is in flight. On a loopback address only
/// those are answered who call the machine by that address or `localhost`.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    service: &Arc<Service>,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    let address = listener.local_addr().context("asking for the address")?;
    let app = match address.ip().is_loopback() {
        true => router(service).layer(middleware::from_fn(guard::local_only)),
        false => router(service),
    };
    let connections = Connections {
        app,
        busy: routes::busy(),
        limits: service.limits.clone(),
        metrics: Arc::clone(&service.metrics),
    };
    connections.serve(listener, stop).await
}
