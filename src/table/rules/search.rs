//! The most probable readings of several cells and of their total that fit together.

use std::collections::HashMap;

use super::settings::{PARTIAL_SUMS, PARTIAL_SUMS_IN_ALL, SURE};

/// One reading of a cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// In units of the smallest decimal place of the line.
    pub(super) value: i128,
    /// Above 0.
    pub(super) probability: f64,
}

/// A partial sum, and the most probable way to it.
#[derive(Clone, Copy)]
struct Partial {
    sum: i128,
    /// Relative to the best readings, so that it does not vanish with many cells.
    probability: f64,
    /// That of all ways to this sum together.
    all: f64,
    /// Where the sum before it stands in its layer.
    before: usize,
    /// Which candidate was added.
    choice: usize,
}

/// Which candidate of each term, and at the end of the total, are the most probable ones that fit
/// together; none if there are none, or if others that fit are together more probable.
///
/// All sums of the first, the first two, … terms are kept, each with its most probable way, up to a
/// number; beyond that the less probable ones are dropped.
pub(super) fn search(terms: &[Vec<Candidate>], total: &[Candidate]) -> Option<Vec<usize>> {
    let (least, most) = PARTIAL_SUMS;
    let width = (PARTIAL_SUMS_IN_ALL / terms.len().max(1)).clamp(least, most);
    let mut layers: Vec<Vec<Partial>> = Vec::with_capacity(terms.len());
    let nothing = [Partial {
        sum: 0,
        probability: 1.0,
        all: 1.0,
        before: 0,
        choice: 0,
    }];
    for candidates in terms {
        let before = layers.last().map_or(&nothing[..], Vec::as_slice);
        let layer = added(before, candidates, width);
        layers.push(layer);
    }
    let sums = layers.last()?;
    let by_sum: HashMap<i128, usize> = (0..).zip(sums).map(|(at, of)| (of.sum, at)).collect();
    let fitting = (0..).zip(total).filter_map(|(choice, candidate)| {
        let before = *by_sum.get(&candidate.value)?;
        let sum = &sums[before];
        let probability = sum.probability * candidate.probability;
        Some((probability, sum.all * candidate.probability, before, choice))
    });
    let fitting: Vec<(f64, f64, usize, usize)> = fitting.collect();
    let all: f64 = fitting.iter().map(|(_, all, ..)| all).sum();
    let (probability, _, mut before, choice) =
        *fitting.iter().max_by(|(a, ..), (b, ..)| a.total_cmp(b))?;
    if probability < SURE * all {
        return None;
    }
    let mut choices = vec![choice];
    for layer in layers.iter().rev() {
        choices.push(layer[before].choice);
        before = layer[before].before;
    }
    choices.reverse();
    Some(choices)
}

/// The sums with one more term, the `width` most probable ones.
fn added(before: &[Partial], candidates: &[Candidate], width: usize) -> Vec<Partial> {
    let best = candidates.iter().map(|candidate| candidate.probability);
    let best = best.fold(f64::MIN_POSITIVE, f64::max);
    let mut sums: HashMap<i128, Partial> = HashMap::new();
    for (at, partial) in before.iter().enumerate() {
        for (choice, candidate) in candidates.iter().enumerate() {
            let factor = candidate.probability / best;
            let next = Partial {
                sum: partial.sum + candidate.value,
                probability: partial.probability * factor,
                all: partial.all * factor,
                before: at,
                choice,
            };
            let known = sums.entry(next.sum).or_insert(Partial { all: 0.0, ..next });
            let all = known.all + next.all;
            if next.probability > known.probability {
                *known = next;
            }
            known.all = all;
        }
    }
    let mut layer: Vec<Partial> = sums.into_values().collect();
    // By sum where equally probable, so that the result does not depend on the map's order.
    layer.sort_by(|a, b| {
        let by_probability = b.probability.total_cmp(&a.probability);
        by_probability.then(a.sum.cmp(&b.sum))
    });
    layer.truncate(width);
    layer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(of: &[(i128, f64)]) -> Vec<Candidate> {
        let candidate = |&(value, probability): &(i128, f64)| Candidate { value, probability };
        of.iter().map(candidate).collect()
    }

    #[test]
    fn of_all_that_fit_the_most_probable_is_taken() {
        let terms = [
            candidates(&[(1, 0.6), (7, 0.4)]),
            candidates(&[(3, 0.9), (8, 0.1)]),
        ];
        // 7 + 3 with 0.36 before 1 + 8 with 0.06.
        let total = candidates(&[(11, 0.5), (9, 0.25), (10, 0.25)]);
        assert_eq!(search(&terms, &total), Some(vec![1, 0, 2]));
        assert_eq!(search(&terms, &candidates(&[(5, 1.0)])), None);
        assert_eq!(search(&[], &total), None);
    }

    #[test]
    fn nothing_is_taken_where_several_ways_are_as_probable() {
        let digit = candidates(&[(1, 0.6), (7, 0.4)]);
        let terms = [digit.clone(), digit.clone(), digit];
        // Any of the three may be a 7.
        assert_eq!(search(&terms, &candidates(&[(9, 1.0)])), None);
        assert_eq!(
            search(&terms, &candidates(&[(21, 1.0)])),
            Some(vec![1, 1, 1, 0])
        );
    }

    #[test]
    fn a_long_column_is_searched_within_bounds() {
        let mut terms = vec![candidates(&[(1, 0.95), (7, 0.03), (4, 0.02)]); 3000];
        terms[1234] = candidates(&[(3, 0.6), (500, 0.4)]);
        let found = search(&terms, &candidates(&[(2999 + 500, 1.0)])).unwrap();
        assert_eq!(found.iter().sum::<usize>(), 1);
        assert_eq!(found[1234], 1);
    }
}
