//! A picture that waits for the network, and its answer.

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::picture::ImageError;
use crate::recognizer::{Explanation, Prepared, Reading};

/// A prepared picture that waits for the network.
pub(super) struct Job {
    pub(super) prepared: Prepared,
    /// Whether to explain what decided: about a hundred pictures' work.
    pub(super) explain: bool,
    pub(super) requester: Requester,
}

/// The request that waits for an answer.
pub(super) struct Requester {
    /// Receives the answer.
    pub(super) reply: oneshot::Sender<Result<Seen, Failure>>,
    /// Its place in the queue, until it is answered.
    pub(super) place: OwnedSemaphorePermit,
}

/// What was seen in a picture.
pub(super) struct Seen {
    pub(super) reading: Reading,
    /// If it was requested and there is exactly one digit.
    pub(super) explanation: Option<Explanation>,
}

/// Why a picture has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The picture cannot be read.
    #[error(transparent)]
    Picture(#[from] ImageError),
    /// The queue is full.
    #[error("the service is busy")]
    Busy,
    /// The network failed.
    #[error("the network failed: {0}")]
    Network(String),
    /// A thread panicked on the way to the answer.
    #[error("internal error; see the service's output")]
    Panicked,
}

impl Job {
    /// Whether the network for 28×28 images may answer alone.
    pub(super) fn may_be_quick(&self) -> bool {
        !self.explain && self.prepared.is_in_mnists_form()
    }
}

impl Requester {
    /// Whether the client has disconnected.
    pub(super) fn has_gone(&self) -> bool {
        self.reply.is_closed()
    }

    pub(super) fn answer(self, result: Result<Seen, Failure>) {
        // First, since the client may send the next request at once.
        drop(self.place);
        // Fails if the client has disconnected.
        let _ = self.reply.send(result);
    }
}

impl Seen {
    /// Without an explanation.
    pub(super) fn plain(reading: Reading) -> Self {
        Self {
            reading,
            explanation: None,
        }
    }
}

impl Failure {
    pub(super) fn network(failure: &anyhow::Error) -> Self {
        Self::Network(format!("{failure:#}"))
    }
}
