//! The ink of a row in its smallest parts: whole pieces, and what seams leave of wide ones.

use image::{GrayImage, Luma, imageops};
use imageproc::definitions::Image;

use super::cuts::{Seam, seams};
use super::rows::Row;
use crate::recognizer::pieces::Piece;

/// Pieces narrower than this, in digits' heights, are not cut.
const NARROW: f64 = 0.45;
/// Seams of one piece are at least this far apart, in digits' heights.
const APART: f64 = 0.14;
/// A seam crosses no more ink than so many widths of the pen.
const MOST: f64 = 3.0;
/// Pixels of grey edge kept around a stroke.
const EDGE: u32 = 2;

/// The box around some ink, in pixels of the picture; its last column and row belong to it.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
}

impl Place {
    fn of(piece: &Piece) -> Self {
        Self {
            left: piece.left,
            top: piece.top,
            right: piece.right,
            bottom: piece.bottom,
        }
    }

    fn pixel(x: u32, y: u32) -> Self {
        Self {
            left: x,
            top: y,
            right: x,
            bottom: y,
        }
    }

    fn with(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// The place with its grey edges, as far as the picture reaches.
    fn with_edge(self, picture: &GrayImage) -> Self {
        Self {
            left: self.left.saturating_sub(EDGE),
            top: self.top.saturating_sub(EDGE),
            right: (self.right + EDGE).min(picture.width() - 1),
            bottom: (self.bottom + EDGE).min(picture.height() - 1),
        }
    }

    pub fn width(&self) -> u32 {
        self.right - self.left + 1
    }

    pub fn height(&self) -> u32 {
        self.bottom - self.top + 1
    }
}

/// Two parts of one piece that a seam has parted, by their numbers.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub left: usize,
    pub right: usize,
    /// Ink that the seam crosses, in widths of the pen.
    pub ink: f64,
}

/// The ink of one row in parts, from left to right.
#[derive(Clone, Debug)]
pub struct Segments {
    pub places: Vec<Place>,
    pub cuts: Vec<Cut>,
    /// Height of the row's digits, in pixels.
    pub height: f64,
    /// Where the row lies in the picture.
    row: Place,
    ink: GrayImage,
    /// For each pixel of a stroke the number of its part, counted from 1.
    numbers: Image<Luma<u32>>,
}

impl Segments {
    /// Cuts the wide pieces of a row. `labels` tells the piece of each pixel, `pen` is the width
    /// of the strokes in pixels.
    pub fn new(row: &Row, ink: &GrayImage, labels: &Image<Luma<u32>>, pen: f64) -> Option<Self> {
        let places = row.pieces.iter().map(Place::of);
        let place = places.reduce(Place::with)?.with_edge(ink);
        let (width, height) = (place.width(), place.height());
        let mut segments = Self {
            places: Vec::new(),
            cuts: Vec::new(),
            height: row.height,
            row: place,
            ink: imageops::crop_imm(ink, place.left, place.top, width, height).to_image(),
            numbers: Image::new(width, height),
        };
        for piece in &row.pieces {
            let own = |x: u32, y: u32| labels.get_pixel(x, y)[0] == piece.label;
            segments.add(Place::of(piece), own, pen);
        }
        segments.sort();
        Some(segments)
    }

    /// Adds a piece, whose pixels are its `own`, in parts if it is wide.
    fn add(&mut self, piece: Place, own: impl Fn(u32, u32) -> bool, pen: f64) {
        let seams = if f64::from(piece.width()) < NARROW * self.height {
            Vec::new()
        } else {
            let alone = GrayImage::from_fn(piece.width(), piece.height(), |x, y| {
                let (x, y) = (piece.left + x, piece.top + y);
                let value = *self.ink.get_pixel(x - self.row.left, y - self.row.top);
                if own(x, y) { value } else { Luma([0]) }
            });
            seams(&alone, APART * self.height, MOST * pen)
        };
        let first = self.places.len();
        let mut parts: Vec<Option<Place>> = vec![None; seams.len() + 1];
        for y in piece.top..=piece.bottom {
            for x in (piece.left..=piece.right).filter(|x| own(*x, y)) {
                let right_of =
                    |seam: &&Seam| seam.columns[(y - piece.top) as usize] <= x - piece.left;
                let part = seams.iter().filter(right_of).count();
                let pixel = Place::pixel(x, y);
                parts[part] = Some(parts[part].map_or(pixel, |part| part.with(pixel)));
                let number = Luma([(first + part + 1) as u32]);
                self.numbers
                    .put_pixel(x - self.row.left, y - self.row.top, number);
            }
        }
        self.append(&parts, &seams, pen);
    }

    /// Appends the parts that hold ink: seams that meet leave none between them.
    fn append(&mut self, parts: &[Option<Place>], seams: &[Seam], pen: f64) {
        let first = self.places.len();
        let mut numbers = Vec::with_capacity(parts.len());
        let mut crossed: f64 = 0.0;
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                crossed = crossed.max(seams[index - 1].ink / pen);
            }
            numbers.push(self.places.len() as u32 + 1);
            let Some(place) = part else { continue };
            if self.places.len() > first {
                self.cuts.push(Cut {
                    left: self.places.len() - 1,
                    right: self.places.len(),
                    ink: crossed,
                });
            }
            self.places.push(*place);
            crossed = 0.0;
        }
        if self.places.len() - first < parts.len() {
            let added = self.numbers.pixels_mut().filter(|n| n[0] > first as u32);
            for number in added {
                number[0] = numbers[number[0] as usize - 1 - first];
            }
        }
    }

    /// Numbers the parts from left to right by their middles.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.places.len()).collect();
        order.sort_by_key(|part| self.places[*part].left + self.places[*part].right);
        let mut rank = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            rank[*old] = new;
        }
        self.places = order.iter().map(|old| self.places[*old]).collect();
        for cut in &mut self.cuts {
            (cut.left, cut.right) = (rank[cut.left], rank[cut.right]);
        }
        for number in self.numbers.pixels_mut().filter(|number| number[0] > 0) {
            number[0] = rank[number[0] as usize - 1] as u32 + 1;
        }
    }

    /// The place of the parts `from..to` together.
    pub fn place(&self, from: usize, to: usize) -> Option<Place> {
        self.places[from..to].iter().copied().reduce(Place::with)
    }

    /// The ink of the parts `from..to` alone, with its grey edges.
    pub fn picture(&self, from: usize, to: usize) -> Option<GrayImage> {
        let place = self.place(from, to)?;
        let inner = Place {
            left: place.left - self.row.left,
            top: place.top - self.row.top,
            right: place.right - self.row.left,
            bottom: place.bottom - self.row.top,
        };
        let inner = inner.with_edge(&self.ink);
        let wanted = from as u32 + 1..=to as u32;
        let is_wanted = |x: u32, y: u32| wanted.contains(&self.numbers.get_pixel(x, y)[0]);
        let is_near = |x: u32, y: u32| {
            let around = Place::pixel(x, y).with_edge(&self.ink);
            let mut rows = around.top..=around.bottom;
            rows.any(|y| (around.left..=around.right).any(|x| is_wanted(x, y)))
        };
        let picture = GrayImage::from_fn(inner.width(), inner.height(), |x, y| {
            let (x, y) = (x + inner.left, y + inner.top);
            let value = *self.ink.get_pixel(x, y);
            let is_edge = self.numbers.get_pixel(x, y)[0] == 0 && value[0] > 0;
            let kept = is_wanted(x, y) || (is_edge && is_near(x, y));
            if kept { value } else { Luma([0]) }
        });
        Some(picture)
    }
}
