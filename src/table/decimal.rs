//! One decimal mark for a table: who writes it uses either points or commas, so that the clear ones
//! decide about the others.

use super::Table;
use crate::characters::class_of;
use crate::recognizer::Symbol;

/// How much more probable one mark must be than the other, over the whole table.
const CLEARLY: f64 = 1.5;

/// Decides between points and commas in the cells that have a single mark. One that was refused is
/// read if the two together are at least as probable as `min_confidence`.
pub(super) fn unify(table: &mut Table, min_confidence: f64) {
    let [Some(point), Some(comma)] = ['.', ','].map(class_of) else {
        return;
    };
    let marks = [point, comma].map(usize::from);
    let probable = |symbol: &Symbol| marks.map(|mark| symbol.probabilities[mark]);
    let is_mark = |symbol: &Symbol| match symbol.class {
        Some(class) => class == point || class == comma,
        None => {
            let [a, b] = probable(symbol);
            let others = symbol.probabilities.iter().sum::<f64>() - a - b;
            a + b > others
        }
    };
    let single = |symbols: &[Symbol]| {
        let mut places = (0..symbols.len()).filter(|&at| is_mark(&symbols[at]));
        let first = places.next()?;
        places.next().is_none().then_some(first)
    };
    let mut sums = [0.0; 2];
    for cell in &table.cells {
        if let Some(at) = single(&cell.symbols) {
            let own = probable(&cell.symbols[at]);
            sums = [sums[0] + own[0], sums[1] + own[1]];
        }
    }
    let usual = match sums {
        [points, commas] if points > CLEARLY * commas => 0,
        [points, commas] if commas > CLEARLY * points => 1,
        _ => return,
    };
    for cell in &mut table.cells {
        let Some(at) = single(&cell.symbols) else {
            continue;
        };
        let symbol = &mut cell.symbols[at];
        let both = probable(symbol).iter().sum::<f64>();
        symbol.probabilities[marks[1 - usual]] = 0.0;
        symbol.probabilities[marks[usual]] = both;
        if symbol.class.is_some() || both >= min_confidence {
            symbol.class = u8::try_from(marks[usual]).ok();
            symbol.confidence = both;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::samples::{cell, refused, sure, table};
    use crate::table::{Answer, Cell};

    fn texts(cells: Vec<Cell>) -> Vec<String> {
        let mut table = table(1, cells);
        unify(&mut table, 0.5);
        let answers = table.cells.iter().map(Answer::best);
        answers.map(|answer| answer.text).collect()
    }

    #[test]
    fn the_clear_marks_of_a_table_decide_about_the_others() {
        let unsure = cell(&[&[('3', 0.99)], &[('.', 0.55), (',', 0.4)], &[('5', 0.99)]]);
        let unread = refused(&[&[('3', 0.99)], &[('.', 0.45), (',', 0.45)], &[('5', 0.99)]]);
        let long = sure("1.250,5");
        let found = texts(vec![
            sure("1,5"),
            sure("2,25"),
            unsure,
            unread,
            long,
            sure("7"),
        ]);
        assert_eq!(found, ["1,5", "2,25", "3,5", "3,5", "1.250,5", "7"]);
    }

    #[test]
    fn where_both_are_common_they_stay() {
        assert_eq!(texts(vec![sure("1,5"), sure("2.5")]), ["1,5", "2.5"]);
    }
}
