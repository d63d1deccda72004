use std::sync::Arc;

use image::{GrayImage, Luma};
use tch::Device;
use tokio::sync::oneshot::Receiver;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::super::testing::digit;
use super::*;
use crate::recognizer::prepare;

type Answer<T = Seen> = Receiver<Result<T, Failure>>;

/// A job and where its answer arrives.
fn job<T>(prepared: Prepared, wanted: impl FnOnce(Requester<T>) -> Wanted) -> (Job, Answer<T>) {
    let (reply, answer) = oneshot::channel();
    let places = Arc::new(Semaphore::new(1));
    let place = places.try_acquire_owned().unwrap();
    let wanted = wanted(Requester { reply, place });
    (Job { prepared, wanted }, answer)
}

/// A digit in MNIST's form.
fn small() -> Prepared {
    prepare(&digit().0).unwrap()
}

/// A blank picture of this size.
fn blank(side: u32) -> Prepared {
    GrayImage::from_pixel(side, side, Luma([250])).into()
}

fn digit_in(answer: Answer) -> Option<u8> {
    let seen = answer.blocking_recv().unwrap();
    seen.unwrap_or_else(|failure| panic!("{failure}"))
        .reading
        .digit()
}

/// A closed queue of jobs for these pictures, and their answers.
fn queue(pictures: impl IntoIterator<Item = Prepared>) -> (UnboundedReceiver<Job>, Vec<Answer>) {
    let (queue, jobs) = mpsc::unbounded_channel();
    let ask = |prepared| {
        let (job, answer) = job(prepared, Wanted::Digits);
        assert!(queue.send(job).is_ok());
        answer
    };
    let answers = pictures.into_iter().map(ask).collect();
    (jobs, answers)
}

fn sides(jobs: &[Job]) -> Vec<u32> {
    jobs.iter().map(|job| job.prepared.grey().width()).collect()
}

#[test]
fn after_a_panic_the_other_jobs_are_answered() {
    let (queue, jobs) = mpsc::unbounded_channel();
    let places = Arc::new(Semaphore::new(3));
    let ask = |side| {
        let (reply, answer) = oneshot::channel();
        let place = places.clone().try_acquire_owned().unwrap();
        let job = Job {
            prepared: GrayImage::new(side, side).into(),
            wanted: Wanted::Explained(Requester { reply, place }),
        };
        assert!(queue.send(job).is_ok());
        answer
    };
    let answers = [50, 60, 70].map(ask);
    drop(queue);
    work_through(jobs, &mut |work| {
        let Work::Slow(jobs) = work else {
            return vec![];
        };
        for job in jobs {
            assert!(job.prepared.grey().width() != 60, "a network's panic");
            job.wanted.fail(Failure::Busy);
        }
        vec![]
    });
    let answered = answers.map(|answer| answer.blocking_recv().is_ok());
    assert_eq!(answered, [true, false, true]);
    assert_eq!(places.available_permits(), 3);
}

#[test]
fn a_batch_is_what_waits_up_to_its_limit_without_large_pictures() {
    let small = small();
    let pictures = [vec![blank(50)], vec![small; BATCH + 6]].concat();
    let (mut jobs, _answers) = queue(pictures);
    let mut slow = VecDeque::new();
    let batch = next_batch(&mut jobs, &mut slow);
    assert_eq!(sides(&batch), [28; BATCH]);
    assert_eq!(sides(slow.make_contiguous()), [50]);
    assert_eq!(next_batch(&mut jobs, &mut slow).len(), 6);
    // Returns at once, since a large picture waits.
    assert_eq!(next_batch(&mut jobs, &mut slow).len(), 0);
    slow.clear();
    assert_eq!(next_batch(&mut jobs, &mut slow).len(), 0);
}

