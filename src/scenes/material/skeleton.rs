//! The middle of the lines of an image: the ways of the pen that drew it.
//!
//! Ink is thinned to lines one pixel wide (Guo and Hall, 1989, "Parallel thinning with two-subiteration
//! algorithms"); `graph` follows them.

mod graph;

use super::super::Point;

/// Steps around a pixel: up first, then clockwise.
const AROUND: [(i32, i32); 8] = [
    (0, -1),
    (1, -1),
    (1, 0),
    (1, 1),
    (0, 1),
    (-1, 1),
    (-1, 0),
    (-1, -1),
];

/// Whether a pixel with such neighbours (bits as [`AROUND`]) goes in the first and the second half pass.
static GOES: [[bool; 256]; 2] = [table(0), table(1)];

/// Ink with a border of empty pixels around it.
struct Grid {
    width: usize,
    pixels: Vec<bool>,
}

/// The pen's ways through the ink of an image of `width * height`, in its pixels, smoothed.
pub fn trace(ink: &[bool], width: usize, height: usize) -> Vec<Vec<Point>> {
    let mut grid = Grid::new(ink, width, height);
    let area = ink.iter().filter(|&&ink| ink).count();
    let middle = grid.thin();
    if middle.is_empty() {
        return Vec::new();
    }
    let breadth = area as f32 / middle.len() as f32;
    let ways = graph::ways(&grid, &middle, breadth);
    // Away from the grid's border, and to the pixels' middles.
    ways.into_iter()
        .map(|way| way.into_iter().map(|[x, y]| [x - 0.5, y - 0.5]).collect())
        .collect()
}

impl Grid {
    fn new(ink: &[bool], width: usize, height: usize) -> Self {
        let mut pixels = vec![false; (width + 2) * (height + 2)];
        for (row, line) in ink.chunks_exact(width).enumerate() {
            let start = (row + 1) * (width + 2) + 1;
            pixels[start..start + width].copy_from_slice(line);
        }
        Self {
            width: width + 2,
            pixels,
        }
    }

    /// Thins the ink to lines; returns their pixels.
    fn thin(&mut self) -> Vec<usize> {
        let inked = self.pixels.iter().enumerate();
        let mut left: Vec<usize> = inked.filter_map(|(at, &ink)| ink.then_some(at)).collect();
        loop {
            let before = left.len();
            for goes in &GOES {
                let gone: Vec<usize> = left
                    .iter()
                    .copied()
                    .filter(|&at| goes[usize::from(self.neighbours(at))])
                    .collect();
                for at in gone {
                    self.pixels[at] = false;
                }
                left.retain(|&at| self.pixels[at]);
            }
            if left.len() == before {
                return left;
            }
        }
    }

    /// A bit for each inked neighbour, as [`AROUND`].
    fn neighbours(&self, at: usize) -> u8 {
        let bit = |bits: u8, (index, &step): (usize, &(i32, i32))| {
            bits | u8::from(self.pixels[self.beside(at, step)]) << index
        };
        AROUND.iter().enumerate().fold(0, bit)
    }

    fn beside(&self, at: usize, (right, down): (i32, i32)) -> usize {
        (at as i32 + down * self.width as i32 + right) as usize
    }
}

/// The rule of one half pass for all neighbourhoods.
const fn table(pass: u8) -> [bool; 256] {
    let mut goes = [false; 256];
    let mut bits = 0;
    while bits < 256 {
        // p2 is up, and so on clockwise, as in the paper.
        let p2 = bits & 1 != 0;
        let p3 = bits & 2 != 0;
        let p4 = bits & 4 != 0;
        let p5 = bits & 8 != 0;
        let p6 = bits & 16 != 0;
        let p7 = bits & 32 != 0;
        let p8 = bits & 64 != 0;
        let p9 = bits & 128 != 0;
        let crossings = (!p2 && (p3 || p4)) as u8
            + (!p4 && (p5 || p6)) as u8
            + (!p6 && (p7 || p8)) as u8
            + (!p8 && (p9 || p2)) as u8;
        let one = (p9 || p2) as u8 + (p3 || p4) as u8 + (p5 || p6) as u8 + (p7 || p8) as u8;
        let other = (p2 || p3) as u8 + (p4 || p5) as u8 + (p6 || p7) as u8 + (p8 || p9) as u8;
        let neighbours = if one < other { one } else { other };
        let kept = if pass == 0 {
            (p6 || p7 || !p9) && p8
        } else {
            (p2 || p3 || !p5) && p4
        };
        goes[bits] = crossings == 1 && neighbours >= 2 && neighbours <= 3 && !kept;
        bits += 1;
    }
    goes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ink where `inside` says so, on 40x40 pixels.
    fn ways(inside: impl Fn(f32, f32) -> bool) -> Vec<Vec<Point>> {
        let ink: Vec<bool> = (0..1600)
            .map(|at| inside((at % 40) as f32 + 0.5, (at / 40) as f32 + 0.5))
            .collect();
        trace(&ink, 40, 40)
    }

    #[test]
    fn a_ring_becomes_one_closed_way_through_its_middle() {
        let ring = ways(|x, y| (9.0..15.0).contains(&(x - 20.0).hypot(y - 20.0)));
        assert_eq!(ring.len(), 1);
        assert_eq!(ring[0].first(), ring[0].last());
        for &[x, y] in &ring[0] {
            let radius = (x - 20.0).hypot(y - 20.0);
            assert!((10.5..13.5).contains(&radius), "{radius}");
        }
    }

    #[test]
    fn bars_that_cross_are_two_ways() {
        let cross = ways(|x, y| {
            (x - 20.0).abs() < 2.5 && (y - 20.0).abs() < 17.0
                || (y - 20.0).abs() < 2.5 && (x - 20.0).abs() < 17.0
        });
        assert_eq!(cross.len(), 2, "{cross:?}");
    }
}
