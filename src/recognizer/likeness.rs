//! How much a piece of ink looks like a digit, by plain geometry.

use image::GrayImage;

use super::pieces::Piece;

/// Width of the pen per length of the digit above which a piece is a blob or a sheet, not a stroke.
const FATTEST: f64 = 0.42;
/// A sharp edge rises by this share of the ink's value per pixel; shadows and shine rise slower.
const SHARP: f64 = 0.09;
/// So is an edge that rises by this share over the width of the pen: large pens may be blurred.
const SHARP_PEN: f64 = 4.5;
/// Length of all strokes per length of the digit: an 8 has 3, a net or a texture more.
const LONGEST_WAY: f64 = 7.0;

/// A piece that runs off the picture counts for so much less; drawings are often cut out closely.
const CUT: f64 = 0.06;
const CUT_DRAWING: f64 = 0.3;
/// Small drawings are often fat, and have no sheets or shadows.
const FAT_DRAWING: f64 = 0.4;
/// Pieces that are less like strokes of ink are none, however large.
const LEAST: f64 = 0.5;

/// Likeness of the piece that looks most like a digit, 0 where there is none.
pub(super) fn best(pieces: &[Piece], ink: &GrayImage) -> f64 {
    let all = pieces.iter().map(|piece| likeness(piece, ink));
    all.fold(0.0, f64::max)
}

/// The same where none of them can be a sheet of paper.
pub(super) fn best_of_pens(pieces: &[Piece], ink: &GrayImage) -> f64 {
    let all = pieces.iter().map(|piece| drawn(piece, ink));
    all.fold(0.0, f64::max)
}

/// From 0 to about 1: large, central, inside the picture, sharp, and drawn with a pen.
pub(super) fn likeness(piece: &Piece, ink: &GrayImage) -> f64 {
    drawn(piece, ink) * ink_on_paper(piece, ink)
}

/// The same whether or not it may be a sheet of paper.
fn drawn(piece: &Piece, ink: &GrayImage) -> f64 {
    if piece.lies_flat() || crosses(piece, ink) {
        return 0.0;
    }
    let (width, height) = (f64::from(ink.width()), f64::from(ink.height()));
    let x = f64::from(piece.left + piece.right + 1) / width - 1.0;
    let y = f64::from(piece.top + piece.bottom + 1) / height - 1.0;
    let central = 1.2 - x.abs().max(y.abs());
    let whole = match piece.is_cut(ink) {
        true if is_drawing(ink) => CUT_DRAWING,
        true => CUT,
        false => 1.0,
    };
    let size = f64::from(piece.longest()) / width.max(height);
    let mass = f64::from(piece.area) / (width * height);
    size * mass.sqrt() * central * whole * strokes(piece, ink)
}

/// Small for what may be a sheet of paper: it fills its box, and the box much of the picture.
fn ink_on_paper(piece: &Piece, ink: &GrayImage) -> f64 {
    let (box_width, box_height) = (piece.width(), piece.height());
    let solid = !is_drawing(ink) && piece.area * 20 > box_width * box_height * 9;
    let broad = box_width * 3 > ink.width() && box_height * 3 > ink.height();
    if solid && broad { 0.03 } else { 1.0 }
}

/// Whether the piece is drawn in ink, rather than a shadow or a blob.
pub(super) fn is_ink(piece: &Piece, ink: &GrayImage) -> bool {
    strokes(piece, ink) > 0.0
}

/// From 0 to 1, how much the piece looks drawn in ink.
fn strokes(piece: &Piece, ink: &GrayImage) -> f64 {
    let drawing = is_drawing(ink);
    let strokes = pen(piece, drawing) * sharpness(piece);
    if strokes < LEAST && !drawing {
        0.0
    } else {
        strokes
    }
}

/// Whether the picture is too small for anything but a drawing or a digit cut out by hand.
pub(super) fn is_drawing(picture: &GrayImage) -> bool {
    picture.width().max(picture.height()) < 200
}

/// Whether the piece is a straight line from one side of the picture to another, as the edges of
/// sheets, desks and shadows are.
fn crosses(piece: &Piece, ink: &GrayImage) -> bool {
    let (width, height) = ink.dimensions();
    let ends = [
        piece.left == 0,
        piece.top == 0,
        piece.right + 1 == width,
        piece.bottom + 1 == height,
    ];
    let cut_out = piece.width() * 2 > width && piece.height() * 2 > height;
    let length = f64::from(piece.width()).hypot(f64::from(piece.height()));
    let straight = f64::from(piece.area) / piece.pen() < 1.2 * length;
    ends.into_iter().filter(|end| *end).count() >= 2 && straight && !cut_out
}

/// 1 for strokes of a pen, near 0 for blobs, sheets and textures.
fn pen(piece: &Piece, drawing: bool) -> f64 {
    let longest = f64::from(piece.longest());
    let fat = ((FATTEST - piece.pen() / longest) * 10.0)
        .clamp(if drawing { FAT_DRAWING } else { 0.02 }, 1.0);
    let way = f64::from(piece.area) / piece.pen() / longest;
    fat * (LONGEST_WAY / way).min(1.0).powi(2)
}

/// 1 for the edges of ink, near 0 for those of shadows.
fn sharpness(piece: &Piece) -> f64 {
    let by_pixel = piece.steepness() / SHARP;
    let by_pen = piece.steepness() * piece.pen() / SHARP_PEN;
    by_pixel.max(by_pen).min(1.0).powi(2)
}

#[cfg(test)]
mod tests {
    use image::Luma;
    use imageproc::drawing::draw_filled_rect_mut;
    use imageproc::rect::Rect;

    use super::super::pieces::pieces;
    use super::*;

    /// Likeness of a rectangle of ink on a picture of 400 x 400.
    fn likeness_of(left: i32, top: i32, width: u32, height: u32) -> f64 {
        let mut ink = GrayImage::new(400, 400);
        let at = Rect::at(left, top).of_size(width, height);
        draw_filled_rect_mut(&mut ink, at, Luma([255]));
        best(&pieces(&ink).1, &ink)
    }

    #[test]
    fn a_stroke_is_more_like_a_digit_than_what_else_lies_on_a_table() {
        let stroke = likeness_of(190, 100, 20, 200);
        let lines = [likeness_of(100, 190, 200, 20), likeness_of(190, 0, 20, 400)];
        assert!(stroke > 0.0 && lines == [0.0, 0.0], "{stroke} {lines:?}");
        for (left, top, width, height) in [
            (190, 0, 20, 200),
            (10, 100, 20, 200),
            (120, 120, 160, 160),
            (196, 180, 8, 40),
        ] {
            let other = likeness_of(left, top, width, height);
            assert!(other < stroke, "{left} {top} {width} {height}: {other}");
        }
    }
}
