//! Which of the ink is the digit: specks, lines and picture edges are wiped away.

use image::{GrayImage, Luma};
use imageproc::rect::Rect;
use imageproc::region_labelling::{Connectivity, connected_components};

use super::decode::ImageError;

/// Ink from this value on belongs to a stroke; below it is only a stroke's grey edge.
const STROKE: u8 = 110;
/// Pieces of fewer pixels are dust.
const SPECK: u32 = 4;
/// Pixels of grey edge kept around a stroke.
const EDGE: i64 = 2;

/// A connected piece of ink: where it lies and how much it is.
#[derive(Clone, Copy, Debug)]
struct Piece {
    label: u32,
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
    /// Pixels.
    area: u32,
}

impl Piece {
    fn width(&self) -> u32 {
        self.right - self.left + 1
    }

    fn height(&self) -> u32 {
        self.bottom - self.top + 1
    }

    fn longest(&self) -> u32 {
        self.width().max(self.height())
    }

    /// Whether the piece runs off the picture, as shadows and the edges of a table do.
    fn is_cut(&self, ink: &GrayImage) -> bool {
        self.left == 0
            || self.top == 0
            || self.right + 1 == ink.width()
            || self.bottom + 1 == ink.height()
    }

    /// No digit is a line that lies; a ruled line or the edge of a table is.
    fn lies_flat(&self) -> bool {
        self.width() > 6 * self.height()
    }

    /// Whether this piece runs around the picture and around another piece that could be a digit.
    fn frames(&self, inner: &Self, ink: &GrayImage) -> bool {
        self.area * 2 < self.width() * self.height()
            && self.width() * 5 >= ink.width() * 4
            && self.height() * 5 >= ink.height() * 4
            && (self.left < inner.left && inner.right < self.right)
            && (self.top < inner.top && inner.bottom < self.bottom)
            && inner.longest() * 8 >= self.longest()
    }

    fn with(self, other: &Self) -> Self {
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

/// Keeps the strokes of one digit and wipes all other ink.
///
/// # Errors
/// [`ImageError::NoInk`] where only specks are left.
pub fn digit(ink: &GrayImage) -> Result<GrayImage, ImageError> {
    let strokes = imageproc::map::map_pixels(ink, |p| Luma([u8::from(p[0] >= STROKE)]));
    let labels = connected_components(&strokes, Connectivity::Eight, Luma([0]));
    let mut pieces = pieces(&labels);
    pieces.retain(|piece| piece.area >= SPECK);
    let all = pieces.clone();
    pieces.retain(|piece| !all.iter().any(|inner| piece.frames(inner, ink)));
    let smallest = (ink.width().max(ink.height()) / 25).max(4);
    let main = pieces
        .iter()
        .filter(|piece| piece.longest() >= smallest && !piece.lies_flat())
        .max_by(|a, b| likeness(a, ink).total_cmp(&likeness(b, ink)))
        .copied()
        .ok_or(ImageError::NoInk(
            "there are only specks and lines, no digit",
        ))?;
    if !main.is_cut(ink) {
        pieces.retain(|piece| !piece.is_cut(ink));
    }
    let kept = join(main, pieces);
    Ok(wipe_others(ink, &labels, &kept))
}

/// The rectangle of a sheet of paper that lies on a darker or lighter desk and was taken for the
/// ink: solid and broad, which no digit is.
pub fn sheet(digit: &GrayImage) -> Option<Rect> {
    let lit = || digit.enumerate_pixels().filter(|(_, _, p)| p[0] >= STROKE);
    let (left, right) = (lit().map(|p| p.0).min()?, lit().map(|p| p.0).max()?);
    let (top, bottom) = (lit().map(|p| p.1).min()?, lit().map(|p| p.1).max()?);
    let (width, height) = (right - left + 1, bottom - top + 1);
    let solid = lit().count() as u64 * 5 >= u64::from(width) * u64::from(height) * 4;
    let broad = width * 2 >= digit.width() && height * 2 >= digit.height();
    // Its own edges are left out.
    let (inset_x, inset_y) = (width / 25 + 1, height / 25 + 1);
    (solid && broad).then(|| {
        Rect::at((left + inset_x) as i32, (top + inset_y) as i32).of_size(
            width.saturating_sub(2 * inset_x).max(1),
            height.saturating_sub(2 * inset_y).max(1),
        )
    })
}

/// Boxes and areas of all labelled pieces.
fn pieces(labels: &imageproc::definitions::Image<Luma<u32>>) -> Vec<Piece> {
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

/// How much a piece looks like the digit of the picture: large, central, not part of the rim.
fn likeness(piece: &Piece, ink: &GrayImage) -> f64 {
    let (width, height) = (f64::from(ink.width()), f64::from(ink.height()));
    let x = f64::from(piece.left + piece.right + 1) / width - 1.0;
    let y = f64::from(piece.top + piece.bottom + 1) / height - 1.0;
    let off_centre = x.abs().max(y.abs());
    let rest = if piece.is_cut(ink) { 0.3 } else { 1.0 };
    f64::from(piece.longest()) * f64::from(piece.area).sqrt() * (1.2 - off_centre) * rest
}

/// Adds to the main piece, again and again, what is so close that it must be of the same digit.
fn join(main: Piece, mut others: Vec<Piece>) -> Vec<u32> {
    let mut kept = vec![main.label];
    let mut whole = main;
    others.retain(|piece| piece.label != main.label);
    while let Some(index) = others.iter().position(|piece| belongs(piece, &whole)) {
        let piece = others.swap_remove(index);
        whole = whole.with(&piece);
        kept.push(piece.label);
    }
    kept
}

/// Strokes of one digit overlap or nearly touch; the next digit of a row stands further off.
fn belongs(piece: &Piece, whole: &Piece) -> bool {
    let gap = |low: u32, high: u32, other_low: u32, other_high: u32| {
        i64::from(low.max(other_low)) - i64::from(high.min(other_high)) - 1
    };
    let across = gap(piece.left, piece.right, whole.left, whole.right);
    let down = gap(piece.top, piece.bottom, whole.top, whole.bottom);
    let size = i64::from(whole.longest());
    let reach = if across < 0 { size * 3 / 10 } else { size / 10 };
    piece.longest() * 12 >= whole.longest() && across <= size / 10 + 1 && down <= reach + 1
}

/// The ink of the kept pieces with their grey edges, 0 elsewhere.
fn wipe_others(
    ink: &GrayImage,
    labels: &imageproc::definitions::Image<Luma<u32>>,
    kept: &[u32],
) -> GrayImage {
    let (width, height) = (i64::from(ink.width()), i64::from(ink.height()));
    let mut digit = GrayImage::new(ink.width(), ink.height());
    for (x, y, label) in labels.enumerate_pixels() {
        if !kept.contains(&label[0]) {
            continue;
        }
        let (x, y) = (i64::from(x), i64::from(y));
        for v in (y - EDGE).max(0)..=(y + EDGE).min(height - 1) {
            for u in (x - EDGE).max(0)..=(x + EDGE).min(width - 1) {
                let (u, v) = (u as u32, v as u32);
                let near = labels.get_pixel(u, v)[0];
                if near == 0 || kept.contains(&near) {
                    digit.put_pixel(u, v, *ink.get_pixel(u, v));
                }
            }
        }
    }
    digit
}
