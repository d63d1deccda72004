//! What the service counts and measures, for Prometheus.

use std::time::Duration;

use anyhow::{Context, Result};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use strum::IntoStaticStr;

/// The media type of [`Metrics::text`].
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The labels by which requests are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    path: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Path {
    path: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(super) enum Refusal {
    /// Too many pictures wait, or too many bytes are held.
    Busy,
    /// Too many connections are open.
    Connections,
    /// A body that is too large.
    Size,
    /// A body that did not arrive in time.
    Time,
}

/// A connection that is open.
pub(super) struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What the service counts and measures.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Path, Histogram, fn() -> Histogram>,
    batches: Histogram,
    refusals: Family<Reason, Counter>,
    waiting: Gauge,
    connections: Gauge,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("mnist_tch");
        let new = Self {
            requests: Family::default(),
            // From half a millisecond to eight seconds.
            seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(5e-4, 2.0, 15))
            }),
            batches: Histogram::new(exponential_buckets(1.0, 2.0, 7)),
            refusals: Family::default(),
            waiting: Gauge::default(),
            connections: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register(
            "requests",
            "Requests that were answered",
            new.requests.clone(),
        );
        let help = "Time from a request's headers to its answer";
        registry.register("request_seconds", help, new.seconds.clone());
        registry.register(
            "batch_pictures",
            "Pictures that were classified together",
            new.batches.clone(),
        );
        registry.register(
            "refusals",
            "Requests that were refused",
            new.refusals.clone(),
        );
        registry.register(
            "waiting_pictures",
            "Pictures that wait for their answer",
            new.waiting.clone(),
        );
        registry.register(
            "open_connections",
            "Connections that are open",
            new.connections.clone(),
        );
        Self { registry, ..new }
    }

    /// All of it as text that Prometheus reads.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub(super) fn text(&self) -> Result<String> {
        let mut text = String::new();
        encode(&mut text, &self.registry).context("encoding the metrics")?;
        Ok(text)
    }

    /// Counts a request that was answered after this time.
    pub(super) fn answered(&self, method: &'static str, path: &str, status: u16, after: Duration) {
        let path = path.to_owned();
        let seconds = self.seconds.get_or_create(&Path { path: path.clone() });
        seconds.observe(after.as_secs_f64());
        self.requests
            .get_or_create(&Request {
                method,
                path,
                status,
            })
            .inc();
    }

    /// Counts a batch of pictures that are classified together.
    pub(super) fn batch(&self, pictures: usize) {
        self.batches.observe(pictures as f64);
    }

    /// Sets the number of pictures that wait for their answer.
    pub(super) fn waiting(&self, pictures: usize) {
        self.waiting.set(pictures as i64);
    }

    /// Counts a connection as open until the returned guard is dropped.
    pub(super) fn connected(&self) -> Connected {
        self.connections.inc();
        Connected(self.connections.clone())
    }

    /// Counts a refused request.
    pub(super) fn refused(&self, why: Refusal) {
        let reason = why.into();
        self.refusals.get_or_create(&Reason { reason }).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_has(metrics: &Metrics, lines: &[&str]) {
        let text = metrics.text().unwrap();
        for line in lines {
            let has = text
                .lines()
                .any(|other| other == format!("mnist_tch_{line}"));
            assert!(has, "{line}\n{text}");
        }
    }

    #[test]
    fn requests_are_counted_and_timed() {
        let metrics = Metrics::new();
        for millis in [250, 500] {
            metrics.answered("GET", "/", 200, Duration::from_millis(millis));
        }
        metrics.answered("POST", "/api/read", 413, Duration::ZERO);
        assert_has(
            &metrics,
            &[
                "requests_total{method=\"GET\",path=\"/\",status=\"200\"} 2",
                "requests_total{method=\"POST\",path=\"/api/read\",status=\"413\"} 1",
                "request_seconds_sum{path=\"/\"} 0.75",
                "request_seconds_count{path=\"/\"} 2",
            ],
        );
    }

    #[test]
    fn batches_refusals_and_what_waits_are_counted() {
        let metrics = Metrics::new();
        metrics.batch(3);
        metrics.batch(64);
        metrics.refused(Refusal::Connections);
        metrics.waiting(7);
        assert_has(
            &metrics,
            &[
                "batch_pictures_sum 67.0",
                "batch_pictures_bucket{le=\"4.0\"} 1",
                "refusals_total{reason=\"connections\"} 1",
                "waiting_pictures 7",
            ],
        );
    }

    #[test]
    fn a_connection_is_open_until_it_is_dropped() {
        let metrics = Metrics::new();
        let (first, second) = (metrics.connected(), metrics.connected());
        assert_has(&metrics, &["open_connections 2"]);
        drop(first);
        assert_has(&metrics, &["open_connections 1"]);
        drop(second);
        assert_has(&metrics, &["open_connections 0"]);
    }
}
