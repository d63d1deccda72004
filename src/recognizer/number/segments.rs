//! A row of ink in its smallest parts: whole pieces, and what seams leave of wide ones.

use image::{GrayImage, Luma, imageops};
use imageproc::definitions::Image;

use super::cuts::seams;
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

/// A part of a row's ink.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// Its place; the label is that of the piece which it is of.
    pub place: Piece,
}

/// Two parts of one piece that a seam has parted.
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
    pub list: Vec<Segment>,
    pub cuts: Vec<Cut>,
    /// Height of the row's digits, in pixels.
    pub height: f64,
    ink: GrayImage,
    /// The number of the segment from 1, for each pixel of a stroke.
    numbers: Image<Luma<u32>>,
    left: u32,
    top: u32,
}

impl Segments {
    /// Cuts the wide pieces of a row. `pen` is the width of the strokes in pixels.
    pub fn new(row: &Row, ink: &GrayImage, labels: &Image<Luma<u32>>, pen: f64) -> Option<Self> {
        let around = row.pieces.iter().copied().reduce(|a, b| a.with(&b))?;
        let (left, top) = (
            around.left.saturating_sub(EDGE),
            around.top.saturating_sub(EDGE),
        );
        let width = (around.right + EDGE + 1).min(ink.width()) - left;
        let height = (around.bottom + EDGE + 1).min(ink.height()) - top;
        let mut segments = Self {
            list: Vec::new(),
            cuts: Vec::new(),
            height: row.height,
            ink: imageops::crop_imm(ink, left, top, width, height).to_image(),
            numbers: Image::new(width, height),
            left,
            top,
        };
        for piece in &row.pieces {
            segments.add(piece, labels, pen);
        }
        segments.sort();
        Some(segments)
    }

    /// Adds a piece, in parts if it is wide.
    fn add(&mut self, piece: &Piece, labels: &Image<Luma<u32>>, pen: f64) {
        let own =
            |x: u32, y: u32| labels.get_pixel(piece.left + x, piece.top + y)[0] == piece.label;
        let (x_off, y_off) = (piece.left - self.left, piece.top - self.top);
        let alone = GrayImage::from_fn(piece.width(), piece.height(), |x, y| {
            let value = self.ink.get_pixel(x + x_off, y + y_off)[0];
            Luma([if own(x, y) { value } else { 0 }])
        });
        let found = if f64::from(piece.width()) < NARROW * self.height {
            Vec::new()
        } else {
            seams(&alone, APART * self.height, MOST * pen)
        };
        let mut parts: Vec<Option<Piece>> = vec![None; found.len() + 1];
        let mut sides = Image::<Luma<u32>>::new(piece.width(), piece.height());
        for (x, y, side) in sides.enumerate_pixels_mut() {
            if !own(x, y) {
                continue;
            }
            let index = found.iter().filter(|s| s.columns[y as usize] <= x).count();
            side[0] = index as u32 + 1;
            let spot = Piece {
                label: piece.label,
                left: piece.left + x,
                top: piece.top + y,
                right: piece.left + x,
                bottom: piece.top + y,
                area: 1,
            };
            let part = &mut parts[index];
            *part = Some(part.map_or(spot, |part| part.with(&spot)));
        }
        // Seams that meet leave nothing between them.
        let mut numbers = vec![0; parts.len() + 1];
        let mut crossed = 0.0f64;
        let mut last = None;
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                crossed = crossed.max(found[index - 1].ink / pen);
            }
            let Some(place) = part else { continue };
            self.list.push(Segment { place: *place });
            let number = self.list.len();
            numbers[index + 1] = number as u32;
            if let Some(left) = last {
                self.cuts.push(Cut {
                    left,
                    right: number - 1,
                    ink: crossed,
                });
            }
            crossed = 0.0;
            last = Some(number - 1);
        }
        for (x, y, side) in sides.enumerate_pixels().filter(|(_, _, side)| side[0] > 0) {
            self.numbers
                .put_pixel(x + x_off, y + y_off, Luma([numbers[side[0] as usize]]));
        }
    }

    /// Brings the segments into their order from left to right.
    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.list.len()).collect();
        order.sort_by_key(|index| self.list[*index].place.left + self.list[*index].place.right);
        let mut rank = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            rank[*old] = new;
        }
        self.list = order.iter().map(|old| self.list[*old]).collect();
        for cut in &mut self.cuts {
            (cut.left, cut.right) = (rank[cut.left], rank[cut.right]);
        }
        for number in self.numbers.pixels_mut().filter(|number| number[0] > 0) {
            number[0] = rank[number[0] as usize - 1] as u32 + 1;
        }
    }

    /// The place of the segments `from..to` together.
    pub fn place(&self, from: usize, to: usize) -> Option<Piece> {
        let places = self.list[from..to].iter().map(|segment| segment.place);
        places.reduce(|a, b| a.with(&b))
    }

    /// The ink of the segments `from..to` with its grey edges, alone.
    pub fn picture(&self, from: usize, to: usize) -> Option<GrayImage> {
        let place = self.place(from, to)?;
        let (left, top) = (
            (place.left - self.left).saturating_sub(EDGE),
            (place.top - self.top).saturating_sub(EDGE),
        );
        let right = (place.right - self.left + EDGE).min(self.ink.width() - 1);
        let bottom = (place.bottom - self.top + EDGE).min(self.ink.height() - 1);
        let wanted = from as u32 + 1..=to as u32;
        let near = |x: u32, y: u32| {
            let rows = y.saturating_sub(EDGE)..=(y + EDGE).min(self.ink.height() - 1);
            let mut columns = rows.flat_map(|y| {
                let columns = x.saturating_sub(EDGE)..=(x + EDGE).min(self.ink.width() - 1);
                columns.map(move |x| (x, y))
            });
            columns.any(|(x, y)| wanted.contains(&self.numbers.get_pixel(x, y)[0]))
        };
        let picture = GrayImage::from_fn(right - left + 1, bottom - top + 1, |x, y| {
            let (x, y) = (x + left, y + top);
            let number = self.numbers.get_pixel(x, y)[0];
            let value = *self.ink.get_pixel(x, y);
            let kept = wanted.contains(&number) || (number == 0 && value[0] > 0 && near(x, y));
            if kept { value } else { Luma([0]) }
        });
        Some(picture)
    }
}
