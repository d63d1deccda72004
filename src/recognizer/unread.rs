//! Ink in or beside the rows that was not read: it is always reported.

use super::detect::Ink;
use super::settings::{MAX_DISTANCE, UNREAD};
use crate::scenes::Bounds;

/// The boxes of ink that looks like a digit's and lies outside every digit's box, in or beside the
/// rows.
pub(super) fn unread(ink: &Ink, rows: &[Vec<Bounds>]) -> Vec<Bounds> {
    let read: Vec<Bounds> = rows.iter().flatten().copied().collect();
    if read.is_empty() {
        return vec![];
    }
    let pieces = pieces(&ink.without(&read), ink);
    let is_reported = |piece: &Bounds| rows.iter().any(|row| belongs_to(piece, row));
    pieces.into_iter().filter(is_reported).collect()
}

/// Whether a piece lies in a row or beside it, and is large enough to be one of its digits.
fn belongs_to(piece: &Bounds, row: &[Bounds]) -> bool {
    let Some(all) = row.iter().copied().reduce(|a, b| a.union(&b)) else {
        return false;
    };
    let count = row.len() as f32;
    let height = row.iter().map(Bounds::height).sum::<f32>() / count;
    let area = row.iter().map(|b| b.width() * b.height()).sum::<f32>() / count;
    let beside = piece.right > all.left - MAX_DISTANCE * height
        && piece.left < all.right + MAX_DISTANCE * height;
    let level = (piece.bottom.min(all.bottom) - piece.top.max(all.top)).max(0.0);
    // The unread rest of a dense page may be connected into one piece that is taller than its rows.
    beside
        && level >= 0.5 * piece.height().min(all.height())
        && piece.width() * piece.height() >= UNREAD * area
}

/// The boxes of the connected components.
fn pieces(cells: &[bool], ink: &Ink) -> Vec<Bounds> {
    let [width, height] = ink.size;
    let mut left = cells.to_vec();
    let mut pieces = vec![];
    for start in 0..left.len() {
        if !left[start] {
            continue;
        }
        left[start] = false;
        let (mut open, mut ends) = (vec![start], [width, height, 0, 0]);
        while let Some(cell) = open.pop() {
            let (x, y) = (cell % width, cell / width);
            ends = [
                ends[0].min(x),
                ends[1].min(y),
                ends[2].max(x + 1),
                ends[3].max(y + 1),
            ];
            for row in y.saturating_sub(1)..(y + 2).min(height) {
                for column in x.saturating_sub(1)..(x + 2).min(width) {
                    let near = row * width + column;
                    if std::mem::take(&mut left[near]) {
                        open.push(near);
                    }
                }
            }
        }
        let [across, down] = ink.step;
        pieces.push(Bounds {
            left: ends[0] as f32 * across,
            top: ends[1] as f32 * down,
            right: ends[2] as f32 * across,
            bottom: ends[3] as f32 * down,
        });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognizer::testing::{self, bounds};

    /// Two boxes 20 high, whose mean area is 300 square pixels.
    fn row() -> Vec<Bounds> {
        vec![
            bounds(100.0, 100.0, 110.0, 120.0),
            bounds(120.0, 100.0, 140.0, 120.0),
        ]
    }

    fn is_reported([left, top, width, height]: [f32; 4]) -> bool {
        belongs_to(&bounds(left, top, left + width, top + height), &row())
    }

    #[test]
    fn ink_within_two_heights_of_a_rows_ends_is_reported() {
        let at = |left: f32| is_reported([left, 100.0, 10.0, 20.0]);
        assert_eq!(
            [50.0, 51.0, 115.0, 179.0, 180.0].map(at),
            [false, true, true, true, false]
        );
    }

    #[test]
    fn ink_is_in_a_row_if_half_of_it_is_level_with_it() {
        let at = |top: f32| is_reported([150.0, top, 10.0, 20.0]);
        assert_eq!(
            [89.0, 90.0, 110.0, 111.0].map(at),
            [false, true, true, false]
        );
        // Ink that is taller than the row, and covers half of the row's height.
        assert!(is_reported([150.0, 60.0, 10.0, 50.0]));
        assert!(!is_reported([150.0, 60.0, 10.0, 49.0]));
    }

    #[test]
    fn specks_are_not_reported() {
        // 15 % of 300 is 45.
        assert!(!is_reported([150.0, 105.0, 4.0, 11.0]));
        assert!(is_reported([150.0, 105.0, 4.0, 11.5]));
    }

    #[test]
    fn nothing_belongs_to_an_empty_row() {
        assert!(!belongs_to(&bounds(0.0, 0.0, 10.0, 20.0), &[]));
    }

    /// Ink of 8 × 4 cells, each 2 × 3 pixels, at these places.
    fn ink(places: &[[usize; 2]]) -> Ink {
        testing::ink([8, 4], [2.0, 3.0], [places, &[]])
    }

    fn boxes(places: &[[usize; 2]]) -> Vec<Bounds> {
        let ink = ink(places);
        pieces(&ink.digit_ink, &ink)
    }

    #[test]
    fn cells_that_touch_are_one_piece() {
        let found = boxes(&[[1, 0], [2, 1], [3, 1], [6, 2], [6, 3]]);
        assert_eq!(
            found,
            [bounds(2.0, 0.0, 8.0, 6.0), bounds(12.0, 6.0, 14.0, 12.0)]
        );
        assert_eq!(boxes(&[]), []);
    }

    #[test]
    fn a_piece_is_followed_in_all_directions() {
        // A hook that goes down and back up, and one that goes to the left.
        let hook = [[0, 0], [0, 1], [0, 2], [1, 3], [2, 2], [2, 1], [2, 0]];
        assert_eq!(boxes(&hook), [bounds(0.0, 0.0, 6.0, 12.0)]);
        let left = [[7, 1], [6, 2], [5, 3], [4, 3]];
        assert_eq!(boxes(&left), [bounds(8.0, 3.0, 16.0, 12.0)]);
    }

    #[test]
    fn opposite_borders_do_not_touch() {
        let found = boxes(&[[7, 0], [0, 1], [0, 3], [7, 3]]);
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn ink_beside_a_row_is_reported_and_its_own_is_not() {
        let left = [[0, 0], [0, 1], [0, 2], [0, 3]];
        let right = left.map(|[x, y]| [x + 6, y]);
        let ink = ink(&[left, right].concat());
        let read = bounds(0.0, 0.0, 2.0, 12.0);
        let other = bounds(12.0, 0.0, 14.0, 12.0);
        assert_eq!(unread(&ink, &[vec![read]]), [other]);
        assert_eq!(unread(&ink, &[vec![read, other]]), []);
        assert_eq!(unread(&ink, &[vec![other], vec![read]]), []);
        // Nothing is unread where nothing was read.
        assert_eq!(unread(&ink, &[]), []);
        // Ink below the row belongs to nothing.
        let above = bounds(0.0, -40.0, 2.0, -28.0);
        assert_eq!(unread(&ink, &[vec![above]]), []);
    }
}
