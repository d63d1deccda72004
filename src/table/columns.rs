//! Where columns of numbers are separated, given their rows.

use super::settings::{COLUMN_GAP, DIGIT_GAP, GAP_KINDS, MIDDLE_GAP};
use super::writing::{Item, usual_height};

/// Share of the rows that may cross a gap between columns, such as a long number or a title.
const CROSSED: f32 = 0.12;

/// A gap without ink, or with little.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    pub(super) start: f32,
    pub(super) end: f32,
}

impl Gap {
    pub(super) fn width(self) -> f32 {
        self.end - self.start
    }

    pub(super) fn middle(self) -> f32 {
        (self.start + self.end) / 2.0
    }
}

/// The gaps that part the columns of these rows, from left to right.
pub(super) fn gaps(rows: &[Vec<&Item>]) -> Vec<Gap> {
    separated(rows).0
}

/// The gaps, and the least width of a gap that parts columns.
pub(super) fn separated(rows: &[Vec<&Item>]) -> (Vec<Gap>, f32) {
    let height = usual_height(rows.iter().flatten().copied());
    let most = (CROSSED * rows.len() as f32) as i32;
    let common = common_gaps(rows, most, 0.8 * height);
    let least = height * threshold(common.iter().map(|gap| gap.width() / height).collect());
    let mut gaps = common;
    gaps.retain(|gap| gap.width() >= least);
    (gaps, least)
}

/// The gaps that at most so many rows cross; items of a row nearer than `word` are one.
fn common_gaps(rows: &[Vec<&Item>], most: i32, word: f32) -> Vec<Gap> {
    let mut ends: Vec<(f32, i32)> = vec![];
    for row in rows {
        let mut word_end = f32::MIN;
        for item in row {
            let bounds = item.bounds;
            // Where a gap may be crossed, numbers must not be torn apart.
            let start = if most > 0 && bounds.left - word_end < word {
                word_end.min(bounds.left)
            } else {
                bounds.left
            };
            if bounds.right > start {
                ends.push((start, 1));
                ends.push((bounds.right, -1));
            }
            word_end = word_end.max(bounds.right);
        }
    }
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (mut open, mut gaps, mut start) = (0, vec![], None);
    let (first, last) = (ends.first().map(|end| end.0), ends.last().map(|end| end.0));
    for (at, change) in ends {
        let before = open;
        open += change;
        if before > most && open <= most {
            start = Some(at);
        } else if before <= most && open > most {
            gaps.extend(start.take().map(|start| Gap { start, end: at }));
        }
    }
    gaps.retain(|gap| Some(gap.start) > first && Some(gap.end) < last && gap.width() > 0.0);
    gaps
}

/// The least width of a gap between columns, in heights, given the widths of all.
fn threshold(mut widths: Vec<f32>) -> f32 {
    widths.retain(|width| *width >= 0.05);
    widths.sort_by(f32::total_cmp);
    let between = widths.windows(2).filter_map(|pair| {
        let (narrow, wide) = (pair[0].max(DIGIT_GAP / GAP_KINDS), pair[1]);
        let parts = wide >= DIGIT_GAP && narrow <= COLUMN_GAP && wide / narrow >= GAP_KINDS;
        parts.then_some((wide / narrow, (wide * narrow).sqrt()))
    });
    let best = between.max_by(|(a, _), (b, _)| a.total_cmp(b));
    let least = best.map_or(MIDDLE_GAP, |(_, middle)| middle);
    least.clamp(DIGIT_GAP, COLUMN_GAP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::Written;
    use crate::table::writing::in_lines;

    /// The middles of the gaps between numbers that start at these places, 20 high.
    fn middles(rows: &[&[(&str, f32)]]) -> Vec<f32> {
        let mut written = Written::default();
        for (row, numbers) in rows.iter().enumerate() {
            for &(text, left) in *numbers {
                written.add(text, [left, 40.0 * row as f32], 20.0);
            }
        }
        gaps(&in_lines(&written.items))
            .into_iter()
            .map(Gap::middle)
            .collect()
    }

    #[test]
    fn columns_are_separated_where_no_row_has_a_number() {
        // Right-aligned: one digit covers 12 pixels, and each further one 15.
        let rows: &[&[(&str, f32)]] = &[
            &[("12", 15.0), ("345", 100.0)],
            &[("678", 0.0), ("9", 130.0)],
            &[("1", 30.0), ("23", 115.0)],
        ];
        assert_eq!(middles(rows), [71.0]);
    }

    #[test]
    fn the_digits_of_one_column_are_not_separated() {
        let rows: &[&[(&str, f32)]] = &[&[("123", 0.0)], &[("456", 0.0)], &[("789", 0.0)]];
        assert!(middles(rows).is_empty());
    }

    #[test]
    fn a_long_number_among_many_does_not_join_columns() {
        let usual: &[(&str, f32)] = &[("12", 0.0), ("34", 80.0)];
        let mut rows = vec![usual; 10];
        assert_eq!(middles(&rows), [53.5]);
        rows[3] = &[("1234567", 0.0)];
        assert_eq!(middles(&rows), [53.5]);
    }
}
