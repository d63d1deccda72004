//! A background for pictures that are partly transparent.

use image::{RgbImage, RgbaImage};

/// Composites a picture with alpha over the background it was meant for.
///
/// Ink without a background gets the opposite tone, or white ink would vanish on white. Where the
/// visible part includes its own paper, holes take that paper's tone.
pub(super) fn on_paper(picture: &RgbaImage) -> RgbImage {
    let backdrop = f32::from(backdrop(picture));
    let mut opaque = RgbImage::new(picture.width(), picture.height());
    for (to, from) in opaque.pixels_mut().zip(picture.pixels()) {
        let alpha = f32::from(from[3]) / 255.0;
        for channel in 0..3 {
            to[channel] = (f32::from(from[channel]) * alpha + backdrop * (1.0 - alpha)) as u8;
        }
    }
    opaque
}

/// The tone to lay behind a picture with alpha, judged from its visible pixels alone.
fn backdrop(picture: &RgbaImage) -> u8 {
    let mut tones = [0u64; 256];
    for pixel in picture.pixels() {
        let [r, g, b, alpha] = pixel.0.map(usize::from);
        tones[(r * 2 + g * 5 + b) / 8] += alpha as u64;
    }
    let visible: u64 = tones.iter().sum();
    let all = u64::from(picture.width()) * u64::from(picture.height()) * 255;
    let mut seen = 0;
    let median = tones
        .iter()
        .position(|weight| {
            seen += weight;
            seen * 2 >= visible
        })
        .unwrap_or(0);
    let near = median.saturating_sub(32)..=(median + 32).min(255);
    let one_tone = tones[near].iter().sum::<u64>() * 10 >= visible * 9;
    // Even the boldest digit leaves a quarter of its box empty.
    let ink_alone = visible * 2 < all || (one_tone && visible * 4 < all * 3);
    match (ink_alone, median < 128) {
        (true, true) => 255,
        (true, false) => 0,
        (false, _) => median as u8,
    }
}
