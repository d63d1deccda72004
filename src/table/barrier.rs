//! Where a picture shows a line, in whatever direction.

use image::GrayImage;

use super::settings::FLANKS;
use super::smoothed::{self, Smoothed};

/// Steps across a line: level, down, and along both diagonals.
const ACROSS: [[isize; 2]; 4] = [[1, 0], [0, 1], [1, 1], [1, -1]];
/// Length of a diagonal step, as a share of a level one's.
const DIAGONAL: f32 = 0.7;

/// 255 where a picture is darker than on both sides in one direction at least, by the picture's
/// threshold and by a share of those tones.
///
/// The corner of a box is darker along one diagonal alone.
pub(super) fn of(picture: &GrayImage, share: f32) -> GrayImage {
    let (width, height) = picture.dimensions();
    let mut barrier = GrayImage::new(width, height);
    if width == 0 || height == 0 {
        return barrier;
    }
    let threshold = smoothed::threshold(picture);
    let rows: Vec<Smoothed> = (0..height)
        .map(|y| {
            let mut row = Smoothed::new(width as usize);
            row.load(picture, y);
            row
        })
        .collect();
    let mut sides = vec![0; width as usize];
    for (y, row) in rows.iter().enumerate() {
        sides.fill(i16::MIN);
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
        let pixels = barrier.iter_mut().skip(y * width as usize);
        for (pixel, (&sides, &tone)) in pixels.zip(sides.iter().zip(row.tones())) {
            let darkness = sides.saturating_sub(tone);
            let is_line = darkness >= threshold && f32::from(darkness) >= share * f32::from(sides);
            *pixel = if is_line { 255 } else { 0 };
        }
    }
    barrier
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
        let shown = of(&page.0, 0.0);
        let is_line = |x: u32, y: u32| shown.get_pixel(x, y)[0] > 0;
        assert!(is_line(60, 30) && is_line(20, 60) && is_line(20, 30) && is_line(130, 120));
        assert!(!is_line(60, 60) && !is_line(150, 40) && !is_line(151, 40) && !is_line(0, 0));
        // By how much a line is darker than what is beside it.
        let paler = of(&page.0, 0.9);
        assert!(paler.iter().all(|&pixel| pixel == 0));
    }
}
