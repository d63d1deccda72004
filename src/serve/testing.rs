//! A service without connections, for tests.

use std::io::{Cursor, Error};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Frame;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use image::{GrayImage, ImageFormat};
use tch::Device;

use super::{Folders, Limits, Service};
use crate::dataset::synthetic;
use crate::model::checkpoint;
use crate::reader::Reader;

/// The built-in networks and these folders.
pub(super) fn service_with(folders: Folders, limits: Limits) -> Arc<Service> {
    let (net, description) = checkpoint::builtin(Device::Cpu).unwrap();
    let (reader, _) = Reader::builtin(Device::Cpu).unwrap();
    Service::new((&net, &description), &reader, 0.5, folders, limits).unwrap()
}

/// The built-in networks and the runs of a folder.
pub(super) fn service_of(runs: &Path, limits: Limits) -> Arc<Service> {
    let folders = Folders {
        runs: runs.into(),
        collection: None,
    };
    service_with(folders, limits)
}

/// A service with these limits.
pub(super) fn service(limits: Limits) -> Arc<Service> {
    service_of(Path::new("no-runs"), limits)
}

/// What a router answers.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) async fn to(app: Router, request: Request<Body>) -> Self {
        let answered = TowerToHyperService::new(app).call(request).await;
        let (head, body) = answered.unwrap().into_parts();
        Self {
            status: head.status,
            headers: head.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(super) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

pub(super) fn post(path: &str, kind: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("content-type", kind);
    request.body(body.into()).unwrap()
}

/// A picture in MNIST's form that the built-in network reads surely, and its digit.
pub(super) fn digit() -> (Vec<u8>, u8) {
    let digits = synthetic::digits(1, 3);
    let image = GrayImage::from_raw(28, 28, digits.pixels).unwrap();
    (png(&image), digits.labels[0])
}

pub(super) fn png(image: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A body that arrives piece by piece, and how many bytes of it have been taken.
pub(super) struct Pieces {
    left: usize,
    taken: Arc<AtomicUsize>,
    /// Whether nothing arrives at the moment.
    stalls: Box<dyn Fn() -> bool + Send>,
    /// Whether the connection breaks instead of the end.
    breaks: bool,
}

impl Pieces {
    pub(super) const SIZE: usize = 100;

    /// This many pieces of 100 bytes.
    pub(super) fn new(count: usize) -> Self {
        Self {
            left: count,
            taken: Arc::default(),
            stalls: Box::new(|| false),
            breaks: false,
        }
    }

    /// Nothing arrives while this is true.
    pub(super) fn stalling_while(self, stalls: impl Fn() -> bool + Send + 'static) -> Self {
        Self {
            stalls: Box::new(stalls),
            ..self
        }
    }

    /// The connection breaks after the last piece.
    pub(super) fn breaking(self) -> Self {
        Self {
            breaks: true,
            ..self
        }
    }

    /// The body, and the number of its bytes that have been taken.
    pub(super) fn watched(self) -> (Body, Arc<AtomicUsize>) {
        let taken = Arc::clone(&self.taken);
        (Body::new(self), taken)
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if (self.stalls)() {
            return Poll::Pending;
        }
        if self.left == 0 {
            let broken = std::mem::take(&mut self.breaks);
            return Poll::Ready(broken.then(|| Err(Error::other("the cable was cut"))));
        }
        self.left -= 1;
        self.taken.fetch_add(Self::SIZE, Ordering::Relaxed);
        let piece = Bytes::from_static(&[7; Self::SIZE]);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}
