//! One written digit as a signed distance field of its strokes, sharp at any size.

use image::{GrayImage, ImageBuffer, Luma, imageops};
use imageproc::distance_transform::euclidean_squared_distance_transform;
use imageproc::filter::gaussian_blur_f32;

/// Length in pixels of the digit's longer side in the field.
const LONGER: f32 = 240.0;
/// Width in pixels of the empty frame around it.
const FRAME: u32 = 48;
/// Ink below this counts as paper.
const INK: u8 = 100;

type Field = ImageBuffer<Luma<f32>, Vec<f32>>;

/// The width of the strokes.
#[derive(Clone, Copy)]
pub enum Nib {
    /// As they were written, wider by this share of the digit's longer side.
    Own(f32),
    /// A round point of this radius, as a share of the longer side, drawn along their middle.
    Round(f32),
}

/// A digit whose longer side measures 1, around its middle.
pub struct Shape {
    field: Field,
    /// Half its width and half its height.
    pub half: (f32, f32),
}

impl Shape {
    pub fn new(writing: &GrayImage, nib: Nib) -> Self {
        let ink = enlarged(writing);
        let (width, height) = (ink.width() - 2 * FRAME, ink.height() - 2 * FRAME);
        let inside = distance_to(&ink, 0);
        let outline = combined(&distance_to(&ink, 255), &inside, |out, inward| out - inward);
        let field = match nib {
            Nib::Own(wider) => moved(&outline, -wider * LONGER),
            Nib::Round(radius) => drawn_along(&spine(&ink), &outline, &inside, radius * LONGER),
        };
        let half = |length: u32| length as f32 / LONGER / 2.0;
        Self {
            field,
            half: (half(width), half(height)),
        }
    }

    /// Distance to the nearest stroke's edge, negative within; none far from the digit.
    pub fn distance(&self, x: f32, y: f32) -> Option<f32> {
        let (width, height) = self.field.dimensions();
        let (x, y) = (
            x * LONGER + width as f32 / 2.0 - 0.5,
            y * LONGER + height as f32 / 2.0 - 0.5,
        );
        if !(0.0..(width - 1) as f32).contains(&x) || !(0.0..(height - 1) as f32).contains(&y) {
            return None;
        }
        let (left, top) = (x as u32, y as u32);
        let (across, down) = (x - left as f32, y - top as f32);
        let row = |y| {
            let (a, b) = (
                self.field.get_pixel(left, y)[0],
                self.field.get_pixel(left + 1, y)[0],
            );
            a + (b - a) * across
        };
        let (a, b) = (row(top), row(top + 1));
        Some((a + (b - a) * down) / LONGER)
    }
}

/// The strokes of a round point that follows the `spine`.
fn drawn_along(spine: &GrayImage, outline: &Field, inside: &Field, radius: f32) -> Field {
    let on_spine = spine.pixels().zip(inside.pixels());
    let mut widths: Vec<f32> = on_spine
        .filter(|(on, _)| on[0] > 0)
        .map(|(_, half)| half[0])
        .collect();
    widths.sort_by(f32::total_cmp);
    let usual = widths.get(widths.len() / 2).map_or(radius, |&half| half);
    // A point much wider than the writer's pen would fill loops.
    let radius = radius.min(1.2 * usual);
    // Blurring raises the minimum, in the middle of the stroke, by 1.6.
    let strokes = moved(
        &gaussian_blur_f32(&distance_to(spine, 255), 2.0),
        -1.6 - radius,
    );
    // Areas far thicker than a stroke are loops that the writer's pen filled, and stay filled.
    let blobs = moved(outline, 1.4 * usual - radius);
    combined(&strokes, &blobs, f32::min)
}

fn combined(a: &Field, b: &Field, both: impl Fn(f32, f32) -> f32) -> Field {
    Field::from_fn(a.width(), a.height(), |x, y| {
        Luma([both(a.get_pixel(x, y)[0], b.get_pixel(x, y)[0])])
    })
}

