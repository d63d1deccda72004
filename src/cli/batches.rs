//! Many pictures in bounded memory: prepared on all cores, classified in batches, reported in order.

use anyhow::Result;
use rayon::prelude::*;

use crate::picture::ImageError;

/// Enough for the network to be fast, and few enough that the first photos are answered soon.
const BATCH: usize = 64;

/// Reads `items` batch by batch.
///
/// `prepare` runs on all cores, `answer` turns a batch of items and the prepared ones into as many
/// answers, and `report` gets them in the order of `items`. Only one batch is in memory at any time.
///
/// # Errors
/// The first outer failure of any of the three; a picture's own failure is reported as its answer.
pub(super) fn read<T, P, A>(
    mut items: impl Iterator<Item = T>,
    prepare: impl Fn(&T) -> Result<Result<P, ImageError>> + Sync,
    answer: impl Fn(&[T], Vec<Result<P, ImageError>>) -> Result<Vec<Result<A, ImageError>>>,
    mut report: impl FnMut(T, Result<A, ImageError>) -> Result<()>,
) -> Result<()>
where
    T: Sync,
    P: Send,
{
    loop {
        let batch: Vec<T> = items.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let prepared = batch.par_iter().map(&prepare).collect::<Result<_>>()?;
        let answers = answer(&batch, prepared)?;
        for (item, answer) in batch.into_iter().zip(answers) {
            report(item, answer)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order_and_failures_in_their_place() {
        let count = 3 * BATCH + 5;
        let mut reported = Vec::new();
        let prepare = |&item: &usize| match item % 7 {
            3 => Ok(Err(ImageError::Empty)),
            _ => Ok(Ok(10 * item)),
        };
        let answer = |items: &[usize], batch: Vec<_>| {
            assert!(batch.len() <= BATCH && items.len() == batch.len());
            Ok(batch)
        };
        read(0..count, prepare, answer, |item, answer| {
            reported.push((item, answer.ok()));
            Ok(())
        })
        .unwrap();
        let expected: Vec<_> = (0..count)
            .map(|item| (item, (item % 7 != 3).then_some(10 * item)))
            .collect();
        assert_eq!(reported, expected);
    }
}
