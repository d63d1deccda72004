//! Which columns or rows a rule names.

/// One column or row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Counted from 1.
    At(usize),
    Last,
}

impl Place {
    /// Counted from 0, among so many; none if there are fewer.
    pub(super) fn among(self, count: usize) -> Option<usize> {
        match self {
            Self::At(number) => number.checked_sub(1).filter(|at| *at < count),
            Self::Last => count.checked_sub(1),
        }
    }
}

/// Several columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Places {
    All,
    /// Each from the first to the last of a pair.
    These(Vec<(Place, Place)>),
}

impl Places {
    /// Whether one of so many, counted from 0, is among them.
    pub(super) fn contain(&self, at: usize, count: usize) -> bool {
        let within = |(from, to): &(Place, Place)| {
            let (from, to) = (from.among(count), to.among(count));
            from.is_some_and(|from| from <= at) && to.is_none_or(|to| at <= to)
        };
        match self {
            Self::All => true,
            Self::These(pairs) => pairs.iter().any(within),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_from_one_or_from_the_end() {
        let places = Places::These(vec![
            (Place::At(1), Place::At(1)),
            (Place::At(3), Place::At(9)),
            (Place::Last, Place::Last),
        ]);
        let of = |count: usize| -> Vec<usize> {
            (0..count).filter(|&at| places.contain(at, count)).collect()
        };
        assert_eq!(of(2), [0, 1]);
        assert_eq!(of(4), [0, 2, 3]);
        assert!(of(0).is_empty());
        assert!(Places::All.contain(7, 8));
    }
}
