//! Filters out digits that would be misread and should not be trained on: hurried threes without a
//! waist, nines without a head, blots.

use super::super::Point;
use crate::tensors::SIDE;

/// How far a line must go back sideways, in heights, to count as a turn.
const TURN: f32 = 0.06;
/// Slant of an ordinary hand: shift to the right per unit of height.
const SLANT: f32 = 0.15;
/// Most pixels of an MNIST image, other than a blot, that are surrounded by two pixels of ink on
/// all sides.
const MAX_INSIDE: u32 = 15;

/// Whether the strokes (1 high) of a digit have its characteristic parts.
pub fn is_legible(class: u8, strokes: &[Vec<Point>]) -> bool {
    let turns = turns(strokes);
    let right = turns.iter().filter(|turn| turn.to_right).count();
    match class {
        // Two bellies.
        3 => right >= 2,
        // A head, whose left side is drawn before its right side.
        9 => turns.iter().any(|turn| !turn.to_right && turn.y < 0.1) && right >= 1,
        _ => true,
    }
}

/// A point where a pen turns back from one side.
struct Turn {
    to_right: bool,
    y: f32,
}

/// All turns, in writing order.
fn turns(strokes: &[Vec<Point>]) -> Vec<Turn> {
    let mut points = strokes.iter().flatten().map(|&[x, y]| (x + SLANT * y, y));
    let mut turns = Vec::new();
    let Some(first) = points.next() else {
        return turns;
    };
    let (mut left, mut right) = (first, first);
    let mut heading = None;
    for (x, y) in points {
        if x >= right.0 {
            right = (x, y);
        }
        if x <= left.0 {
            left = (x, y);
        }
        if heading != Some(false) && x < right.0 - TURN {
            if heading.is_some() {
                turns.push(Turn {
                    to_right: true,
                    y: right.1,
                });
            }
            (heading, left) = (Some(false), (x, y));
        } else if heading != Some(true) && x > left.0 + TURN {
            if heading.is_some() {
                turns.push(Turn {
                    to_right: false,
                    y: left.1,
                });
            }
            (heading, right) = (Some(true), (x, y));
        }
    }
    turns
}

/// Whether an image (28×28, 255 is ink) is a blot rather than lines.
pub fn is_blot(image: &[u8]) -> bool {
    let rows: Vec<u32> = image
        .chunks_exact(SIDE)
        .map(|row| {
            row.iter()
                .fold(0, |bits, &ink| bits << 1 | u32::from(ink > 127))
        })
        .map(|row| row & row << 1 & row << 2 & row << 3 & row << 4)
        .collect();
    let inside = rows.windows(5).map(|rows| {
        let all = rows.iter().fold(u32::MAX, |all, row| all & row);
        all.count_ones()
    });
    inside.sum::<u32>() > MAX_INSIDE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_three_needs_two_bellies_and_a_nine_a_head() {
        let three = [
            [-0.3, -0.5],
            [0.3, -0.3],
            [0.0, 0.0],
            [0.3, 0.25],
            [-0.3, 0.5],
        ];
        let seven = [[-0.3, -0.5], [0.3, -0.5], [0.0, 0.5]];
        let nine = [[0.3, -0.4], [-0.3, -0.3], [0.3, -0.2], [0.1, 0.5]];
        assert!(is_legible(3, &[three.to_vec()]));
        assert!(is_legible(9, &[nine.to_vec()]));
        assert!(!is_legible(3, &[seven.to_vec()]));
        assert!(!is_legible(9, &[seven.to_vec()]));
    }

    #[test]
    fn a_blot_is_distinguished_from_a_wide_line() {
        let image = |from: usize, to: usize| {
            let ink =
                |at: usize| (4..24).contains(&(at / SIDE)) && (from..to).contains(&(at % SIDE));
            (0..SIDE * SIDE)
                .map(|at| if ink(at) { 255 } else { 0 })
                .collect::<Vec<u8>>()
        };
        assert!(!is_blot(&image(10, 14)));
        assert!(is_blot(&image(6, 20)));
    }
}
