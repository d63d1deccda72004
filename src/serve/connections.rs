//! Connections: a limited number at once, each with timeouts, and all finished before the end.

use std::future::Future;
use std::net::TcpListener as Bound;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use super::limits::Limits;
use super::metrics::{Metrics, Refusal};

/// How many connections beyond the limit are accepted at once, only to be answered with 503;
/// others wait in the system's own queue.
const BUSY: usize = 64;
/// Such a connection has to send its request within this time.
const BUSY_TIME: Duration = Duration::from_secs(1);
/// No more of a request's headers is read: enough to answer that they are too many.
const HEADER_BYTES: usize = 64 << 10;
const HEADERS: usize = 500;
/// When accepting fails, for lack of file descriptors, it is tried again after this time.
const PAUSE: Duration = Duration::from_millis(100);

/// How connections are served.
pub(super) struct Connections {
    /// Answers requests.
    pub(super) app: Router,
    /// Answers requests beyond the limit of connections.
    pub(super) busy: Router,
    pub(super) limits: Limits,
    pub(super) metrics: Arc<Metrics>,
}

impl Connections {
    /// Serves connections until `stop`, and then finishes requests in flight.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub(super) async fn serve(self, listener: Bound, stop: impl Future<Output = ()>) -> Result<()> {
        listener
            .set_nonblocking(true)
            .context("preparing to listen")?;
        let listener = TcpListener::from_std(listener).context("preparing to listen")?;
        let slots = Arc::new(Semaphore::new(self.limits.connections));
        let sockets = Arc::new(Semaphore::new(self.limits.connections + BUSY));
        let all = GracefulShutdown::new();
        tokio::pin!(stop);
        loop {
            let next = next(&listener, &sockets);
            let (stream, socket) = tokio::select! {
                next = next => next,
                () = &mut stop => break,
            };
            let connected = self.metrics.connected();
            let slot = slots.clone().try_acquire_owned().ok();
            let connection = all.watch(self.connection(stream, slot.is_some()));
            tokio::spawn(async move {
                // If a client disconnects or is too slow, there is nobody to report it to.
                let _ = connection.await;
                drop((slot, socket, connected));
            });
        }
        drop(listener);
        // Clients that are slower than this are cut off.
        let _ = timeout(self.limits.stop_time, all.shutdown()).await;
        Ok(())
    }

    /// A connection that is served, or answered that there are too many.
    fn connection(
        &self,
        stream: TcpStream,
        is_served: bool,
    ) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + use<> {
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write_time));
        let app = match is_served {
            true => self.app.clone(),
            false => {
                self.metrics.refused(Refusal::Connections);
                self.busy.clone()
            }
        };
        let header_time = match is_served {
            true => self.limits.header_time,
            false => BUSY_TIME,
        };
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(header_time)
            .keep_alive(is_served)
            .max_buf_size(HEADER_BYTES)
            .max_headers(HEADERS)
            .serve_connection(
                TokioIo::new(Box::pin(stream)),
                TowerToHyperService::new(app),
            )
    }
}

/// The next connection, with its permit.
async fn next(
    listener: &TcpListener,
    sockets: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // Fails only if the semaphore is closed, which it never is.
    let socket = sockets.clone().acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, socket),
            Err(_) => sleep(PAUSE).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream as Client};

    use axum::routing::get;
    use tokio::sync::oneshot;

    use super::*;

    /// What a client receives on a new connection.
    fn received(address: SocketAddr) -> String {
        let mut client = Client::connect(address).unwrap();
        client
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        client.write_all(request.as_bytes()).unwrap();
        let mut received = String::new();
        client.read_to_string(&mut received).unwrap();
        received
    }

    /// What a client receives from a service of this many connections, and its metrics.
    fn served(connections: usize) -> (String, String) {
        let listener = Bound::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = Arc::new(Metrics::new());
        let served = Connections {
            app: Router::new().route("/", get(|| async { "the answer" })),
            busy: Router::new().route("/", get(|| async { "too many" })),
            limits: Limits {
                connections,
                ..Limits::DEFAULT
            },
            metrics: Arc::clone(&metrics),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let client = std::thread::spawn(move || {
            let received = received(address);
            drop(stop);
            received
        });
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        let stopped = async { drop(stopped.await) };
        runtime.block_on(served.serve(listener, stopped)).unwrap();
        (client.join().unwrap(), metrics.text().unwrap())
    }

    #[test]
    fn a_connection_is_served_until_the_service_stops() {
        let (received, metrics) = served(1);
        assert!(received.starts_with("HTTP/1.1 200") && received.ends_with("the answer"));
        assert!(!metrics.contains("reason=\"connections\""), "{metrics}");
    }

    #[test]
    fn a_connection_beyond_the_limit_is_told_so() {
        let (received, metrics) = served(0);
        assert!(received.ends_with("too many"), "{received}");
        assert!(metrics.contains("reason=\"connections\"} 1"), "{metrics}");
    }
}
