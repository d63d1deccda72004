//! The rules applied to a table: first to each cell by itself, then to sums.

use std::collections::HashSet;

use super::check::Check;
use super::grammar::Statement;
use super::rule::Rule;
use super::search::{Candidate, search};
use super::settings::{READINGS, SUMMANDS, SURE};
use super::sums::Line;
use crate::table::number::{Number, Style};
use crate::table::{Alternative, Answer, Cell, Outcome, Table};

/// What each cell is taken to hold, in the order of the cells.
pub(super) fn apply(rules: &[Rule], table: &Table) -> Vec<Answer> {
    let texts: Vec<String> = table.cells.iter().map(Cell::text).collect();
    let mut work = Work {
        style: Style::of(texts.iter().map(String::as_str)),
        checks: vec![vec![]; table.cells.len()],
        answers: table.cells.iter().map(Answer::best).collect(),
        texts,
        table,
    };
    let lines: Vec<(&Rule, Line)> = (rules.iter())
        .filter_map(|rule| match &rule.statement {
            Statement::Sum(sum) => Some((rule, sum)),
            Statement::Cells(..) => None,
        })
        .flat_map(|(rule, sum)| sum.lines(table).into_iter().map(move |line| (rule, line)))
        .collect();
    // A total is checked by its sum alone: it may well be larger than what is added.
    let totals: HashSet<usize> = lines.iter().map(|(_, line)| line.total).collect();
    for rule in rules {
        let Statement::Cells(columns, check) = &rule.statement else {
            continue;
        };
        for (at, cell) in table.cells.iter().enumerate() {
            let is_meant = !cell.symbols.is_empty() && !totals.contains(&at);
            if is_meant && columns.contain(cell.column, table.columns) {
                work.checks[at].push((&rule.text, check));
            }
        }
    }
    (0..table.cells.len()).for_each(|at| work.check(at));
    work.add_up(&lines);
    work.answers
}

struct Work<'a> {
    table: &'a Table,
    style: Style,
    /// By cell, the checks that it should satisfy, each with its rule.
    checks: Vec<Vec<(&'a str, &'a Check)>>,
    /// By cell, the text that it is taken to hold.
    texts: Vec<String>,
    answers: Vec<Answer>,
}

impl<'a> Work<'a> {
    /// Takes the most probable reading of a cell that satisfies its checks.
    fn check(&mut self, at: usize) {
        if self.checks[at].is_empty() {
            return;
        }
        let broken: Vec<String> = (self.checks[at].iter())
            .filter(|(_, check)| !check.accepts(&self.texts[at], self.style))
            .map(|(rule, _)| (*rule).to_owned())
            .collect();
        if broken.is_empty() {
            self.answers[at].outcome = Outcome::Kept;
            return;
        }
        match self.corrected(at) {
            Some(reading) => self.correct(at, &reading, &broken),
            None => {
                self.answers[at].outcome = Outcome::Violated;
                self.answers[at].broken = broken;
            }
        }
    }

    /// The readings of a cell that satisfy its checks, the most probable first.
    fn accepted(&self, at: usize) -> impl Iterator<Item = Alternative> {
        let (checks, style) = (&self.checks[at], self.style);
        self.table.cells[at]
            .alternatives()
            .take(READINGS)
            .filter(move |reading| {
                let mut checks = checks.iter();
                checks.all(|(_, check)| check.accepts(&reading.text, style))
            })
    }

    /// The most probable reading that satisfies the checks. A refused digit is filled in only if
    /// they leave little choice.
    fn corrected(&self, at: usize) -> Option<Alternative> {
        let mut accepted = self.accepted(at);
        let first = accepted.next()?;
        if !self.texts[at].contains('?') {
            return Some(first);
        }
        let others: f64 = accepted.map(|other| other.probability).sum();
        (first.probability >= SURE * (first.probability + others)).then_some(first)
    }

    fn correct(&mut self, at: usize, reading: &Alternative, broken: &[String]) {
        self.texts[at].clone_from(&reading.text);
        let before = &self.answers[at].broken;
        self.answers[at] = Answer {
            outcome: Outcome::Corrected,
            broken: [before, broken].concat(),
            ..Answer::new(
                &self.table.cells[at],
                reading.text.clone(),
                reading.probability,
            )
        };
    }

    /// Searches readings for sums that do not hold. Cells of those that hold are taken as they are.
    fn add_up(&mut self, lines: &[(&Rule, Line)]) {
        let holding = lines
            .iter()
            .filter(|(_, line)| line.holds(&self.texts, self.style));
        let mut settled: HashSet<usize> = holding.flat_map(|(_, line)| line.cells()).collect();
        for (rule, line) in lines {
            if line.holds(&self.texts, self.style) || !self.correct_sum(rule, line, &settled) {
                continue;
            }
            settled.extend(line.cells());
        }
        for (rule, line) in lines {
            if line.holds(&self.texts, self.style) {
                for at in line.cells() {
                    if self.answers[at].outcome == Outcome::Unchecked {
                        self.answers[at].outcome = Outcome::Kept;
                    }
                }
            } else {
                let total = &mut self.answers[line.total];
                total.outcome = Outcome::Violated;
                total.broken.push(rule.text.clone());
            }
        }
    }

    /// Takes the most probable readings of a line that add up, if there are any.
    fn correct_sum(&mut self, rule: &Rule, line: &Line, settled: &HashSet<usize>) -> bool {
        let readings: Vec<Vec<(Number, Alternative)>> = (line.cells())
            .map(|at| self.summands(at, settled.contains(&at)))
            .collect();
        let numbers = readings.iter().flatten().map(|(number, _)| number.places());
        let places = numbers.max().unwrap_or(0);
        let candidate = |(number, reading): &(Number, Alternative)| Candidate {
            value: number.scaled(places),
            probability: reading.probability,
        };
        let candidates = readings.iter().map(|of| of.iter().map(candidate).collect());
        let mut terms: Vec<Vec<Candidate>> = candidates.collect();
        let total = terms.pop().unwrap_or_default();
        let Some(choices) = search(&terms, &total) else {
            return false;
        };
        for ((at, choice), readings) in line.cells().zip(choices).zip(&readings) {
            let (_, reading) = &readings[choice];
            if reading.text != self.texts[at] {
                self.correct(at, reading, std::slice::from_ref(&rule.text));
            }
        }
        true
    }

    /// The readings of a cell that may be added, with their values.
    fn summands(&self, at: usize, is_settled: bool) -> Vec<(Number, Alternative)> {
        let readings = match is_settled || self.answers[at].outcome == Outcome::Violated {
            true => vec![Alternative {
                text: self.texts[at].clone(),
                probability: 1.0,
            }],
            false => self.accepted(at).take(SUMMANDS).collect(),
        };
        let with_value = |reading: Alternative| Some((self.style.value(&reading.text)?, reading));
        readings.into_iter().filter_map(with_value).collect()
    }
}

#[cfg(test)]
mod tests;
