//! The recogniser as a web page and an HTTP service.
//!
//! One thread owns the network and takes pictures from a bounded queue as batches; the queue and its
//! memory are bounded by [`Limits`]. The page and its API are described by `openapi.json`, which is
//! served at `/openapi.json`.

mod asking;
mod body;
mod collection;
mod connections;
mod corrections;
mod engine;
mod forms;
mod gallery;
mod guard;
mod job;
mod limits;
mod metrics;
mod model;
mod network;
mod openapi;
mod page;
mod pictures;
mod problem;
mod routes;
mod runs;
mod service;
mod tables;
mod tables_query;
#[cfg(test)]
mod testing;
mod uploads;

pub use collection::Collection;
pub use limits::Limits;
pub use model::ModelCard;
pub use service::{Folders, Service};

use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::{Router, middleware};

use connections::Connections;

/// Everything that the service answers, without limits on connections and times.
pub fn router(service: &Arc<Service>) -> Router {
    routes::router(service)
}

/// Serves connections to `listener` until `stop`, and then finishes requests in flight. On a loopback
/// address, only requests for that address or `localhost` are answered.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    service: &Arc<Service>,
    stop: impl Future<Output = ()>,
) -> Result<()> {
    let address = listener.local_addr().context("getting the address")?;
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
