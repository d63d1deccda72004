//! How much the service accepts before it refuses requests.

use std::time::Duration;

/// How much the service accepts before it refuses requests; these bound all memory that requests take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of one request's body: a photo of 50 megapixels takes half.
    pub body: usize,
    /// Bytes of a correction's picture: a cell that fills a photo takes a tenth.
    pub correction: usize,
    /// Bytes of the bodies of all requests that are being read or prepared.
    pub bodies: usize,
    /// Pictures in one request.
    pub pictures: usize,
    /// Pictures that wait for their answer at once.
    pub queue: usize,
    /// Connections that are served at once; a few more are answered that the service is busy.
    pub connections: usize,
    /// Time for all headers of a request to arrive, also on a connection that waits for its next one.
    pub header_time: Duration,
    /// Time for all of a body to arrive.
    pub body_time: Duration,
    /// Time for a client to take some of what it is sent.
    pub write_time: Duration,
    /// Time for requests in flight to finish once the service is to stop.
    pub stop_time: Duration,
}

impl Limits {
    /// Those of `mnist-tch serve`.
    pub const DEFAULT: Self = Self {
        body: 32 << 20,
        correction: 1 << 20,
        bodies: 256 << 20,
        pictures: 64,
        queue: 256,
        connections: 512,
        header_time: Duration::from_secs(10),
        body_time: Duration::from_secs(30),
        write_time: Duration::from_secs(20),
        stop_time: Duration::from_secs(35),
    };
}
