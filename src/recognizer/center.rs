//! MNIST's fit: a digit in a box of 20 x 20, its centre of mass in the middle of 28 x 28, drawn
//! with a pen as wide as MNIST's.

use std::ops::RangeInclusive;

use image::{GrayImage, imageops};

use super::ImageError;
use super::connected::pieces;
use super::pen::mean_depth;
use super::resample::resized;
use super::segment::bounds;

/// Side of an MNIST image, in pixels.
pub const SIDE: u32 = crate::tensors::SIDE as u32;
/// Longest side of an MNIST digit, in pixels.
const BOX: u32 = 20;
/// Where MNIST puts the centre of mass, counting pixels from 0 (mean over the training images:
/// 13.99 down, 14.00 across).
const CENTRE: f32 = 14.0;
/// Pen widths of nine in ten of MNIST's training images, in pixels of the 20 x 20 box (median 2.7).
const MNIST_PENS: RangeInclusive<f32> = 1.9..=4.0;
/// Pen widths that other pictures are redrawn to: the tails of MNIST's are hard to read.
const PENS: RangeInclusive<f32> = 2.2..=3.8;
/// Strokes are widened or narrowed on a drawing enlarged by this factor.
const FINE: u32 = 8;
/// The width of a pen is looked at first on a drawing enlarged by this factor, a sixteenth of the work.
/// There it looks wider, by about 0.8 pixels: of MNIST's 70,000 images none that looks so is not
/// within [`MNIST_PENS`], and three in four look so.
const COARSE: u32 = 2;
const PLAINLY_MNIST: RangeInclusive<f32> = 3.1..=4.5;
/// A pen's radius shrinks by no more than this, in enlarged pixels: the digit must fit the canvas.
const MAX_THINNING: f32 = 24.0;

/// Values from here on are ink rather than paper.
const SOLID: u8 = 128;
/// Changes of a pen's radius that are not worth the loss of its grey edges, in enlarged pixels.
const SLIGHT: f32 = 0.25;

/// Fits a digit, bright on black, as MNIST's makers did.
///
/// # Errors
/// [`ImageError::NoInk`] where there is no bright pixel.
pub fn fit(digit: &GrayImage) -> Result<GrayImage, ImageError> {
    let digit = crop(digit).ok_or(ImageError::NoInk("the picture is blank"))?;
    let fills_box = digit.width().max(digit.height()) == BOX;
    if fills_box && PLAINLY_MNIST.contains(&pen_width(&digit, COARSE)) {
        return Ok(centre(&brighten(digit)));
    }
    let pen = pen_width(&digit, FINE);
    let boxed = if fills_box && MNIST_PENS.contains(&pen) {
        digit
    } else {
        let radius = pen_change(pen);
        let redrawn = redraw(enlarge(&digit, radius), radius);
        shrink(&on_canvas(&redrawn, (SIDE * FINE, SIDE * FINE)))
    };
    Ok(centre(&brighten(boxed)))
}

/// The part of the picture that holds ink.
fn crop(picture: &GrayImage) -> Option<GrayImage> {
    let inked = bounds(picture, 1)?;
    let (left, top) = (inked.left() as u32, inked.top() as u32);
    Some(imageops::crop_imm(picture, left, top, inked.width(), inked.height()).to_image())
}

/// Scales the digit so that its longest side is as long as wanted.
fn scaled(digit: &GrayImage, wanted: f32) -> GrayImage {
    let scale = wanted / digit.width().max(digit.height()) as f32;
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    resized(digit, side(digit.width()), side(digit.height()))
}

/// Scales the digit into the enlarged box, less the margin that a pen wider by `radius` will fill;
/// around it lies that margin, and a pixel of paper at least.
fn enlarge(digit: &GrayImage, radius: f32) -> GrayImage {
    let fine = scaled(digit, (BOX * FINE) as f32 - 2.0 * radius);
    framed(&fine, 1 + radius.max(0.0).ceil() as u32)
}

/// A picture with so many pixels of paper on each side.
fn framed(picture: &GrayImage, margin: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    on_canvas(picture, (width + 2 * margin, height + 2 * margin))
}

/// A picture in the middle of a black one.
fn on_canvas(picture: &GrayImage, (width, height): (u32, u32)) -> GrayImage {
    let mut canvas = GrayImage::new(width, height);
    let middle = |canvas: u32, length: u32| (i64::from(canvas) - i64::from(length)) / 2;
    let (left, top) = (
        middle(width, picture.width()),
        middle(height, picture.height()),
    );
    imageops::replace(&mut canvas, picture, left, top);
    canvas
}

/// Mean width of the strokes, in pixels of the 20 x 20 box: across a stroke of width w, the mean
/// distance to the edge is w / 4. Measured on a drawing enlarged by the factor `fine`.
fn pen_width(digit: &GrayImage, fine: u32) -> f32 {
    let enlarged = scaled(digit, (BOX * fine) as f32);
    // There is paper on all sides of the digit.
    (4.0 * mean_depth(&framed(&enlarged, 1), SOLID) / f64::from(fine)) as f32
}

/// By how much the radius of the pen must grow, in enlarged pixels, so that its width is one of
/// [`PENS`] after the digit, that grows with it, has been scaled back into its box.
fn pen_change(pen: f32) -> f32 {
    let wanted = pen.clamp(*PENS.start(), *PENS.end());
    let room = (1.0 - pen / BOX as f32).max(0.3);
    (FINE as f32 * (wanted - pen) / 2.0 / room).max(-MAX_THINNING)
}

