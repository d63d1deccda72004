//! Traces an image: finds the centre lines of its ink, the strokes of the pen that drew it.
//!
//! Ink is thinned to lines one pixel wide (Guo and Hall, 1989, "Parallel thinning with two-subiteration
//! algorithms"); `graph` follows them.

mod graph;
mod grid;

use super::super::Point;
use grid::Grid;

/// The smoothed strokes in the ink of an image of `width * height`, in its pixels.
pub fn trace(ink: &[bool], width: usize, height: usize) -> Vec<Vec<Point>> {
    let mut grid = Grid::new(ink, width, height);
    let area = ink.iter().filter(|&&ink| ink).count();
    let middle = grid.thin();
    if middle.is_empty() {
        return Vec::new();
    }
    let line_width = area as f32 / middle.len() as f32;
    let strokes = graph::strokes(&grid, &middle, line_width);
    // Subtracts the grid's border, and moves to the centres of the pixels.
    strokes
        .into_iter()
        .map(|stroke| {
            stroke
                .into_iter()
                .map(|[x, y]| [x - 0.5, y - 0.5])
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ink where `inside` says so, on 40x40 pixels.
    fn strokes(inside: impl Fn(f32, f32) -> bool) -> Vec<Vec<Point>> {
        let ink: Vec<bool> = (0..1600)
            .map(|at| inside((at % 40) as f32 + 0.5, (at / 40) as f32 + 0.5))
            .collect();
        trace(&ink, 40, 40)
    }

    #[test]
    fn a_ring_becomes_one_closed_stroke_along_its_centre() {
        let ring = strokes(|x, y| (9.0..15.0).contains(&(x - 20.0).hypot(y - 20.0)));
        assert_eq!(ring.len(), 1);
        assert_eq!(ring[0].first(), ring[0].last());
        for &[x, y] in &ring[0] {
            let radius = (x - 20.0).hypot(y - 20.0);
            assert!((10.5..13.5).contains(&radius), "{radius}");
        }
    }

    #[test]
    fn bars_that_cross_are_two_strokes() {
        let cross = strokes(|x, y| {
            (x - 20.0).abs() < 2.5 && (y - 20.0).abs() < 17.0
                || (y - 20.0).abs() < 2.5 && (x - 20.0).abs() < 17.0
        });
        assert_eq!(cross.len(), 2, "{cross:?}");
    }
}
