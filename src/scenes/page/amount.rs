//! Numbers with signs, as people write them: amounts, times, dates, scores.

use super::row::Item;
use super::sign::Sign;
use crate::random::SeededRng;

/// How somebody writes the numbers of one column or page.
#[derive(Clone, Copy, Debug)]
pub struct Notation {
    kind: Kind,
    /// What separates the parts of the number.
    sign: Sign,
    /// Most digits in the first part.
    longest: u32,
    /// Digits after the decimal sign.
    decimals: u32,
    /// How often a minus stands in front.
    negative: f64,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// `3.5`, `-12,25`, `.5`.
    Decimal,
    /// `12,500`, `1.250.000`.
    Thousands,
    /// `-7`.
    Whole,
    /// `9:30`, `12:30:05`.
    Time,
    /// `1/2`, `3-1`, `2:0`.
    Pair,
    /// `24.12.2025`, `3/4/99`, `12-05-99`.
    Date,
}

impl Notation {
    /// A random one.
    pub fn new(rng: &mut SeededRng) -> Self {
        let kinds = [
            (0.32, Kind::Decimal),
            (0.08, Kind::Thousands),
            (0.16, Kind::Whole),
            (0.18, Kind::Time),
            (0.14, Kind::Pair),
            (0.12, Kind::Date),
        ];
        let (_, kind) = kinds[rng.weighted_index(&kinds.map(|(share, _)| share))];
        let signs: &[Sign] = match kind {
            Kind::Decimal | Kind::Thousands => &[Sign::Point, Sign::Comma],
            Kind::Whole => &[Sign::Dash],
            Kind::Time => &[Sign::Colon],
            Kind::Pair => &[Sign::Slash, Sign::Dash, Sign::Colon],
            Kind::Date => &[Sign::Point, Sign::Slash, Sign::Dash],
        };
        let often = *rng.choose(&[0.0, 0.0, 0.15, 0.5]);
        Self {
            kind,
            sign: *rng.choose(signs),
            longest: 1 + rng.below(4),
            decimals: 1 + rng.below(3),
            negative: match kind {
                Kind::Whole => 0.6,
                Kind::Decimal | Kind::Thousands => often,
                _ => 0.0,
            },
        }
    }

    /// A number.
    pub fn number(&self, rng: &mut SeededRng) -> Vec<Item> {
        let most = self.longest;
        let mut up_to = |most: u32| 1 + rng.below(most);
        let parts = match self.kind {
            Kind::Decimal => vec![up_to(most), self.decimals],
            Kind::Thousands => {
                let mut parts = vec![up_to(3)];
                parts.extend(vec![3; up_to(2) as usize]);
                parts
            }
            Kind::Whole => vec![up_to(most)],
            Kind::Time => {
                let mut parts = vec![up_to(2), 2];
                if up_to(5) == 1 {
                    parts.push(2);
                }
                parts
            }
            Kind::Pair => vec![up_to(2), up_to(2)],
            Kind::Date => vec![up_to(2), up_to(2), *rng.choose(&[2, 4])],
        };
        let mut items = Vec::new();
        if rng.random_bool(self.negative) {
            items.push(Item::Sign(Sign::Dash));
        }
        for (at, &digits) in parts.iter().enumerate() {
            if at > 0 {
                items.push(Item::Sign(self.sign));
            }
            let left_out = at == 0 && matches!(self.kind, Kind::Decimal) && rng.random_bool(0.03);
            if !left_out {
                items.extend(vec![Item::Digit; digits as usize]);
            }
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_one_notation_are_separated_alike_and_have_digits() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let mut rng = SeededRng::new(seed, 0);
            let notation = Notation::new(&mut rng);
            for _ in 0..20 {
                let items = notation.number(&mut rng);
                let text: String = items
                    .iter()
                    .map(|item| match item {
                        Item::Digit => 'd',
                        Item::Sign(sign) => sign.character().unwrap(),
                        _ => unreachable!("only digits and signs"),
                    })
                    .collect();
                assert!(text.ends_with('d'), "{text}");
                let separators = text.trim_start_matches('-').replace('d', "");
                let first = separators.chars().next();
                assert!(separators.chars().all(|sign| Some(sign) == first), "{text}");
                seen.extend(text.chars());
            }
        }
        assert_eq!(seen.into_iter().collect::<String>(), ",-./:d");
    }
}
