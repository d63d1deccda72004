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
mod service;

pub use limits::Limits;
pub use model::ModelCard;
pub use service::Service;

use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::{Router, middleware};

use connections::Connections;

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
