//! Pictures that were taken in another quarter turn.

use image::{GrayImage, imageops};

use super::Point;
use super::settings::{CLEAR, CLEARLY, DOUBT, MISSED, WORTH};

/// The picture, turned clockwise by quarters.
pub(super) fn turned(grey: &GrayImage, quarters: u8) -> GrayImage {
    match quarters % 4 {
        0 => grey.clone(),
        1 => imageops::rotate90(grey),
        2 => imageops::rotate180(grey),
        _ => imageops::rotate270(grey),
    }
}

/// Where a point of a turned picture lies in the picture of this width and height before that.
pub(super) fn turned_back([x, y]: Point, [width, height]: [f32; 2], quarters: u8) -> Point {
    match quarters % 4 {
        0 => [x, y],
        1 => [y, height - x],
        2 => [width - x, height - y],
        _ => [width - y, x],
    }
}

/// How well a picture can be read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    /// Number of digits that were read.
    pub(super) digits: usize,
    /// Sum of their confidences.
    pub(super) sum: f64,
    /// Pieces of writing beside them that look like digits and were not read.
    pub(super) missed: usize,
    /// Cells with nothing but unread writing.
    pub(super) unread_cells: usize,
    /// Whether there is any ink.
    pub(super) has_ink: bool,
}

impl Evidence {
    fn mean(&self) -> f64 {
        self.sum / self.digits.max(1) as f64
    }

    /// Whether the picture may have been taken in another turn.
    pub(super) fn is_doubtful(&self) -> bool {
        let missed = self.missed as f64 / (self.digits + self.missed).max(1) as f64;
        let is_unsure = self.mean() < DOUBT || missed > MISSED || self.unread_cells > self.digits;
        self.has_ink && is_unsure
    }

    /// Whether it is read better than in another turn.
    pub(super) fn is_clearer_than(&self, other: &Self) -> bool {
        let gain = |evidence: &Self| evidence.sum - WORTH * evidence.digits as f64;
        self.mean() >= CLEAR && self.mean() > other.mean() + CLEARLY && gain(self) > gain(other)
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    #[test]
    fn a_place_in_a_turned_picture_is_found_in_the_picture_before() {
        let mut picture = GrayImage::new(7, 4);
        picture.put_pixel(5, 1, Luma([255]));
        for quarters in 0..4 {
            let turned = turned(&picture, quarters);
            let (x, y, _) = turned
                .enumerate_pixels()
                .find(|(_, _, tone)| tone[0] > 0)
                .unwrap();
            let middle = [x as f32 + 0.5, y as f32 + 0.5];
            assert_eq!(
                turned_back(middle, [7.0, 4.0], quarters),
                [5.5, 1.5],
                "{quarters}"
            );
        }
    }
}
