//! The cells of a table of which one is the sum of the others.

use super::grammar::{Axis, Sum};
use crate::table::Table;
use crate::table::number::{Number, Style};

/// A total and what is added to it, as places in the cells of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) total: usize,
    pub(super) terms: Vec<usize>,
}

impl Sum {
    /// Whether a table has the rows and columns that the rule names.
    pub(super) fn fits(&self, table: &Table) -> bool {
        let (lines, length) = self.sizes(table);
        let terms = self.terms(length).map(|(_, terms)| terms.count());
        terms.is_some_and(|count| count > 0)
            && (0..lines).any(|line| self.lines.contain(line, lines))
    }

    /// Its lines in a table. Those without a total, or with nothing to add, are left out: a column
    /// of names has no sum.
    pub(super) fn lines(&self, table: &Table) -> Vec<Line> {
        let (lines, length) = self.sizes(table);
        let Some((total, terms)) = self.terms(length) else {
            return vec![];
        };
        let place = |line: usize, at: usize| match self.along {
            Axis::Down => at * table.columns + line,
            Axis::Across => line * table.columns + at,
        };
        let is_written = |place: &usize| {
            let cell = table.cells.get(*place);
            cell.is_some_and(|cell| !cell.symbols.is_empty())
        };
        let lines = (0..lines).filter(|&line| self.lines.contain(line, lines));
        let line = |line: usize| Line {
            total: place(line, total),
            terms: (terms.clone().map(|at| place(line, at)))
                .filter(is_written)
                .collect(),
        };
        lines
            .map(line)
            .filter(|line| is_written(&line.total) && !line.terms.is_empty())
            .collect()
    }

    /// How many lines a table has, and how many cells are in each.
    fn sizes(&self, table: &Table) -> (usize, usize) {
        match self.along {
            Axis::Down => (table.columns, table.rows),
            Axis::Across => (table.rows, table.columns),
        }
    }

    /// The total and the terms in a line of this length, if it has them.
    fn terms(&self, length: usize) -> Option<(usize, impl Iterator<Item = usize> + Clone + use<>)> {
        let total = self.total.among(length)?;
        let from = self.from.among(length)?;
        let to = match self.to {
            Some(to) => to.among(length)? + 1,
            None => total,
        };
        Some((total, (from..to).filter(move |at| *at != total)))
    }
}

impl Line {
    /// Whether the texts add up; not if one of them is no number.
    pub(super) fn holds(&self, texts: &[String], style: Style) -> bool {
        let value = |&place: &usize| style.value(texts.get(place)?);
        let terms: Option<Vec<Number>> = self.terms.iter().map(value).collect();
        terms.zip(value(&self.total)).is_some_and(|(terms, total)| {
            let places = terms.iter().map(|number| number.places()).max();
            let places = places.unwrap_or(0).max(total.places());
            let sum: i128 = terms.iter().map(|number| number.scaled(places)).sum();
            sum == total.scaled(places)
        })
    }

    /// All its cells, the total at the end.
    pub(super) fn cells(&self) -> impl Iterator<Item = usize> {
        self.terms.iter().copied().chain([self.total])
    }
}

#[cfg(test)]
mod tests {
    use super::super::grammar::{Statement, parse};
    use super::*;
    use crate::table::samples::{sure, table};

    fn sum(rule: &str) -> Sum {
        match parse(rule).unwrap() {
            Statement::Sum(sum) => sum,
            other => panic!("{other:?}"),
        }
    }

    fn lines(rule: &str, table: &Table) -> Vec<(usize, Vec<usize>)> {
        let lines = sum(rule).lines(table).into_iter();
        lines.map(|line| (line.total, line.terms)).collect()
    }

    #[test]
    fn totals_are_below_or_beside_what_is_added() {
        let cells = ["1", "2", "3", "4", "5", "6", "", "7", "9"];
        let numbers = table(3, cells.map(sure).to_vec());
        // The first column has no total.
        let down = vec![(7, vec![1, 4]), (8, vec![2, 5])];
        assert_eq!(lines("total: sum", &numbers), down);
        assert_eq!(lines("3: sum", &numbers), down[1..]);
        let across = vec![(2, vec![0, 1]), (5, vec![3, 4]), (8, vec![7])];
        assert_eq!(lines("total = sum of row", &numbers), across);
        let part = lines("column 1 = sum of columns 2-3", &numbers);
        assert_eq!(part, vec![(0, vec![1, 2]), (3, vec![4, 5])]);
        assert_eq!(
            lines("row 3 = sum of rows 2-", &numbers),
            vec![(7, vec![4]), (8, vec![5])]
        );
    }

    #[test]
    fn a_sum_fits_a_table_that_has_its_rows_and_columns() {
        let numbers = table(2, vec![sure("1"); 6]);
        let fits = |rule: &str| sum(rule).fits(&numbers);
        assert!(fits("total: sum") && fits("row 3 = sum of rows 1-2"));
        for rule in [
            "3: sum",
            "row 4 = sum of rows above",
            "row 3 = sum of rows 1-4",
        ] {
            assert!(!fits(rule), "{rule}");
        }
        assert!(!fits("row 1 = sum of rows above"));
    }

    #[test]
    fn numbers_add_up_whatever_their_decimal_places() {
        let line = Line {
            total: 0,
            terms: vec![1, 2],
        };
        let holds = |texts: [&str; 3]| line.holds(&texts.map(str::to_owned), Style::default());
        assert!(holds(["4", "1.5", "2.50"]) && holds(["-1", "2", "-3"]));
        assert!(!holds(["4", "1", "2"]) && !holds(["4", "3?", "1"]));
    }
}
