//! Signs join the digits on both sides to one number, however wide the gaps of a hand are.

use super::writing::{Item, in_lines};

/// Widest gap beside a sign within a number, in heights of a digit.
const GAP: f32 = 1.2;

/// The items with those of one number joined around its signs; `characters` are those of the symbols.
pub(super) fn joined(items: Vec<Item>, characters: &[char]) -> Vec<Item> {
    let character = |item: &Item| match item.symbols[..] {
        [only] => characters.get(only).copied(),
        _ => None,
    };
    let mut all = vec![];
    for line in in_lines(&items) {
        let kinds: Vec<Option<char>> = line.iter().map(|item| character(item)).collect();
        let gap = |at: usize| match (line.get(at.wrapping_sub(1)), line.get(at)) {
            (Some(a), Some(b)) => (b.bounds.left - a.bounds.right) / a.height().max(b.height()),
            _ => f32::MAX,
        };
        // Whether the gap before an item is one within a number.
        let is_inner = |at: usize| {
            let is_between = |sign: usize| {
                let digits = [sign.wrapping_sub(1), sign + 1];
                // A `?` is a digit that was refused.
                let is_digit = |at: &usize| matches!(kinds.get(*at), Some(Some('0'..='9' | '?')));
                matches!(kinds.get(sign), Some(Some('.' | ',' | ':' | '/')))
                    && digits.iter().all(is_digit)
                    && gap(sign).max(gap(sign + 1)) <= GAP
            };
            // A minus stands nearer to its own number.
            let is_minus = kinds.get(at.wrapping_sub(1)) == Some(&Some('-'))
                && gap(at) <= GAP
                && gap(at) < gap(at - 1);
            is_between(at) || is_between(at.wrapping_sub(1)) || is_minus
        };
        for (at, item) in line.iter().enumerate() {
            let item = (*item).clone();
            match all.last_mut() {
                Some(last) if at > 0 && is_inner(at) => join(last, item),
                _ => all.push(item),
            }
        }
    }
    all
}

fn join(item: &mut Item, next: Item) {
    item.bounds = item.bounds.union(&next.bounds);
    item.symbols.extend(next.symbols);
    item.corners = None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::Written;

    /// The numbers of symbols in each item of a line of characters whose left edges are given, 20 high.
    fn counts(characters: &str, lefts: &[f32]) -> Vec<usize> {
        let mut written = Written::default();
        for &left in lefts {
            written.add("7", [left, 50.0], 20.0);
        }
        let characters: Vec<char> = characters.chars().collect();
        let items = joined(written.items, &characters);
        items.iter().map(|item| item.symbols.len()).collect()
    }

    #[test]
    fn a_sign_joins_its_neighbours_if_they_are_near() {
        assert_eq!(counts("48.2", &[0.0, 30.0, 60.0, 90.0]), [1, 3]);
        assert_eq!(counts("1/2/3", &[0.0, 30.0, 60.0, 90.0, 120.0]), [5]);
        assert_eq!(counts("8.2", &[0.0, 30.0, 90.0]), [1, 1, 1]);
        assert_eq!(counts("8.", &[0.0, 30.0]), [1, 1]);
        assert_eq!(counts("8.?", &[0.0, 30.0, 60.0]), [3]);
    }

    #[test]
    fn a_minus_belongs_to_the_number_after_it() {
        assert_eq!(counts("4-73", &[0.0, 60.0, 85.0, 110.0]), [1, 2, 1]);
        // Half-way between two, it may belong to either.
        assert_eq!(counts("4-7", &[0.0, 30.0, 60.0]), [1, 1, 1]);
        assert_eq!(counts("-", &[0.0]), [1]);
    }
}
