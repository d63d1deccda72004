//! Many pictures in bounded memory: read in batches by several workers, reported in order.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Result, bail};
use rayon::prelude::*;

use crate::picture::ImageError;

/// Enough for a network to be fast, and few enough that the first photos are answered soon.
const BATCH: usize = 32;

/// Batches per worker that are in memory at most.
const AHEAD: usize = 2;

/// A batch of items with their answers.
type Answered<T, A> = (Vec<T>, Result<Vec<Result<A, ImageError>>>);

/// How many items a batch has, so that all workers have something to do: `count` items in all, if
/// that is known.
fn batch_size(count: Option<usize>, workers: usize) -> usize {
    count.map_or(BATCH, |count| {
        count.div_ceil(AHEAD * workers).clamp(1, BATCH)
    })
}

/// Reads `items`, of which there are `count`, batch by batch; each batch by one of the `workers`.
///
/// `prepare` reads one item; a single worker has it run on all cores. `answer` turns a batch of
/// items and the prepared ones into as many answers, and `report` gets them in the order of `items`.
///
/// # Errors
/// The first outer failure of any of the three; a picture's own failure is reported as its answer.
pub(super) fn read<T, P, A, W>(
    mut items: impl Iterator<Item = T>,
    count: Option<usize>,
    workers: Vec<W>,
    prepare: impl Fn(&T) -> Result<P, ImageError> + Sync,
    answer: impl Fn(&W, &[T], Vec<Result<P, ImageError>>) -> Result<Vec<Result<A, ImageError>>> + Sync,
    mut report: impl FnMut(T, Result<A, ImageError>) -> Result<()>,
) -> Result<()>
where
    T: Send + Sync,
    P: Send,
    A: Send,
    W: Send,
{
    let number = workers.len();
    let size = batch_size(count, number);
    // After a failure, such as a closed pipe, nobody waits for what is still queued.
    let stopped = AtomicBool::new(false);
    let prepare = |item: &T| match stopped.load(Ordering::Relaxed) {
        true => Err(ImageError::Empty),
        false => prepare(item),
    };
    let work = |worker: &W, batch: Vec<T>| -> Answered<T, A> {
        let prepared = match number {
            1 => batch.par_iter().map(&prepare).collect(),
            _ => batch.iter().map(&prepare).collect(),
        };
        let answers = answer(worker, &batch, prepared);
        (batch, answers)
    };
    let (queue, batches) = mpsc::channel::<(Vec<T>, mpsc::Sender<Answered<T, A>>)>();
    let batches = Mutex::new(batches);
    let next = || {
        let batches = batches.lock().unwrap_or_else(PoisonError::into_inner);
        batches.recv().ok()
    };
    thread::scope(|scope| {
        // Dropped when this returns, which ends the workers.
        let queue = queue;
        for worker in workers {
            let (next, work) = (&next, &work);
            scope.spawn(move || {
                while let Some((batch, done)) = next() {
                    // The other end is gone after a failure.
                    let _ = done.send(work(&worker, batch));
                }
            });
        }
        let mut pending: VecDeque<Receiver<Answered<T, A>>> = VecDeque::new();
        let mut report_all = || loop {
            let batch: Vec<T> = items.by_ref().take(size).collect();
            let is_over = batch.is_empty();
            if !is_over {
                let (done, answered) = mpsc::channel();
                let _ = queue.send((batch, done));
                pending.push_back(answered);
            }
            while let Some(answered) = pending.front() {
                let answered = match is_over || pending.len() >= AHEAD * number {
                    true => answered.recv().map_err(TryRecvError::from),
                    false => answered.try_recv(),
                };
                let (batch, answers) = match answered {
                    Ok(answered) => answered,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => bail!("a thread that reads pictures ended"),
                };
                pending.pop_front();
                for (item, answer) in batch.into_iter().zip(answers?) {
                    report(item, answer)?;
                }
            }
            if is_over {
                return Ok(());
            }
        };
        report_all().inspect_err(|_| stopped.store(true, Ordering::Relaxed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads so many items with so many workers, every seventh of which fails.
    fn read_all(count: usize, workers: usize, is_known: bool) -> Vec<(usize, Option<usize>)> {
        let mut reported = Vec::new();
        let prepare = |&item: &usize| match item % 7 {
            3 => Err(ImageError::Empty),
            _ => Ok(10 * item),
        };
        let answer = |_: &usize, items: &[usize], batch: Vec<_>| {
            assert!(batch.len() <= BATCH && items.len() == batch.len());
            Ok(batch)
        };
        let report = |item, answer: Result<usize, ImageError>| {
            reported.push((item, answer.ok()));
            Ok(())
        };
        let known = is_known.then_some(count);
        read(
            0..count,
            known,
            (0..workers).collect(),
            prepare,
            answer,
            report,
        )
        .unwrap();
        reported
    }

    #[test]
    fn answers_come_in_order_and_failures_in_their_place() {
        for count in [0, 1, 5, 10 * BATCH + 5] {
            let expected: Vec<_> = (0..count)
                .map(|item| (item, (item % 7 != 3).then_some(10 * item)))
                .collect();
            for workers in 1..4 {
                assert_eq!(read_all(count, workers, true), expected);
                assert_eq!(read_all(count, workers, false), expected);
            }
        }
    }

    #[test]
    fn the_first_failure_of_a_worker_or_a_report_ends_the_work() {
        let answer = |_: &usize, items: &[usize], batch: Vec<_>| match items.contains(&100) {
            true => bail!("no memory"),
            false => Ok(batch),
        };
        let prepare = |&item: &usize| Ok(item);
        let mut reported = 0;
        let failure = read(0.., None, vec![1, 2], prepare, answer, |_, _| {
            reported += 1;
            Ok(())
        });
        assert_eq!(failure.unwrap_err().to_string(), "no memory");
        assert_eq!(reported, 100 / BATCH * BATCH);
        let closed = read(0.., None, vec![1, 2], prepare, answer, |_, _| {
            bail!("closed")
        });
        assert_eq!(closed.unwrap_err().to_string(), "closed");
    }

    #[test]
    fn few_items_are_divided_among_the_workers() {
        assert_eq!(batch_size(Some(4), 2), 1);
        assert_eq!(batch_size(Some(40), 2), 10);
        assert_eq!(batch_size(Some(1000), 2), BATCH);
        assert_eq!(batch_size(Some(0), 1), 1);
        assert_eq!(batch_size(None, 2), BATCH);
    }
}
