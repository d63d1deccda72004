//! From the bytes of pictures to answers: prepared on all cores, then sent to the one thread that owns
//! the network.

use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result};
use axum::body::Bytes;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::job::{Failure, Job, Requester, Wanted};
use super::metrics::Metrics;
use super::network;
use crate::picture::ImageError;
use crate::recognizer::{Prepared, Recognizer};

/// Prepares pictures and has them answered.
pub(super) struct Engine {
    /// Bounded by `places`.
    queue: mpsc::UnboundedSender<Job>,
    cores: ThreadPool,
    places: Arc<Semaphore>,
    capacity: usize,
}

/// A place in the queue, to be taken before a picture is prepared.
pub(super) type Place = OwnedSemaphorePermit;

impl Engine {
    /// Starts the threads; they end once this is dropped. At most `capacity` pictures wait.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub(super) fn start(
        recognizer: Recognizer,
        capacity: usize,
        metrics: Arc<Metrics>,
    ) -> Result<Self> {
        let (queue, jobs) = mpsc::unbounded_channel();
        let threads = tch::get_num_threads();
        thread::Builder::new()
            .name("network".to_owned())
            .spawn(move || {
                // libtorch keeps the number of threads for each calling thread.
                tch::set_num_threads(threads);
                network::answer_all(recognizer, jobs, &metrics);
            })
            .context("starting the thread of the network")?;
        let cores = ThreadPoolBuilder::new()
            .thread_name(|number| format!("pictures-{number}"))
            // The panic hook has reported it, and the requester sees that the reply is dropped.
            .panic_handler(|_| ())
            .build()
            .context("starting the threads that prepare pictures")?;
        Ok(Self {
            queue,
            cores,
            places: Arc::new(Semaphore::new(capacity)),
            capacity,
        })
    }

    /// Whether pictures can still be answered.
    pub(super) fn is_alive(&self) -> bool {
        !self.queue.is_closed()
    }

    /// Takes a place for each of `count` pictures, or none at all.
    ///
    /// # Errors
    /// [`Failure::Busy`] when fewer are free.
    pub(super) fn reserve(&self, count: usize) -> Result<Vec<Place>, Failure> {
        let wanted = u32::try_from(count).unwrap_or(u32::MAX);
        let all = self.places.clone().try_acquire_many_owned(wanted);
        let mut all = all.map_err(|_| Failure::Busy)?;
        Ok((0..count).filter_map(|_| all.split(1)).collect())
    }

    /// The number of pictures that wait for their answer, or to be prepared.
    pub(super) fn waiting(&self) -> usize {
        self.capacity - self.places.available_permits()
    }

    /// Starts reading a picture: prepares it on one of the cores, as `prepare` does, and sends it to the
    /// network's thread. The returned future resolves to what is `wanted`.
    pub(super) fn read<T, W>(
        &self,
        place: Place,
        picture: Bytes,
        prepare: fn(&[u8]) -> Result<Prepared, ImageError>,
        wanted: W,
    ) -> impl Future<Output = Result<T, Failure>> + use<T, W>
    where
        T: Send + 'static,
        W: FnOnce(Requester<T>) -> Wanted + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue.clone();
        let requester = Requester { reply, place };
        self.cores.spawn_fifo(move || {
            if !requester.has_gone() {
                let prepared = prepare(&picture);
                drop(picture);
                match prepared {
                    Err(failure) => requester.answer(Err(failure.into())),
                    Ok(prepared) => {
                        // If the network's thread has ended, the reply is dropped, which reports it.
                        let _ = queue.send(Job {
                            prepared,
                            wanted: wanted(requester),
                        });
                    }
                }
            }
        });
        async { answer.await.unwrap_or(Err(Failure::Panicked)) }
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::super::testing::digit;
    use super::*;
    use crate::recognizer::prepare;

    fn engine(capacity: usize) -> Engine {
        let recognizer = Recognizer::builtin(Device::Cpu).unwrap();
        Engine::start(recognizer, capacity, Arc::new(Metrics::new())).unwrap()
    }

    #[tokio::test]
    async fn a_picture_is_answered_and_its_place_is_free_again() {
        let engine = engine(2);
        let (picture, digit) = digit();
        for (bytes, expected) in [(picture, Some(digit)), (b"text".to_vec(), None)] {
            let place = engine.reserve(1).ok().unwrap().remove(0);
            assert_eq!(engine.waiting(), 1);
            let seen = engine
                .read(place, bytes.into(), prepare, Wanted::Digits)
                .await;
            let digit = seen.ok().and_then(|seen| seen.reading.digit());
            assert_eq!((digit, engine.waiting()), (expected, 0));
        }
    }

    #[test]
    fn places_are_taken_all_or_none() {
        let engine = engine(3);
        assert_eq!(engine.waiting(), 0);
        let two = engine.reserve(2).ok().unwrap();
        assert_eq!((two.len(), engine.waiting()), (2, 2));
        assert!(matches!(engine.reserve(2), Err(Failure::Busy)));
        assert_eq!(engine.waiting(), 2);
        let third = engine.reserve(1).ok().unwrap();
        assert_eq!((third.len(), engine.waiting()), (1, 3));
        drop(two);
        assert_eq!(engine.waiting(), 1);
    }

    #[tokio::test]
    async fn without_the_networks_thread_no_picture_is_answered() {
        let (queue, jobs) = mpsc::unbounded_channel();
        let engine = Engine {
            queue,
            cores: ThreadPoolBuilder::new().num_threads(1).build().unwrap(),
            places: Arc::new(Semaphore::new(1)),
            capacity: 1,
        };
        assert!(engine.is_alive());
        drop(jobs);
        assert!(!engine.is_alive());
        let place = engine.reserve(1).ok().unwrap().remove(0);
        let seen = engine
            .read(place, digit().0.into(), prepare, Wanted::Digits)
            .await;
        assert!(matches!(seen, Err(Failure::Panicked)));
    }
}
