//! A picture that waits for the networks, and its answer.

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::picture::ImageError;
use crate::recognizer::{Explanation, Prepared, Reading, Signs};
use crate::table::Sheet;

/// A prepared picture that waits for the networks.
pub(super) struct Job {
    pub(super) prepared: Prepared,
    pub(super) wanted: Wanted,
}

/// What is wanted of a picture, and the request that waits for it.
pub(super) enum Wanted {
    /// Its digits.
    Digits(Requester<Seen>),
    /// Also what decided: about a hundred pictures' work.
    Explained(Requester<Seen>),
    /// Its tables, with these signs of numbers.
    Tables(Signs, Requester<Sheet>),
}

/// The request that waits for an answer.
pub(super) struct Requester<T> {
    /// Receives the answer.
    pub(super) reply: oneshot::Sender<Result<T, Failure>>,
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
        matches!(self.wanted, Wanted::Digits(_)) && self.prepared.is_in_mnists_form()
    }
}

impl Wanted {
    /// Whether the client has disconnected.
    pub(super) fn is_moot(&self) -> bool {
        match self {
            Self::Digits(requester) | Self::Explained(requester) => requester.has_gone(),
            Self::Tables(_, requester) => requester.has_gone(),
        }
    }

    /// Answers that there is no answer.
    pub(super) fn fail(self, failure: Failure) {
        match self {
            Self::Digits(requester) | Self::Explained(requester) => {
                requester.answer(Err(failure));
            }
            Self::Tables(_, requester) => requester.answer(Err(failure)),
        }
    }
}

impl<T> Requester<T> {
    /// Whether the client has disconnected.
    pub(super) fn has_gone(&self) -> bool {
        self.reply.is_closed()
    }

    pub(super) fn answer(self, result: Result<T, Failure>) {
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

    fn requester<T>() -> (
        Requester<T>,
        Arc<Semaphore>,
        oneshot::Receiver<Result<T, Failure>>,
    ) {
        let (reply, answer) = oneshot::channel();
        let places = Arc::new(Semaphore::new(1));
        let place = places.clone().try_acquire_owned().unwrap();
        (Requester { reply, place }, places, answer)
    }

    #[test]
    fn only_digits_of_pictures_in_mnists_form_may_be_quick() {
        let small = || prepare(&digit().0).unwrap();
        let large = || Prepared::from(GrayImage::new(60, 60));
        let may_be_quick = |prepared, wanted| Job { prepared, wanted }.may_be_quick();
        assert!(may_be_quick(small(), Wanted::Digits(requester().0)));
        assert!(!may_be_quick(large(), Wanted::Digits(requester().0)));
        assert!(!may_be_quick(small(), Wanted::Explained(requester().0)));
        let tables = Wanted::Tables(Signs::Everywhere, requester().0);
        assert!(!may_be_quick(small(), tables));
    }

    #[test]
    fn a_failure_is_the_answer_whatever_was_wanted() {
        let (requester, _, digits) = self::requester();
        Wanted::Digits(requester).fail(Failure::Busy);
        assert!(matches!(digits.blocking_recv(), Ok(Err(Failure::Busy))));
        let (requester, _, tables) = self::requester();
        Wanted::Tables(Signs::Ignored, requester).fail(Failure::Busy);
        assert!(matches!(tables.blocking_recv(), Ok(Err(Failure::Busy))));
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
        let wanted = Wanted::Explained(requester);
        assert!(wanted.is_moot());
        wanted.fail(Failure::Busy);
        assert_eq!(places.available_permits(), 1);
    }

    #[test]
    fn a_failure_of_the_network_is_told_with_its_causes() {
        let failure = anyhow::anyhow!("no memory").context("classifying");
        let text = Failure::network(&failure).to_string();
        assert_eq!(text, "the network failed: classifying: no memory");
    }
}