/// Draws the strokes with a pen wider by `radius` on each side, or narrower if negative. Grey edges
/// stay as they are: on small drawings they are most of what there is.
fn redraw(mut fine: GrayImage, radius: f32) -> GrayImage {
    if radius.abs() < SLIGHT {
        return fine;
    }
    if radius > 0.0 {
        return grow(&fine, radius);
    }
    let whole = pieces(&fine, SOLID);
    imageops::invert(&mut fine);
    // Thin parts of a thick drawing must not break.
    let mut thinning = -radius;
    loop {
        let mut thin = grow(&fine, thinning);
        imageops::invert(&mut thin);
        if thinning < SLIGHT || pieces(&thin, SOLID) <= whole {
            return thin;
        }
        thinning /= 2.0;
    }
}

/// Each pixel becomes the brightest within a disc, whose rim counts by how much of it lies within
/// `radius`.
fn grow(fine: &GrayImage, radius: f32) -> GrayImage {
    let mut grown = fine.clone();
    let (width, height) = (fine.width() as usize, fine.height() as usize);
    let reach = radius.ceil() as usize;
    for (down, across) in (0..=2 * reach).flat_map(|y| (0..=2 * reach).map(move |x| (y, x))) {
        let distance = (down as f32 - reach as f32).hypot(across as f32 - reach as f32);
        let share = (256.0 * (1.0 + radius - distance).clamp(0.0, 1.0)) as u16;
        let copied = width.saturating_sub(across.abs_diff(reach));
        if share == 0 {
            continue;
        }
        for y in reach.saturating_sub(down)..height.min(height + reach - down) {
            let from = (y + down - reach) * width + across.saturating_sub(reach);
            let to = y * width + reach.saturating_sub(across);
            let values = &fine.as_raw()[from..from + copied];
            let places = &mut grown.as_mut()[to..to + copied];
            for (value, &near) in places.iter_mut().zip(values) {
                *value = (*value).max(((u16::from(near) * share) >> 8) as u8);
            }
        }
    }
    grown
}

/// Back to the size of MNIST, each pixel the mean of its area.
fn shrink(fine: &GrayImage) -> GrayImage {
    imageops::thumbnail(fine, SIDE, SIDE)
}

/// Scales the values so that solid ink is near 255, as it is in MNIST.
fn brighten(mut digit: GrayImage) -> GrayImage {
    let peak = digit.pixels().map(|p| p[0]).max().unwrap_or(0).max(1);
    for pixel in digit.pixels_mut() {
        pixel[0] = (u32::from(pixel[0]) * 255 / u32::from(peak)) as u8;
    }
    digit
}

/// Moves the centre of mass to the middle of 28 x 28, by whole pixels.
fn centre(digit: &GrayImage) -> GrayImage {
    let (mut mass, mut x_mass, mut y_mass) = (0.0, 0.0, 0.0);
    for (x, y, pixel) in digit.enumerate_pixels() {
        let value = f32::from(pixel[0]);
        mass += value;
        x_mass += value * x as f32;
        y_mass += value * y as f32;
    }
    let offset = |moment: f32| (CENTRE - moment / mass.max(1.0)).round() as i64;
    let mut fitted = GrayImage::new(SIDE, SIDE);
    imageops::replace(&mut fitted, digit, offset(x_mass), offset(y_mass));
    fitted
}

#[cfg(test)]
mod tests {
    use image::Luma;
    use imageproc::drawing::draw_filled_rect_mut;
    use imageproc::rect::Rect;

    use super::*;

    /// An angle, like an L, of given stroke width in a picture of given side.
    fn angle(side: u32, stroke: u32) -> GrayImage {
        let mut picture = GrayImage::new(side, side);
        let (start, length) = (side / 5, side * 3 / 5);
        let at = Rect::at(start as i32, start as i32);
        draw_filled_rect_mut(&mut picture, at.of_size(stroke, length), Luma([200]));
        let foot = Rect::at(start as i32, (start + length - stroke) as i32);
        draw_filled_rect_mut(
            &mut picture,
            foot.of_size(length * 2 / 3, stroke),
            Luma([200]),
        );
        picture
    }

    fn centre_of_mass(picture: &GrayImage) -> (f32, f32) {
        let (mut mass, mut across, mut down) = (0.0, 0.0, 0.0);
        for (x, y, p) in picture.enumerate_pixels() {
            mass += f32::from(p[0]);
            across += f32::from(p[0]) * x as f32;
            down += f32::from(p[0]) * y as f32;
        }
        (across / mass, down / mass)
    }

    #[test]
    fn every_pen_and_size_gets_the_box_the_middle_and_the_contrast_of_mnist() {
        for (side, stroke) in [(12, 1), (28, 2), (100, 1), (100, 8), (100, 22), (900, 20)] {
            let fitted = fit(&angle(side, stroke)).unwrap();
            let (x, y) = centre_of_mass(&fitted);
            assert!(
                (x - 14.0).abs() <= 0.51 && (y - 14.0).abs() <= 0.51,
                "{x} {y}"
            );
            let ink = bounds(&fitted, 100).unwrap();
            assert!(
                (19..=20).contains(&ink.height()),
                "{side} {stroke}: {ink:?}"
            );
            assert_eq!(fitted.pixels().map(|p| p[0]).max(), Some(255));
            let pen = pen_width(&crop(&fitted).unwrap(), FINE);
            assert!((1.8..=4.5).contains(&pen), "{side} {stroke}: {pen}");
        }
    }

    #[test]
    fn what_is_mnists_fit_already_is_left_alone() {
        let fitted = fit(&angle(300, 25)).unwrap();
        assert_eq!(fit(&fitted).unwrap(), fitted);
    }

    #[test]
    fn a_black_picture_is_an_error() {
        assert!(matches!(
            fit(&GrayImage::new(9, 9)),
            Err(ImageError::NoInk(_))
        ));
    }
}
