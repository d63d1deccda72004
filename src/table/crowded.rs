//! Columns without a common gap: their numbers stand unevenly, or drift to the side from row to row.
//!
//! The numbers of a row are in different columns, in order. So columns are found as clusters are by
//! k-means (S. Lloyd, Least squares quantization in PCM, 1982), each row's numbers assigned to them
//! at least cost.

use std::ops::Range;

use super::curve::Curve;
use super::settings::NUMBER_GAP;
use super::writing::{Item, usual_height};

/// Share of the rows that have as many numbers where these are as near as digits of a number may be.
const ALIKE: f32 = 0.7;
/// The same where they are farther from each other than digits of a number.
const FULL: f32 = 0.2;
/// Fewest rows from which columns are told.
const MIN_ROWS: usize = 3;
/// Rounds of assigning numbers to columns.
const ROUNDS: usize = 6;
/// Most columns that are looked for in one place.
const MOST: usize = 40;

/// A row's numbers, as left and right ends, and its height on the sheet.
struct Row {
    y: f32,
    numbers: Vec<[f32; 2]>,
}

/// Columns: their middles at y = 0, and how far they drift to the right per pixel down.
struct Columns {
    middles: Vec<f32>,
    drift: f32,
}

/// The lines between the columns of the rows' items within a range; `gap` is the least width of a
/// common gap elsewhere.
pub(super) fn bounds(rows: &[Vec<&Item>], within: Range<f32>, gap: f32) -> Vec<Curve> {
    let height = usual_height(rows.iter().flatten().copied());
    let wide = gap.max(NUMBER_GAP * height);
    [(gap, ALIKE), (wide, FULL)]
        .into_iter()
        .find_map(|(gap, share)| {
            let rows: Vec<Row> = rows
                .iter()
                .filter_map(|row| Row::of(row, &within, gap))
                .collect();
            let columns = Columns::of(&rows, share)?;
            Some(columns.bounds(&rows, height))
        })
        .unwrap_or_default()
}

impl Row {
    /// Items nearer than `gap` are one number.
    fn of(row: &[&Item], within: &Range<f32>, gap: f32) -> Option<Self> {
        let inside: Vec<&&Item> = row
            .iter()
            .filter(|item| within.contains(&item.centre()[0]))
            .collect();
        let y = inside.iter().map(|item| item.centre()[1]).sum::<f32>() / inside.len() as f32;
        let mut numbers: Vec<[f32; 2]> = vec![];
        for item in inside {
            let bounds = item.bounds;
            match numbers.last_mut() {
                Some(last) if bounds.left - last[1] < gap => last[1] = last[1].max(bounds.right),
                _ => numbers.push([bounds.left, bounds.right]),
            }
        }
        (!numbers.is_empty()).then_some(Self { y, numbers })
    }

    fn middles(&self) -> impl Iterator<Item = f32> {
        self.numbers
            .iter()
            .map(|[left, right]| (left + right) / 2.0)
    }
}

impl Columns {
    /// Two or more columns, if at least this share of the rows has a number in each of them.
    fn of(rows: &[Row], share: f32) -> Option<Self> {
        let least = ((share * rows.len() as f32).ceil() as usize).max(2);
        let full = |count: usize| rows.iter().filter(move |row| row.numbers.len() == count);
        let count = (2..=MOST)
            .rev()
            .find(|&count| full(count).count() >= least)?;
        if rows.len() < MIN_ROWS {
            return None;
        }
        let mut middles = vec![0.0; count];
        for row in full(count) {
            for (middle, own) in middles.iter_mut().zip(row.middles()) {
                *middle += own / full(count).count() as f32;
            }
        }
        let mut columns = Self {
            middles,
            drift: 0.0,
        };
        let mean = full(count).map(|row| row.y).sum::<f32>() / full(count).count() as f32;
        for _ in 0..ROUNDS {
            columns.fit(rows, mean);
        }
        Some(columns)
    }

    fn at(&self, column: usize, y: f32) -> f32 {
        self.middles.get(column).copied().unwrap_or(0.0) + self.drift * y
    }

