//! A picture that waits for the network, and what becomes of it.

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::picture::ImageError;
use crate::recognizer::{Explanation, Prepared, Reading};

/// A prepared picture that waits for the network.
pub(super) struct Job {
    pub(super) prepared: Prepared,
    /// Whether what decided is to be told: about a hundred pictures' work.
    pub(super) explain: bool,
    pub(super) asker: Asker,
}

/// Who waits for an answer.
pub(super) struct Asker {
    /// Where the answer goes.
    pub(super) reply: oneshot::Sender<Result<Seen, Failure>>,
    /// Its place among those that may wait, until it is answered.
    pub(super) place: OwnedSemaphorePermit,
}

/// What was seen in a picture.
pub(super) struct Seen {
    pub(super) reading: Reading,
    /// Where it was asked for and there is exactly one digit.
    pub(super) explanation: Option<Explanation>,
}

/// Why a picture has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The picture cannot be read.
    #[error(transparent)]
    Picture(#[from] ImageError),
    /// As many pictures wait as may.
    #[error("the service is busy")]
    Busy,
    /// The network failed.
    #[error("the network failed: {0}")]
    Network(String),
    /// A thread panicked on the way to the answer.
    #[error("internal error; the service's own output says which")]
    Panicked,
}

impl Job {
    /// Whether the network for 28×28 images may answer alone.
    pub(super) fn may_be_quick(&self) -> bool {
        !self.explain && self.prepared.is_in_mnists_form()
    }
}

impl Asker {
    /// A client that has gone waits no more.
    pub(super) fn has_gone(&self) -> bool {
        self.reply.is_closed()
    }

    pub(super) fn tell(self, result: Result<Seen, Failure>) {
        // First, since who is answered may ask again at once.
        drop(self.place);
        // Nobody listens where the client has gone.
        let _ = self.reply.send(result);
    }
}

impl Seen {
    /// What nobody asked to explain.
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
