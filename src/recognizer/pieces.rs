//! Connected pieces of ink.

use image::{GrayImage, Luma};
use imageproc::definitions::Image;
use imageproc::map::map_subpixels;
use imageproc::region_labelling::{Connectivity, connected_components};

/// Ink from this value on belongs to a stroke; below it is only a stroke's grey edge.
pub(super) const STROKE: u8 = 110;
/// Steepness is measured from so many pixels on one side to as many on the other.
const REACH: u32 = 2;

/// A connected piece of ink: where it lies, how much it is, and how its edge looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub label: u32,
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
    /// Pixels.
    pub area: u32,
    /// Pixels that have a neighbour beside, above or below that is of no stroke.
    pub edge: u32,
    /// Sum over these of the steepest rise of the ink within 2 x [`REACH`] pixels.
    rise: u64,
}

impl Piece {
    pub fn width(&self) -> u32 {
        self.right - self.left + 1
    }

    pub fn height(&self) -> u32 {
        self.bottom - self.top + 1
    }

    pub fn longest(&self) -> u32 {
        self.width().max(self.height())
    }

    /// Width of the pen, in pixels: a long stroke has two edges.
    pub fn pen(&self) -> f64 {
        2.0 * f64::from(self.area) / f64::from(self.edge.max(1))
    }

    /// How fast the ink rises at the edge, as share of solid ink per pixel.
    pub fn steepness(&self) -> f64 {
        self.rise as f64 / f64::from(self.edge.max(1)) / f64::from(2 * REACH) / 255.0
    }

    /// No digit is a line that lies; a ruled line or the edge of a table is.
    pub fn lies_flat(&self) -> bool {
        self.width() > 4 * self.height()
    }

    /// Whether the piece runs off the picture, as shadows and the edges of a table do.
    pub fn is_cut(&self, ink: &GrayImage) -> bool {
        self.left == 0
            || self.top == 0
            || self.right + 1 == ink.width()
            || self.bottom + 1 == ink.height()
    }

    pub fn with(self, other: &Self) -> Self {
        Self {
            label: self.label,
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
            area: self.area + other.area,
            edge: self.edge + other.edge,
            rise: self.rise + other.rise,
        }
    }
}

/// Labels each pixel of a stroke with the piece that it is of, 0 where there is none, and measures
/// the pieces.
pub(super) fn pieces(ink: &GrayImage) -> (Image<Luma<u32>>, Vec<Piece>) {
    let strokes = map_subpixels(ink, |value| u8::from(value >= STROKE));
    // The labelling of a single pixel would panic.
    let labels = match strokes.dimensions() {
        (1, 1) => map_subpixels(&strokes, u32::from),
        _ => connected_components(&strokes, Connectivity::Eight, Luma([0])),
    };
    let pieces = measure(&labels, ink);
    (labels, pieces)
}

/// Boxes, areas and edges of all labelled pieces.
fn measure(labels: &Image<Luma<u32>>, ink: &GrayImage) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (x, y, label) in labels.enumerate_pixels() {
        let Some(index) = label[0].checked_sub(1) else {
            continue;
        };
        let rise = rise_at_edge(labels, ink, x, y);
        let spot = Piece {
            label: label[0],
            left: x,
            top: y,
            right: x,
            bottom: y,
            area: 1,
            edge: rise.is_some().into(),
            rise: rise.unwrap_or(0).into(),
        };
        match pieces.get_mut(index as usize) {
            Some(piece) => *piece = piece.with(&spot),
            // Labels count up from 1 in the order in which a scan meets them.
            None => pieces.push(spot),
        }
    }
    pieces
}

/// How much the ink rises across this pixel, where it is at the edge of its piece.
fn rise_at_edge(labels: &Image<Luma<u32>>, ink: &GrayImage, x: u32, y: u32) -> Option<u8> {
    let (last_x, last_y) = (ink.width() - 1, ink.height() - 1);
    let bare = |x: u32, y: u32| labels.get_pixel(x, y)[0] == 0;
    let inside = (x > 0 && y > 0 && x < last_x && y < last_y)
        && !(bare(x - 1, y) || bare(x + 1, y) || bare(x, y - 1) || bare(x, y + 1));
    let value = |x: u32, y: u32| ink.get_pixel(x.min(last_x), y.min(last_y))[0];
    (!inside).then(|| {
        let across = value(x.saturating_sub(REACH), y).abs_diff(value(x + REACH, y));
        let down = value(x, y.saturating_sub(REACH)).abs_diff(value(x, y + REACH));
        across.max(down)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_pixel_of_ink_is_a_piece() {
        let pieces = pieces(&GrayImage::from_pixel(1, 1, Luma([255]))).1;
        assert_eq!(pieces.len(), 1);
        assert_eq!((pieces[0].area, pieces[0].longest()), (1, 1));
    }
}
