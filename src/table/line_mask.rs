//! Where a picture shows a line, in whatever direction.

use image::GrayImage;
use rayon::prelude::*;

use super::settings::FLANKS;
use super::smoothed::{self, Smoothed};

/// Steps across a line: level, down, and along both diagonals.
const ACROSS: [[isize; 2]; 4] = [[1, 0], [0, 1], [1, 1], [1, -1]];
/// Length of a diagonal step, as a share of a level one's.
const DIAGONAL: f32 = 0.7;

/// By how much each pixel of a picture is darker than both sides, in the direction in which it is most.
pub(super) struct Ridges {
    size: [u32; 2],
    /// Least darkness of a line.
    threshold: i16,
    /// The smoothed tone of each pixel, and that of the darker one of both sides.
    tones: Vec<[i16; 2]>,
}

impl Ridges {
    /// Those of a picture. The corner of a box is darker along one diagonal alone.
    pub(super) fn of(picture: &GrayImage) -> Self {
        let (width, height) = picture.dimensions();
        let size = [width, height];
        if width == 0 || height == 0 {
            return Self {
                size,
                threshold: 0,
                tones: vec![],
            };
        }
        let load = |y: u32| {
            let mut row = Smoothed::new(width as usize);
            row.load(picture, y);
            row
        };
        let rows: Vec<Smoothed> = (0..height).map(load).collect();
        let across = |y: usize| {
            let mut sides = vec![i16::MIN; width as usize];
            for (flank, [right, down]) in steps() {
                let [right, down] = [right * flank, down * flank];
                let row = |down: isize| rows.get(y.checked_add_signed(down)?);
                if let (Some(before), Some(after)) = (row(-down), row(down)) {
                    let pairs = before.shifted(-right).iter().zip(after.shifted(right));
                    for (side, (&a, &b)) in sides.iter_mut().zip(pairs) {
                        *side = (*side).max(a.min(b));
                    }
                }
            }
            let tones = rows[y].tones().iter();
            tones.zip(sides).map(|(&tone, side)| [tone, side]).collect()
        };
        let tones: Vec<Vec<[i16; 2]>> = (0..rows.len()).into_par_iter().map(across).collect();
        Self {
            size,
            threshold: smoothed::threshold(picture),
            tones: tones.concat(),
        }
    }

    /// 255 where there is a line: a pixel that is darker by the picture's threshold, and by a share of
    /// the tone of both sides.
    pub(super) fn mask(&self, share: f32) -> GrayImage {
        let is_line = |[tone, side]: [i16; 2]| {
            let darkness = side.saturating_sub(tone);
            darkness >= self.threshold && f32::from(darkness) >= share * f32::from(side)
        };
        let [width, height] = self.size;
        let mut mask = GrayImage::new(width, height);
        for (pixel, &tones) in mask.iter_mut().zip(&self.tones) {
            *pixel = if is_line(tones) { 255 } else { 0 };
        }
        mask
    }
}

/// Lengths and directions of the steps.
fn steps() -> impl Iterator<Item = (isize, [isize; 2])> {
    FLANKS.into_iter().flat_map(|flank| {
        ACROSS.map(|across| match across {
            [0, _] | [_, 0] => (flank as isize, across),
            _ => ((DIAGONAL * flank as f32).round() as isize, across),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::Page;

    #[test]
    fn lines_are_shown_in_all_directions_and_edges_are_not() {
        let mut page = Page::new(200, 200);
        page.line([20.0, 30.0], [90.0, 30.0], 2.0);
        page.line([20.0, 30.0], [20.0, 90.0], 2.0);
        page.line([110.0, 100.0], [180.0, 170.0], 2.0);
        // A shadow.
        for (x, _, pixel) in page.0.enumerate_pixels_mut() {
            pixel[0] -= if x > 150 { 100 } else { 0 };
        }
        let ridges = Ridges::of(&page.0);
        let shown = ridges.mask(0.0);
        let is_line = |x: u32, y: u32| shown.get_pixel(x, y)[0] > 0;
        assert!(is_line(60, 30) && is_line(20, 60) && is_line(20, 30) && is_line(130, 120));
        assert!(!is_line(60, 60) && !is_line(150, 40) && !is_line(151, 40) && !is_line(0, 0));
        // By how much a line is darker than what is beside it.
        let paler = ridges.mask(0.9);
        assert!(paler.iter().all(|&pixel| pixel == 0));
    }
}
