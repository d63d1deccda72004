//! The thread that owns the network: it answers what waits, many digits as one batch, and between two
//! batches one thing that takes longer.

use std::collections::VecDeque;

use anyhow::Result;
use image::GrayImage;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::engine::{Explanation, Failure, Seen};
use super::metrics::Metrics;
use crate::recognizer::{Candidates, ImageError, Reading, Recognizer};

/// Pictures that are classified together at most: enough for the network to be quick, and few enough
/// that the first need not wait long for the last.
const BATCH: usize = 64;

/// Where the answer to a job goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, Failure>>;

/// What was made of a picture of one digit.
pub(super) type Prepared = Result<GrayImage, ImageError>;

/// What was found in a picture of several.
pub(super) type Found = Result<Candidates, ImageError>;

/// A prepared picture that waits for the network.
pub(super) struct Job {
    pub(super) task: Task,
    /// Its place among those that may wait, until it is answered.
    pub(super) place: OwnedSemaphorePermit,
}

/// What is to be done with a picture.
pub(super) enum Task {
    /// Read its digit.
    Digit(Prepared, Reply<Seen>),
    /// The same, and tell what decided: about a hundred pictures' work.
    Explain(Prepared, Reply<Seen>),
    /// Read its rows of digits: up to two thousand pictures' work.
    Number(Found, Reply<Reading>),
}

/// A digit to be read, with its place.
type Quick = (Prepared, Reply<Seen>, OwnedSemaphorePermit);

/// Answers all jobs until nobody can send any more.
pub(super) fn answer_all(
    recognizer: &Recognizer,
    mut jobs: UnboundedReceiver<Job>,
    metrics: &Metrics,
) {
    let mut slow = VecDeque::new();
    loop {
        let quick = next_batch(&mut jobs, &mut slow);
        if quick.is_empty() && slow.is_empty() {
            return;
        }
        if !quick.is_empty() {
            metrics.batch(quick.len());
            answer(recognizer, quick);
        }
        if let Some(job) = slow.pop_front() {
            metrics.batch(1);
            answer_slow(recognizer, job);
        }
    }
}

/// The digits that wait, up to a batch; what takes longer goes to `slow`. Waits where there is nothing at
/// all, and brings nothing once nobody can send any more.
fn next_batch(jobs: &mut UnboundedReceiver<Job>, slow: &mut VecDeque<Job>) -> Vec<Quick> {
    let mut quick = vec![];
    let mut next = match slow.is_empty() {
        true => jobs.blocking_recv(),
        false => jobs.try_recv().ok(),
    };
    while let Some(Job { task, place }) = next {
        match task {
            Task::Digit(prepared, reply) => quick.push((prepared, reply, place)),
            task => slow.push_back(Job { task, place }),
        }
        if quick.len() == BATCH {
            break;
        }
        next = jobs.try_recv().ok();
    }
    quick
}

fn answer(recognizer: &Recognizer, batch: Vec<Quick>) {
    let (mut pictures, mut waiting) = (vec![], vec![]);
    for (prepared, reply, place) in batch {
        pictures.push(prepared);
        waiting.push((reply, place));
    }
    let answers = each(recognizer.answer(pictures), waiting.len());
    for ((reply, place), answer) in waiting.into_iter().zip(answers) {
        tell(reply, place, answer.map(Seen::plain));
    }
}

fn answer_slow(recognizer: &Recognizer, Job { task, place }: Job) {
    match task {
        Task::Digit(prepared, reply) => {
            let answer = only(recognizer.answer(vec![prepared]));
            tell(reply, place, answer.map(Seen::plain));
        }
        // Nobody waits any more where a client has gone.
        Task::Explain(_, reply) if reply.is_closed() => {}
        Task::Explain(prepared, reply) => tell(reply, place, explain(recognizer, prepared)),
        Task::Number(_, reply) if reply.is_closed() => {}
        Task::Number(found, reply) => {
            let reading = only(recognizer.readings(vec![found]));
            tell(reply, place, reading);
        }
    }
}

fn explain(recognizer: &Recognizer, prepared: Prepared) -> Result<Seen, Failure> {
    let seen = prepared.as_ref().ok().cloned();
    let answer = only(recognizer.answer(vec![prepared]))?;
    let Some(seen) = seen else {
        return Ok(Seen::plain(answer));
    };
    let decisive = recognizer.decisive(&seen);
    let decisive = decisive.map_err(|failure| Failure::Network(format!("{failure:#}")))?;
    Ok(Seen {
        answer,
        explanation: Some(Explanation { seen, decisive }),
    })
}

/// The result of a single picture.
fn only<T>(results: Result<Vec<Result<T, ImageError>>>) -> Result<T, Failure> {
    each(results, 1).pop().unwrap_or(Err(Failure::Stopped))
}

/// Each picture's own result; of a network that failed, all fail.
fn each<T>(results: Result<Vec<Result<T, ImageError>>>, count: usize) -> Vec<Result<T, Failure>> {
    match results {
        Ok(results) => results.into_iter().map(|result| Ok(result?)).collect(),
        Err(failure) => {
            let reason = format!("{failure:#}");
            (0..count)
                .map(|_| Err(Failure::Network(reason.clone())))
                .collect()
        }
    }
}

fn tell<T>(reply: Reply<T>, place: OwnedSemaphorePermit, result: Result<T, Failure>) {
    // First, since who is answered may ask again at once.
    drop(place);
    // Nobody listens any more where a client has gone.
    let _ = reply.send(result);
}
