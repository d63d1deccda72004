//! The thread that owns the networks: it answers many pictures in MNIST's form as one batch, and between
//! two batches lets the reader read one picture or sheet, or a few tiny ones.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Context;
use tokio::sync::mpsc::UnboundedReceiver;

use super::job::{Failure, Job, Requester, Seen, Wanted};
use super::metrics::Metrics;
use crate::recognizer::{Prepared, Recognizer, Signs};
use crate::table::{self, Sheet};

/// The maximum batch size: enough for the network to be fast, and few enough that the first need not wait
/// long for the last.
const BATCH: usize = 64;

/// The maximum number of images that the reader reads together: some milliseconds' work, so that these,
/// a few in a hundred, keep pace with the batches.
const UNSURE: usize = 8;

/// Jobs that are answered together.
enum Work {
    /// For the network for 28×28 images.
    Quick(Vec<Job>),
    /// For the reader.
    Slow(Vec<Job>),
}

/// Answers all jobs until the queue is closed.
pub(super) fn answer_all(
    mut recognizer: Recognizer,
    jobs: UnboundedReceiver<Job>,
    metrics: &Metrics,
) {
    work_through(jobs, &mut |work| match work {
        Work::Quick(jobs) => {
            metrics.batch(jobs.len());
            answer_quick(&recognizer, jobs)
        }
        Work::Slow(jobs) => {
            metrics.batch(jobs.len());
            answer_slow(&mut recognizer, jobs);
            vec![]
        }
    });
}

/// Has all jobs answered; `answer` returns those that the reader has to read. A panic loses only the jobs
/// that are answered together, whose requesters see that the reply is dropped; the others are answered,
/// since the queues do not change meanwhile, and each job sets what it needs of the recognizer.
fn work_through(mut jobs: UnboundedReceiver<Job>, answer: &mut dyn FnMut(Work) -> Vec<Job>) {
    let mut slow = VecDeque::new();
    loop {
        let quick = next_batch(&mut jobs, &mut slow);
        if quick.is_empty() && slow.is_empty() {
            return;
        }
        let slow_ones = next_slow(&mut slow);
        let slow_ones = (!slow_ones.is_empty()).then_some(Work::Slow(slow_ones));
        let quick = (!quick.is_empty()).then_some(Work::Quick(quick));
        for work in quick.into_iter().chain(slow_ones) {
            // The panic hook reports it.
            let later = catch_unwind(AssertUnwindSafe(|| answer(work)));
            slow.extend(later.unwrap_or_default());
        }
    }
}

/// The waiting jobs that may be quick, up to a batch; the others go to `slow`. Waits if there are none at
/// all, and returns none once the queue is closed.
fn next_batch(jobs: &mut UnboundedReceiver<Job>, slow: &mut VecDeque<Job>) -> Vec<Job> {
    let mut quick = vec![];
    let mut next = match slow.is_empty() {
        true => jobs.blocking_recv(),
        false => jobs.try_recv().ok(),
    };
    while let Some(job) = next {
        match job.may_be_quick() {
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

/// The job that has waited longest; if it is a 28×28 image that the network was unsure of, a few more such.
fn next_slow(slow: &mut VecDeque<Job>) -> Vec<Job> {
    let most = match slow.front() {
        Some(job) if job.may_be_quick() => UNSURE,
        _ => 1,
    };
    let mut next: Vec<Job> = slow.pop_front().into_iter().collect();
    while next.len() < most && slow.front().is_some_and(Job::may_be_quick) {
        next.extend(slow.pop_front());
    }
    next
}

/// Answers what the network for 28×28 images is sure of; returns the others.
fn answer_quick(recognizer: &Recognizer, jobs: Vec<Job>) -> Vec<Job> {
    let (prepared, wanted): (Vec<Prepared>, Vec<Wanted>) = jobs
        .into_iter()
        .map(|job| (job.prepared, job.wanted))
        .unzip();
    let readings = match recognizer.read_quickly(&prepared) {
        Ok(readings) => readings,
        Err(failure) => {
            for wanted in wanted {
                wanted.fail(Failure::network(&failure));
            }
            return vec![];
        }
    };
    let mut unsure = vec![];
    for ((prepared, wanted), reading) in prepared.into_iter().zip(wanted).zip(readings) {
        match (reading, wanted) {
            (Some(reading), Wanted::Digits(requester)) => {
                requester.answer(Ok(Seen::plain(reading)));
            }
            (_, wanted) => unsure.push(Job { prepared, wanted }),
        }
    }
    unsure
}

fn answer_slow(recognizer: &mut Recognizer, jobs: Vec<Job>) {
    recognizer.set_signs(Signs::default());
    let mut plain = vec![];
    for Job { prepared, wanted } in jobs.into_iter().filter(|job| !job.wanted.is_moot()) {
        match wanted {
            Wanted::Digits(requester) => plain.push((Ok(prepared), requester)),
            Wanted::Explained(requester) => requester.answer(explain(recognizer, prepared)),
            Wanted::Tables(signs, requester) => {
                requester.answer(tables(recognizer, &prepared, signs));
            }
        }
    }
    let (prepared, requesters): (Vec<_>, Vec<Requester<Seen>>) = plain.into_iter().unzip();
    match recognizer.read_all(prepared) {
        Ok(readings) => {
            for (requester, reading) in requesters.into_iter().zip(readings) {
                requester.answer(reading.map(Seen::plain).map_err(Failure::from));
            }
        }
        Err(failure) => {
            for requester in requesters {
                requester.answer(Err(Failure::network(&failure)));
            }
        }
    }
}

/// Reads the tables of a sheet, with these signs.
fn tables(
    recognizer: &mut Recognizer,
    prepared: &Prepared,
    signs: Signs,
) -> Result<Sheet, Failure> {
    recognizer.set_signs(signs);
    let read = table::read(recognizer, prepared);
    recognizer.set_signs(Signs::default());
    read.map_err(|failure| Failure::network(&failure))
}

fn explain(recognizer: &Recognizer, prepared: Prepared) -> Result<Seen, Failure> {
    let explained = || {
        let readings = recognizer.read_all(vec![Ok(prepared.clone())])?;
        let reading = readings.into_iter().next().context("no reading")??;
        Ok(Seen {
            explanation: recognizer.explain(&prepared, &reading)?,
            reading,
        })
    };
    explained().map_err(|failure: anyhow::Error| Failure::network(&failure))
}

#[cfg(test)]
mod tests;
