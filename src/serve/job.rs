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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use image::GrayImage;
    use tokio::sync::Semaphore;

    use super::super::testing::digit;
    use super::*;
    use crate::recognizer::prepare;

    fn requester() -> (
        Requester,
        Arc<Semaphore>,
        oneshot::Receiver<Result<Seen, Failure>>,
    ) {
        let (reply, answer) = oneshot::channel();
        let places = Arc::new(Semaphore::new(1));
        let place = places.clone().try_acquire_owned().unwrap();
        (Requester { reply, place }, places, answer)
    }

    #[test]
    fn only_pictures_in_mnists_form_without_explanation_may_be_quick() {
        let may_be_quick = |prepared: Prepared, explain| {
            let requester = requester().0;
            let job = Job {
                prepared,
                explain,
                requester,
            };
            job.may_be_quick()
        };
        let small = prepare(&digit().0).unwrap();
        let large = Prepared::from(GrayImage::new(60, 60));
        assert!(may_be_quick(small.clone(), false));
        assert!(!may_be_quick(small, true));
        assert!(!may_be_quick(large.clone(), false) && !may_be_quick(large, true));
    }

    #[test]
    fn an_answer_frees_the_place_before_it_arrives() {
        let (requester, places, answer) = requester();
        assert!(!requester.has_gone());
        assert_eq!(places.available_permits(), 0);
        let reading = Reading::blank("nothing");
        requester.answer(Ok(Seen::plain(reading.clone())));
        assert_eq!(places.available_permits(), 1);
        let seen = answer.blocking_recv().unwrap().ok().unwrap();
        assert_eq!((seen.reading, seen.explanation.is_none()), (reading, true));
    }

    #[test]
    fn a_client_that_disconnects_has_gone() {
        let (requester, places, answer) = requester();
        drop(answer);
        assert!(requester.has_gone());
        requester.answer(Err(Failure::Busy));
        assert_eq!(places.available_permits(), 1);
    }

    #[test]
    fn a_failure_of_the_network_is_told_with_its_causes() {
        let failure = anyhow::anyhow!("no memory").context("classifying");
        let text = Failure::network(&failure).to_string();
        assert_eq!(text, "the network failed: classifying: no memory");
    }
}
