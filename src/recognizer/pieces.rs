//! Connected pieces of ink.

use image::{GrayImage, Luma};
use imageproc::definitions::Image;
use imageproc::map::map_pixels;
use imageproc::region_labelling::{Connectivity, connected_components};

/// Ink from this value on belongs to a stroke; below it is only a stroke's grey edge.
pub(super) const STROKE: u8 = 110;

/// A connected piece of ink: where it lies and how much it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub label: u32,
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
    /// Pixels.
    pub area: u32,
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
        }
    }
}

/// Labels each pixel of a stroke with the piece that it is of, 0 where there is none, and measures
/// the pieces.
pub(super) fn pieces(ink: &GrayImage) -> (Image<Luma<u32>>, Vec<Piece>) {
    let strokes = map_pixels(ink, |p| Luma([u8::from(p[0] >= STROKE)]));
    let labels = connected_components(&strokes, Connectivity::Eight, Luma([0]));
    let pieces = measure(&labels);
    (labels, pieces)
}

/// Boxes and areas of all labelled pieces.
fn measure(labels: &Image<Luma<u32>>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (x, y, label) in labels.enumerate_pixels() {
        let Some(index) = label[0].checked_sub(1) else {
            continue;
        };
        let spot = Piece {
            label: label[0],
            left: x,
            top: y,
            right: x,
            bottom: y,
            area: 1,
        };
        match pieces.get_mut(index as usize) {
            Some(piece) => *piece = piece.with(&spot),
            // Labels count up from 1 in the order in which a scan meets them.
            None => pieces.push(spot),
        }
    }
    pieces
}
