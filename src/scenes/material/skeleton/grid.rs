//! Ink as a grid of pixels, thinned to lines.

/// Steps to the neighbours of a pixel: up first, then clockwise.
pub(super) const AROUND: [(i32, i32); 8] = [
    (0, -1),
    (1, -1),
    (1, 0),
    (1, 1),
    (0, 1),
    (-1, 1),
    (-1, 0),
    (-1, -1),
];

/// Whether a pixel with these neighbours (bits as in [`AROUND`]) is removed in the first and in the
/// second subiteration.
static REMOVABLE: [[bool; 256]; 2] = [table(0), table(1)];

/// Ink with a border of empty pixels around it.
pub(super) struct Grid {
    pub(super) width: usize,
    pub(super) pixels: Vec<bool>,
}

impl Grid {
    pub(super) fn new(ink: &[bool], width: usize, height: usize) -> Self {
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
    pub(super) fn thin(&mut self) -> Vec<usize> {
        let inked = self.pixels.iter().enumerate();
        let mut left: Vec<usize> = inked.filter_map(|(at, &ink)| ink.then_some(at)).collect();
        loop {
            let before = left.len();
            for removable in &REMOVABLE {
                let gone: Vec<usize> = left
                    .iter()
                    .copied()
                    .filter(|&at| removable[usize::from(self.neighbours(at))])
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

    /// A bit for each inked neighbour, as in [`AROUND`].
    pub(super) fn neighbours(&self, at: usize) -> u8 {
        let bit = |bits: u8, (index, &step): (usize, &(i32, i32))| {
            bits | u8::from(self.pixels[self.beside(at, step)]) << index
        };
        AROUND.iter().enumerate().fold(0, bit)
    }

    pub(super) fn beside(&self, at: usize, (right, down): (i32, i32)) -> usize {
        (at as i32 + down * self.width as i32 + right) as usize
    }
}

/// The rule of one subiteration for all neighbourhoods.
const fn table(pass: u8) -> [bool; 256] {
    let mut removable = [false; 256];
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
        removable[bits] = crossings == 1 && neighbours >= 2 && neighbours <= 3 && !kept;
        bits += 1;
    }
    removable
}