#[test]
fn the_reader_takes_one_picture_or_a_few_small_ones_in_their_order() {
    let small = small();
    let taken = |pictures: Vec<Prepared>| {
        let jobs = pictures
            .into_iter()
            .map(|prepared| job(prepared, Wanted::Digits).0);
        let mut slow: VecDeque<Job> = jobs.collect();
        let taken = next_slow(&mut slow);
        (sides(&taken), slow.len())
    };
    assert_eq!(taken(vec![]), (vec![], 0));
    let large_first = vec![blank(50), small.clone(), small.clone()];
    assert_eq!(taken(large_first), (vec![50], 2));
    let large_second = vec![small.clone(), blank(50), small.clone()];
    assert_eq!(taken(large_second), (vec![28], 2));
    assert_eq!(taken(vec![small; UNSURE + 2]), (vec![28; UNSURE], 2));
}

#[test]
fn what_the_small_network_is_unsure_of_is_given_to_the_reader() {
    let small = small();
    let (jobs, answers) = queue([small.clone(), small]);
    let mut seen = vec![];
    work_through(jobs, &mut |work| match work {
        Work::Quick(jobs) => {
            seen.push(("quick", jobs.len()));
            jobs
        }
        Work::Slow(jobs) => {
            seen.push(("slow", jobs.len()));
            for job in jobs {
                job.wanted.fail(Failure::Busy);
            }
            vec![]
        }
    });
    assert_eq!(seen, [("quick", 2), ("slow", 2)]);
    for answer in answers {
        assert!(matches!(answer.blocking_recv(), Ok(Err(Failure::Busy))));
    }
}

#[test]
fn all_waiting_pictures_are_answered_and_counted() {
    let (jobs, answers) = queue([small(), blank(40), small()]);
    let metrics = Metrics::new();
    answer_all(Recognizer::builtin(Device::Cpu).unwrap(), jobs, &metrics);
    let digit = Some(digit().1);
    let digits: Vec<_> = answers.into_iter().map(digit_in).collect();
    assert_eq!(digits, [digit, None, digit]);
    let text = metrics.text().unwrap();
    for line in ["batch_pictures_sum 3.0", "batch_pictures_count 2"] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn the_small_network_returns_what_it_is_unsure_of() {
    let recognizer = Recognizer::builtin(Device::Cpu).unwrap();
    // A solid block is no digit.
    let block = GrayImage::from_fn(28, 28, |x, y| {
        let inked = (11..17).contains(&x) && (4..24).contains(&y) && (x + y) % 3 == 0;
        Luma([if inked { 255 } else { 0 }])
    });
    let block = Prepared::from(block);
    assert!(block.is_in_mnists_form());
    let ((sure, answer), (unsure, open)) =
        (job(small(), Wanted::Digits), job(block, Wanted::Digits));
    let left = answer_quick(&recognizer, vec![unsure, sure]);
    assert_eq!(left.len(), 1);
    assert_eq!(digit_in(answer), Some(digit().1));
    drop(left);
    assert!(open.blocking_recv().is_err());
}

#[test]
fn the_reader_explains_only_where_that_is_asked_for_and_skips_who_has_gone() {
    let mut recognizer = Recognizer::builtin(Device::Cpu).unwrap();
    let (explained, first) = job(small(), Wanted::Explained);
    let (plain, second) = job(small(), Wanted::Digits);
    let (gone, third) = job(small(), Wanted::Digits);
    drop(third);
    answer_slow(&mut recognizer, vec![explained, plain, gone]);
    let explanations = [first, second].map(|answer| {
        let seen = answer.blocking_recv().unwrap().ok().unwrap();
        assert_eq!(seen.reading.digit(), Some(digit().1));
        seen.explanation
            .map(|explanation| explanation.decisive.len())
    });
    assert_eq!(explanations, [Some(784), None]);
}

#[test]
fn the_tables_of_a_sheet_are_read() {
    let mut recognizer = Recognizer::builtin(Device::Cpu).unwrap();
    let wanted = |requester| Wanted::Tables(Signs::Everywhere, requester);
    let (sheet, answer) = job(blank(80), wanted);
    answer_slow(&mut recognizer, vec![sheet]);
    let sheet = answer.blocking_recv().unwrap().ok().unwrap();
    assert_eq!(sheet.tables, []);
}
