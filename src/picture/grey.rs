//! Conversion from colour to the grey that shows the ink best.

use image::{GrayImage, RgbImage, imageops};
use imageproc::filter::box_filter;

/// Luminance, or the colour channel that shows the ink much better: a yellow pen hardly darkens
/// white paper, but its blue channel is black.
pub fn grey(picture: &RgbImage) -> GrayImage {
    let channel = |c: usize| {
        GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
            image::Luma([picture.get_pixel(x, y)[c]])
        })
    };
    // Without colour all channels are equal.
    if picture.pixels().all(|p| p[0] == p[1] && p[1] == p[2]) {
        return channel(0);
    }
    let luma = imageops::grayscale(picture);
    let enough = detail(&luma) * 1.5;
    (0..3)
        .map(channel)
        .map(|grey| (detail(&grey), grey))
        .filter(|(detail, _)| *detail > enough)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(luma, |(_, grey)| grey)
}

/// Root mean square difference from the surroundings, on a small copy without sensor noise.
fn detail(grey: &GrayImage) -> f64 {
    let side = |length: u32| length.min((length / 8).max(64));
    let small = imageops::thumbnail(grey, side(grey.width()), side(grey.height()));
    let surroundings = box_filter(&small, small.width() / 8, small.height() / 8);
    imageproc::stats::root_mean_squared_error(&small, &surroundings)
}
