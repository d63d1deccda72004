//! The thread that owns the network: it answers what waits, many quick pictures as one batch, and between two
//! batches one that takes longer.

use std::collections::VecDeque;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::engine::{Failure, Seen};
use super::metrics::Metrics;
use crate::picture::ImageError;
use crate::recognizer::{Prepared, Reading, Recognizer};

/// Pictures that are read together at most: enough for the network to be quick, and few enough that the first
/// need not wait long for the last.
const BATCH: usize = 64;

/// A prepared picture that waits for the network.
pub(super) struct Job {
    pub(super) prepared: Result<Prepared, ImageError>,
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

impl Job {
    fn is_quick(&self) -> bool {
        let prepared = self.prepared.as_ref();
        !self.explain && prepared.map_or(true, Prepared::is_quick)
    }
}

impl Asker {
    /// A client that has gone waits no more.
    pub(super) fn has_gone(&self) -> bool {
        self.reply.is_closed()
    }

    fn tell(self, result: Result<Seen, Failure>) {
        // First, since who is answered may ask again at once.
        drop(self.place);
        // Nobody listens where the client has gone.
        let _ = self.reply.send(result);
    }
}

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

/// The quick pictures that wait, up to a batch; what takes longer goes to `slow`. Waits where there is nothing
/// at all, and brings nothing once nobody can send any more.
fn next_batch(jobs: &mut UnboundedReceiver<Job>, slow: &mut VecDeque<Job>) -> Vec<Job> {
    let mut quick = vec![];
    let mut next = match slow.is_empty() {
        true => jobs.blocking_recv(),
        false => jobs.try_recv().ok(),
    };
    while let Some(job) = next {
        match job.is_quick() {
            true => quick.push(job),
            false => slow.push_back(job),
        }
        if quick.len() == BATCH {
            break;
        }
        next = jobs.try_recv().ok();
    }
    quick
}

fn answer(recognizer: &Recognizer, batch: Vec<Job>) {
    let parts = batch.into_iter().map(|job| (job.prepared, job.asker));
    let (prepared, askers): (Vec<_>, Vec<_>) = parts.unzip();
    match recognizer.read_all(prepared) {
        Ok(readings) => {
            for (asker, reading) in askers.into_iter().zip(readings) {
                asker.tell(reading.map(Seen::plain).map_err(Failure::from));
            }
        }
        Err(failure) => {
            for asker in askers {
                asker.tell(Err(Failure::network(&failure)));
            }
        }
    }
}

fn answer_slow(recognizer: &Recognizer, job: Job) {
    if job.asker.has_gone() {
        return;
    }
    let seen = match job.prepared {
        Ok(prepared) if job.explain => explain(recognizer, prepared),
        prepared => read(recognizer, prepared).map(Seen::plain),
    };
    job.asker.tell(seen);
}

fn explain(recognizer: &Recognizer, prepared: Prepared) -> Result<Seen, Failure> {
    let reading = read(recognizer, Ok(prepared.clone()))?;
    let explanation = recognizer.explain(&prepared, &reading);
    Ok(Seen {
        explanation: explanation.map_err(|failure| Failure::network(&failure))?,
        reading,
    })
}

fn read(
    recognizer: &Recognizer,
    prepared: Result<Prepared, ImageError>,
) -> Result<Reading, Failure> {
    let readings = recognizer.read_all(vec![prepared]);
    let mut readings = readings.map_err(|failure| Failure::network(&failure))?;
    Ok(readings.pop().ok_or(Failure::Stopped)??)
}