    /// Moves the columns to the numbers that are assigned to them; `mean` is about the rows' middle.
    fn fit(&mut self, rows: &[Row], mean: f32) {
        let mut sums = vec![[0.0_f32; 3]; self.middles.len()];
        let places: Vec<Vec<usize>> = rows.iter().map(|row| self.places(row)).collect();
        let each = || {
            let rows = rows.iter().zip(&places);
            rows.flat_map(|(row, places)| {
                let numbers = places.iter().copied().zip(row.middles());
                numbers.map(|(column, x)| (column, x, row.y - mean))
            })
        };
        for (column, x, y) in each() {
            let sum = &mut sums[column];
            *sum = [sum[0] + x, sum[1] + y, sum[2] + 1.0];
        }
        let centres: Vec<[f32; 2]> = sums
            .iter()
            .map(|[x, y, count]| [x / count.max(1.0), y / count.max(1.0)])
            .collect();
        let [both, spread] = each().fold([0.0, 1e-3], |[both, spread], (column, x, y)| {
            let [own, depth] = centres[column];
            [both + (x - own) * (y - depth), spread + (y - depth).powi(2)]
        });
        self.drift = both / spread;
        for ((middle, [x, y]), [_, _, count]) in self.middles.iter_mut().zip(centres).zip(sums) {
            if count > 0.0 {
                *middle = x - self.drift * (y + mean);
            }
        }
    }

    /// The columns of a row's numbers, ascending, at the least sum of distances; none if there are
    /// more numbers than columns.
    fn places(&self, row: &Row) -> Vec<usize> {
        let columns = self.middles.len();
        let count = row.numbers.len();
        if count > columns {
            return vec![];
        }
        // By number, the least cost with that number in or before each column, and its column.
        let mut costs = vec![0.0_f32; columns + 1];
        let mut choices = vec![];
        for x in row.middles() {
            let mut next = vec![f32::INFINITY; columns + 1];
            let mut chosen = vec![0; columns + 1];
            for column in 0..columns {
                let cost = costs[column] + (x - self.at(column, row.y)).abs();
                (next[column + 1], chosen[column + 1]) = match cost < next[column] {
                    true => (cost, column),
                    false => (next[column], chosen[column]),
                };
            }
            costs = next;
            choices.push(chosen);
        }
        let mut places = vec![0; count];
        let mut end = columns;
        for (place, chosen) in places.iter_mut().zip(choices).rev() {
            *place = chosen[end];
            end = *place;
        }
        places
    }

    /// The lines between columns, half-way between the numbers of each row; where there is none, a
    /// number as wide as a digit is thought to be in its column's middle.
    fn bounds(&self, rows: &[Row], height: f32) -> Vec<Curve> {
        let half = height / 3.0;
        let between = |column: usize| {
            let knot = |row: &Row| {
                let places = self.places(row);
                let end = |column: usize, side: usize| {
                    let at = places.iter().position(|&place| place == column)?;
                    Some(row.numbers.get(at)?[side])
                };
                let before = end(column, 1).unwrap_or(self.at(column, row.y) + half);
                let after = end(column + 1, 0).unwrap_or(self.at(column + 1, row.y) - half);
                [row.y, (before + after) / 2.0]
            };
            Curve::new(rows.iter().map(knot).collect())
        };
        (0..self.middles.len() - 1).filter_map(between).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::Written;
    use crate::table::writing::in_lines;

    /// By row, the number of lines before each number that starts at these places, 20 high.
    fn columns(rows: &[&[f32]]) -> Vec<Vec<usize>> {
        let mut written = Written::default();
        for (row, places) in rows.iter().enumerate() {
            for &left in *places {
                written.add("1", [left, 40.0 * row as f32], 20.0);
            }
        }
        let lines = in_lines(&written.items);
        let bounds = bounds(&lines, -1000.0..1000.0, 10.0);
        let column = |item: &&Item| {
            let [x, y] = item.centre();
            bounds.iter().filter(|line| line.at(y) <= x).count()
        };
        lines
            .iter()
            .map(|line| line.iter().map(column).collect())
            .collect()
    }

    #[test]
    fn numbers_of_one_row_are_in_different_columns() {
        // The second column begins where the first one ends.
        let rows: &[&[f32]] = &[
            &[0.0, 60.0, 100.0],
            &[30.0, 95.0],
            &[5.0, 50.0],
            &[28.0, 70.0, 110.0],
            &[20.0, 92.0],
        ];
        let found = columns(rows);
        assert_eq!(
            found,
            [
                vec![0, 1, 2],
                vec![0, 2],
                vec![0, 1],
                vec![0, 1, 2],
                vec![0, 2],
            ]
        );
    }

    #[test]
    fn columns_may_drift_to_the_side() {
        let rows: Vec<[f32; 2]> = (0..6)
            .map(|row| [40.0, 90.0].map(|x| x + 14.0 * row as f32))
            .collect();
        let rows: Vec<&[f32]> = rows.iter().map(|row| &row[..]).collect();
        assert_eq!(columns(&rows), vec![vec![0, 1]; 6]);
    }

    #[test]
    fn numbers_below_each_other_are_one_column() {
        assert_eq!(
            columns(&[&[0.0], &[10.0], &[5.0], &[60.0]]),
            vec![vec![0]; 4]
        );
    }
}