/// The field with each distance increased by `by`.
fn moved(field: &Field, by: f32) -> Field {
    combined(field, field, |distance, _| distance + by)
}

/// The digit alone at the field's size, ink 255 and paper 0, with smooth outlines.
fn enlarged(writing: &GrayImage) -> GrayImage {
    let inked = || writing.enumerate_pixels().filter(|(.., ink)| ink[0] >= INK);
    let (left, right) = (inked().map(|p| p.0).min(), inked().map(|p| p.0).max());
    let (top, bottom) = (inked().map(|p| p.1).min(), inked().map(|p| p.1).max());
    let (left, top) = (left.unwrap_or(0), top.unwrap_or(0));
    let width = right.map_or(writing.width(), |right| right + 1 - left);
    let height = bottom.map_or(writing.height(), |bottom| bottom + 1 - top);
    let scale = LONGER / width.max(height) as f32;
    let long = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let digit = imageops::crop_imm(writing, left, top, width, height).to_image();
    let digit = imageops::resize(&digit, long(width), long(height), imageops::CatmullRom);
    let mut framed = GrayImage::new(digit.width() + 2 * FRAME, digit.height() + 2 * FRAME);
    imageops::replace(&mut framed, &digit, i64::from(FRAME), i64::from(FRAME));
    // About half a pixel of the source: this removes its grid but keeps its curves.
    let mut smooth = gaussian_blur_f32(&framed, (0.45 * scale).max(1.5));
    imageproc::contrast::threshold_mut(
        &mut smooth,
        INK,
        imageproc::contrast::ThresholdType::Binary,
    );
    smooth
}

/// Each pixel's distance to the nearest pixel of this value.
fn distance_to(image: &GrayImage, value: u8) -> Field {
    let mut target = image.clone();
    for pixel in target.pixels_mut() {
        pixel[0] = if pixel[0] == value { 255 } else { 0 };
    }
    let squares = euclidean_squared_distance_transform(&target);
    Field::from_fn(image.width(), image.height(), |x, y| {
        Luma([squares.get_pixel(x, y)[0].sqrt() as f32])
    })
}

/// The middle lines of strokes, one pixel wide.
///
/// T. Y. Zhang and C. Y. Suen, "A fast parallel algorithm for thinning digital patterns", 1984.
fn spine(ink: &GrayImage) -> GrayImage {
    let mut ink = ink.clone();
    loop {
        let before = ink.clone();
        for pass in 0..2 {
            let removed: Vec<(u32, u32)> = (1..ink.height() - 1)
                .flat_map(|y| (1..ink.width() - 1).map(move |x| (x, y)))
                .filter(|&(x, y)| ink.get_pixel(x, y)[0] > 0 && is_rim(&ink, x, y, pass))
                .collect();
            for (x, y) in removed {
                ink.put_pixel(x, y, Luma([0]));
            }
        }
        if ink == before {
            return ink;
        }
    }
}

/// Whether a pixel can be removed without breaking a line; the passes peel from opposite sides.
fn is_rim(ink: &GrayImage, x: u32, y: u32, pass: u8) -> bool {
    let around = [
        (1, 0),
        (2, 0),
        (2, 1),
        (2, 2),
        (1, 2),
        (0, 2),
        (0, 1),
        (0, 0),
    ];
    let [n, ne, e, se, s, sw, w, nw] =
        around.map(|(dx, dy)| ink.get_pixel(x + dx - 1, y + dy - 1)[0] > 0);
    let ring = [n, ne, e, se, s, sw, w, nw];
    let count = ring.iter().filter(|inked| **inked).count();
    let entries = (0..8).filter(|&i| !ring[i] && ring[(i + 1) % 8]).count();
    let open = if pass == 0 {
        !(e && s && (n || w))
    } else {
        !(n && w && (e || s))
    };
    (2..=6).contains(&count) && entries == 1 && open
}
