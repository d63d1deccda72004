//! Which of the ink is the digit: specks, lines and picture edges are wiped away.

use image::{GrayImage, Luma};
use imageproc::definitions::Image;
use imageproc::distance_transform::Norm;
use imageproc::morphology::dilate;
use imageproc::rect::Rect;

use super::ImageError;
use super::likeness::{is_ink, likeness};
use super::pieces::{Piece, STROKE, pieces};

/// Pieces of fewer pixels are dust.
const SPECK: u32 = 4;
/// Pixels of grey edge kept around a stroke.
const EDGE: u8 = 2;

impl Piece {
    /// Whether so much paper lies around the piece that no stroke of its digit runs off the picture.
    fn has_room(&self, ink: &GrayImage) -> bool {
        let (shorter, longer) = (ink.width().min(ink.height()), ink.width().max(ink.height()));
        !self.is_cut(ink) && (longer >= 200 || self.longest() * 3 <= shorter * 2)
    }

    /// Whether the piece is hollow and runs around nearly all of the picture.
    fn spans(&self, ink: &GrayImage) -> bool {
        self.area * 2 < self.width() * self.height()
            && self.width() * 5 >= ink.width() * 4
            && self.height() * 5 >= ink.height() * 4
    }

    /// Whether another piece, large enough for a digit, lies inside the box of this one.
    fn surrounds(&self, inner: &Self) -> bool {
        (self.left < inner.left && inner.right < self.right)
            && (self.top < inner.top && inner.bottom < self.bottom)
            && inner.longest() * 4 >= self.longest()
    }
}

/// Keeps the strokes of one digit and wipes all other ink.
///
/// # Errors
/// [`ImageError::NoInk`] where only specks and lines are left.
pub fn digit(ink: &GrayImage) -> Result<GrayImage, ImageError> {
    let (labels, pieces) = pieces(ink);
    let mut pieces = without_frames(pieces, ink);
    let smallest = (ink.width().max(ink.height()) / 80).max(4);
    let main = pieces
        .iter()
        .filter(|piece| piece.longest() >= smallest && likeness(piece, ink) > 0.0)
        .max_by(|a, b| likeness(a, ink).total_cmp(&likeness(b, ink)))
        .copied()
        .ok_or(ImageError::NoInk(
            "there are only specks and lines, no digit",
        ))?;
    if main.has_room(ink) {
        pieces.retain(|piece| !piece.is_cut(ink));
    }
    // A shadow is none of its strokes, however near.
    pieces.retain(|piece| is_ink(piece, ink) || piece.longest() * 3 < main.longest());
    Ok(wipe_others(ink, &labels, &join(main, pieces)))
}

/// Wipes all pieces of ink that have a pixel `outside` beside them.
pub(super) fn wipe_touching(ink: &mut GrayImage, outside: impl Fn(u32, u32) -> bool) {
    let (labels, pieces) = pieces(ink);
    let mut touching = vec![false; pieces.len() + 1];
    let (width, height) = ink.dimensions();
    for (x, y, label) in labels.enumerate_pixels() {
        let near = [
            (x.saturating_sub(1), y),
            (x, y.saturating_sub(1)),
            ((x + 1).min(width - 1), y),
            (x, (y + 1).min(height - 1)),
        ];
        touching[label[0] as usize] |= near.into_iter().any(|(x, y)| outside(x, y));
    }
    touching[0] = false;
    for (value, label) in ink.iter_mut().zip(labels.iter()) {
        if touching[*label as usize] {
            *value = 0;
        }
    }
}

/// The inside of a sheet of paper that lies on a desk of one tone and was taken for the digit:
/// solid and broad, which no digit is.
pub fn sheet(digit: &GrayImage) -> Option<Rect> {
    let sheet = bounds(digit, STROKE)?;
    let inked = digit.pixels().filter(|p| p[0] >= STROKE).count();
    let (width, height) = (sheet.width(), sheet.height());
    let solid = inked * 20 >= width as usize * height as usize * 17;
    let broad = width * 2 >= digit.width() && height * 2 >= digit.height();
    // The edges of the sheet would look like ink.
    let (inset_x, inset_y) = (width / 25 + 1, height / 25 + 1);
    let large = width > 4 * inset_x && height > 4 * inset_y;
    (solid && broad && large).then(|| {
        Rect::at(sheet.left() + inset_x as i32, sheet.top() + inset_y as i32)
            .of_size(width - 2 * inset_x, height - 2 * inset_y)
    })
}

/// The smallest rectangle around all values of at least `from`.
pub(super) fn bounds(picture: &GrayImage, from: u8) -> Option<Rect> {
    let lit = || picture.enumerate_pixels().filter(|(_, _, p)| p[0] >= from);
    let (left, right) = (lit().map(|p| p.0).min()?, lit().map(|p| p.0).max()?);
    let (top, bottom) = (lit().map(|p| p.1).min()?, lit().map(|p| p.1).max()?);
    Some(Rect::at(left as i32, top as i32).of_size(right - left + 1, bottom - top + 1))
}

/// Drops dust, and frames drawn around the digit.
fn without_frames(pieces: Vec<Piece>, ink: &GrayImage) -> Vec<Piece> {
    let around =
        |piece: &Piece| piece.spans(ink) && pieces.iter().any(|inner| piece.surrounds(inner));
    let digit_like = |piece: &&Piece| piece.area >= SPECK && !around(piece);
    pieces.iter().filter(digit_like).copied().collect()
}

