//! Scores of rendered sheets, cell by cell.

use crate::scenes::{SheetPhoto, TrueTable};
use crate::table::{Answer, Cell, Point, Sheet, Table};

/// How far rows and columns may be counted differently: whether words above or beside a table are
/// part of it is a matter of opinion.
const SHIFTS: std::ops::RangeInclusive<isize> = -2..=2;

/// Counts over the cells of some sheets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SheetScore {
    /// Sheets.
    pub sheets: usize,
    /// Cells with a number.
    pub numbers: usize,
    /// Of these, the ones for which something was read in the right row and column.
    pub placed: usize,
    /// Of these, the ones where nothing was read.
    pub missed: usize,
    /// The confidence of each cell that was read, and whether it is exactly right and placed right.
    /// Refused characters count as a confidence of 0.
    answers: Vec<(f64, bool)>,
}

impl SheetScore {
    /// The share of the right cells that may be marked as doubtful.
    pub const MARKED: f64 = 0.03;

    /// The score of one sheet, read at its own size.
    ///
    /// The tables that were read are assigned to the true table in which most of their numbers lie,
    /// and their rows and columns are counted so that most of them are placed right. A number is
    /// placed right if its row, its column and its middle are those of a true number. Whatever is
    /// read elsewhere is wrong.
    pub fn of(photo: &SheetPhoto, read: &Sheet) -> Self {
        let numbers = photo.tables.iter().map(numbers).sum();
        let mut score = Self {
            sheets: 1,
            numbers,
            ..Self::default()
        };
        // By true table, the cells where something was read.
        let mut seen: Vec<Vec<bool>> = photo
            .tables
            .iter()
            .map(|table| vec![false; table.cells.len()])
            .collect();
        let mut tables: Vec<&Table> = read.tables.iter().collect();
        tables.sort_by_key(|table| std::cmp::Reverse(written(table).count()));
        // Only one table can be placed right in each true table.
        let mut free = vec![true; photo.tables.len()];
        for table in tables {
            let inside = |at: &usize| {
                let cells = written(table).filter(|cell| find(&photo.tables[*at], cell).is_some());
                cells.count()
            };
            let best = (0..photo.tables.len()).max_by_key(|at| (inside(at), free[*at]));
            let Some(at) = best.filter(|at| inside(at) > 0) else {
                let wrong = written(table).map(|cell| (confidence(cell), false));
                score.answers.extend(wrong);
                continue;
            };
            let truth = &photo.tables[at];
            let shift = std::mem::replace(&mut free[at], false).then(|| shift(truth, table));
            for cell in written(table) {
                let place = find(truth, cell);
                let number = place.and_then(|place| truth.cells[place].number());
                if let (Some(place), Some(_)) = (place, number) {
                    seen[at][place] = true;
                }
                let is_placed = number.is_some()
                    && shift.is_some_and(|shift| place == target(truth, cell, shift));
                score.placed += usize::from(is_placed);
                let is_right = is_placed && number == Some(cell.text().as_str());
                score.answers.push((confidence(cell), is_right));
            }
        }
        for (table, seen) in photo.tables.iter().zip(&seen) {
            let missed = table.cells.iter().zip(seen);
            let missed = missed.filter(|(cell, seen)| cell.number().is_some() && !**seen);
            score.missed += missed.count();
        }
        score
    }

    /// Adds the counts of other sheets.
    pub fn merge(&mut self, other: Self) {
        self.sheets += other.sheets;
        self.numbers += other.numbers;
        self.placed += other.placed;
        self.missed += other.missed;
        self.answers.extend(other.answers);
    }

    /// Cells exactly right, and in the right row and column.
    pub fn right(&self) -> usize {
        self.answers
            .iter()
            .filter(|(_, is_right)| *is_right)
            .count()
    }

    /// Cells in which something else was read than is there, or that are in a wrong place.
    pub fn wrong(&self) -> usize {
        self.answers.len() - self.right()
    }

    /// The confidence below which [`Self::MARKED`] of the right cells lie.
    pub fn threshold(&self) -> f64 {
        let right = self.answers.iter().filter(|(_, is_right)| *is_right);
        let mut right: Vec<f64> = right.map(|(confidence, _)| *confidence).collect();
        right.sort_by(f64::total_cmp);
        let at = (Self::MARKED * right.len() as f64) as usize;
        right.get(at).copied().unwrap_or(0.0)
    }

    /// The wrong cells with a confidence below a threshold, or with a refused character.
    pub fn marked(&self, threshold: f64) -> usize {
        let answers = self.answers.iter();
        let wrong = answers.filter(|(_, is_right)| !is_right);
        wrong
            .filter(|(confidence, _)| *confidence < threshold || *confidence == 0.0)
            .count()
    }
}

fn numbers(table: &TrueTable) -> usize {
    let cells = table.cells.iter();
    cells.filter(|cell| cell.number().is_some()).count()
}

/// The cells in which something was read.
fn written(table: &Table) -> impl Iterator<Item = &Cell> {
    table.cells.iter().filter(|cell| !cell.symbols.is_empty())
}

fn confidence(cell: &Cell) -> f64 {
    match cell.symbols.iter().all(|symbol| symbol.class.is_some()) {
        true => Answer::best(cell).confidence,
        false => 0.0,
    }
}

/// The middle of what was read in a cell.
fn middle(cell: &Cell) -> Point {
    let ends = |axis: usize| {
        let starts = cell.symbols.iter().map(|symbol| symbol.area[axis] as f32);
        let symbols = cell.symbols.iter();
        let ends = symbols.map(|symbol| (symbol.area[axis] + symbol.area[axis + 2]) as f32);
        (starts.fold(f32::MAX, f32::min) + ends.fold(0.0, f32::max)) / 2.0
    };
    [ends(0), ends(1)]
}

/// The index of the true cell in which a cell's number lies.
fn find(truth: &TrueTable, cell: &Cell) -> Option<usize> {
    let middle = middle(cell);
    truth.cells.iter().position(|cell| cell.holds(middle))
}

/// The index of the true cell in the row and column of a cell, counted with a shift.
fn target(truth: &TrueTable, cell: &Cell, [down, right]: [isize; 2]) -> Option<usize> {
    let row = cell.row.checked_add_signed(down)?;
    let column = cell.column.checked_add_signed(right)?;
    (row < truth.rows && column < truth.columns).then(|| row * truth.columns + column)
}

/// How many rows and columns to add so that most numbers are placed right.
fn shift(truth: &TrueTable, table: &Table) -> [isize; 2] {
    let places: Vec<_> = written(table)
        .map(|cell| (cell, find(truth, cell)))
        .filter(|(_, place)| place.is_some())
        .collect();
    let shifts = SHIFTS.flat_map(|down| SHIFTS.map(move |right| [down, right]));
    let placed = |&shift: &[isize; 2]| {
        let right = places.iter();
        let right = right.filter(|(cell, place)| target(truth, cell, shift) == *place);
        let [down, across] = shift.map(isize::unsigned_abs);
        (right.count(), std::cmp::Reverse(down + across))
    };
    shifts.max_by_key(placed).unwrap_or_default()
}

#[cfg(test)]
mod tests;