/// Adds to the main piece, again and again, what is so close that it must be of the same digit.
fn join(main: Piece, mut others: Vec<Piece>) -> Vec<Piece> {
    let mut kept = vec![main];
    let mut whole = main;
    others.retain(|piece| piece.label != main.label);
    while let Some(index) = others.iter().position(|piece| belongs(piece, &whole)) {
        let piece = others.swap_remove(index);
        whole = whole.with(&piece);
        kept.push(piece);
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
fn wipe_others(ink: &GrayImage, labels: &Image<Luma<u32>>, kept: &[Piece]) -> GrayImage {
    let mut wiped = GrayImage::new(ink.width(), ink.height());
    let Some(whole) = kept.iter().copied().reduce(|a, b| a.with(&b)) else {
        return wiped;
    };
    let edge = u32::from(EDGE);
    let (left, top) = (
        whole.left.saturating_sub(edge),
        whole.top.saturating_sub(edge),
    );
    let width = (whole.right + edge + 1).min(ink.width()) - left;
    let height = (whole.bottom + edge + 1).min(ink.height()) - top;
    let is_kept = |label: u32| label > 0 && kept.iter().any(|piece| piece.label == label);
    let strokes = GrayImage::from_fn(width, height, |x, y| {
        Luma([u8::from(is_kept(labels.get_pixel(left + x, top + y)[0])) * 255])
    });
    let near = dilate(&strokes, Norm::LInf, EDGE);
    for (x, y, near) in near.enumerate_pixels() {
        let place = (left + x, top + y);
        let of_another =
            labels.get_pixel(place.0, place.1)[0] > 0 && strokes.get_pixel(x, y)[0] == 0;
        if near[0] > 0 && !of_another {
            wiped.put_pixel(place.0, place.1, *ink.get_pixel(place.0, place.1));
        }
    }
    wiped
}

#[cfg(test)]
mod tests {
    use imageproc::drawing::{draw_filled_rect_mut, draw_hollow_rect_mut};

    use super::*;

    fn picture(strokes: &[[u32; 4]]) -> GrayImage {
        let mut picture = GrayImage::new(200, 200);
        for [left, top, width, height] in strokes {
            let stroke = Rect::at(*left as i32, *top as i32).of_size(*width, *height);
            draw_filled_rect_mut(&mut picture, stroke, Luma([255]));
        }
        picture
    }

    /// Asserts that of all strokes only the first ones, that belong to the digit, are kept.
    #[track_caller]
    fn assert_kept(kept: &[[u32; 4]], others: &[[u32; 4]]) {
        let all = picture(&[kept, others].concat());
        assert!(digit(&all).unwrap() == picture(kept));
    }

    const STEM: [u32; 4] = [90, 60, 12, 80];

    #[test]
    fn specks_ruled_lines_and_edges_of_a_desk_are_wiped() {
        assert_kept(&[STEM], &[[40, 40, 3, 3], [93, 148, 2, 2]]);
        assert_kept(&[STEM], &[[0, 150, 200, 2], [0, 30, 200, 2]]);
        assert_kept(&[STEM], &[[0, 0, 30, 200]]);
        assert_kept(&[STEM], &[[0, 0, 80, 57]]);
    }

    #[test]
    fn a_frame_around_the_digit_is_wiped() {
        for margin in [0, 10] {
            let mut framed = picture(&[STEM]);
            let frame =
                Rect::at(margin, margin).of_size(200 - 2 * margin as u32, 200 - 2 * margin as u32);
            draw_hollow_rect_mut(&mut framed, frame, Luma([255]));
            assert!(digit(&framed).unwrap() == picture(&[STEM]));
        }
    }

    #[test]
    fn a_zero_as_large_as_the_picture_is_no_frame() {
        let mut zero = GrayImage::new(28, 28);
        draw_hollow_rect_mut(&mut zero, Rect::at(2, 1).of_size(24, 26), Luma([255]));
        assert!(digit(&zero).unwrap() == zero);
    }

    #[test]
    fn broken_strokes_are_joined_and_the_next_digit_is_not() {
        assert_kept(
            &[[90, 60, 12, 60], [90, 128, 12, 30], [104, 60, 40, 10]],
            &[],
        );
        assert_kept(&[STEM], &[[150, 70, 12, 60]]);
    }

    #[test]
    fn grey_edges_stay_with_their_stroke() {
        let mut soft = picture(&[STEM]);
        soft.put_pixel(102, 100, Luma([60]));
        soft.put_pixel(110, 100, Luma([60]));
        let kept = digit(&soft).unwrap();
        assert_eq!(
            (kept.get_pixel(102, 100)[0], kept.get_pixel(110, 100)[0]),
            (60, 0)
        );
    }

    #[test]
    fn a_sheet_is_solid_and_broad_and_a_digit_is_neither() {
        assert!(sheet(&picture(&[[30, 20, 140, 160]])).is_some());
        assert!(sheet(&picture(&[[90, 10, 30, 180]])).is_none());
        assert!(sheet(&picture(&[[30, 20, 140, 20], [130, 20, 40, 160]])).is_none());
    }

    #[test]
    fn specks_alone_are_no_digit() {
        let specks = picture(&[[10, 10, 3, 3], [100, 120, 4, 2], [50, 180, 1, 1]]);
        assert!(matches!(digit(&specks), Err(ImageError::NoInk(_))));
    }
}
