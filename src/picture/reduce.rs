//! Reduces pictures of any pixel type to eight bits per channel, with alpha.

use image::{DynamicImage, RgbImage, Rgba, RgbaImage};

/// Longest side of a reduced picture.
const MAX_SIDE: u32 = 3000;
/// Pictures of more than eight bits that use less than this share of their range, from darkest to
/// lightest, are stretched over all of it: a camera's twelve bits in a sixteen-bit file.
const NARROW: f32 = 0.25;

/// The picture unchanged, if it is opaque, has eight bits per channel and need not be reduced, as
/// most.
pub(super) fn as_is(picture: &DynamicImage) -> Option<RgbImage> {
    let (width, height) = (picture.width(), picture.height());
    if width.max(height) > MAX_SIDE {
        return None;
    }
    match picture {
        DynamicImage::ImageLuma8(grey) => {
            let colours = grey.iter().flat_map(|&tone| [tone; 3]);
            RgbImage::from_raw(width, height, colours.collect())
        }
        DynamicImage::ImageRgb8(colour) => Some(colour.clone()),
        _ => None,
    }
}

/// Averages blocks of whole pixels so that no side is longer than 3000.
pub(super) fn reduced(picture: &DynamicImage) -> RgbaImage {
    let size = (picture.width(), picture.height());
    let opaque = 255.0;
    match picture {
        DynamicImage::ImageLuma8(p) => average(size, p.as_raw(), |&[l]: &[u8; 1]| {
            let l = f32::from(l);
            [l, l, l, opaque]
        }),
        DynamicImage::ImageLumaA8(p) => average(size, p.as_raw(), |&[l, a]: &[u8; 2]| {
            let l = f32::from(l);
            [l, l, l, a.into()]
        }),
        DynamicImage::ImageRgb8(p) => average(size, p.as_raw(), |&[r, g, b]: &[u8; 3]| {
            [r.into(), g.into(), b.into(), opaque]
        }),
        DynamicImage::ImageRgba8(p) => average(size, p.as_raw(), |p: &[u8; 4]| p.map(f32::from)),
        DynamicImage::ImageLuma16(p) => {
            let tone = tones(p.as_raw(), 1, 1);
            average(size, p.as_raw(), |&[l]: &[u16; 1]| {
                let l = tone(l.into());
                [l, l, l, opaque]
            })
        }
        DynamicImage::ImageLumaA16(p) => {
            let tone = tones(p.as_raw(), 2, 1);
            average(size, p.as_raw(), |&[l, a]: &[u16; 2]| {
                let l = tone(l.into());
                [l, l, l, f32::from(a) / 257.0]
            })
        }
        DynamicImage::ImageRgb16(p) => {
            let tone = tones(p.as_raw(), 3, 3);
            average(size, p.as_raw(), |&[r, g, b]: &[u16; 3]| {
                [tone(r.into()), tone(g.into()), tone(b.into()), opaque]
            })
        }
        DynamicImage::ImageRgba16(p) => {
            let tone = tones(p.as_raw(), 4, 3);
            average(size, p.as_raw(), |&[r, g, b, a]: &[u16; 4]| {
                [
                    tone(r.into()),
                    tone(g.into()),
                    tone(b.into()),
                    f32::from(a) / 257.0,
                ]
            })
        }
        DynamicImage::ImageRgb32F(p) => {
            let tone = float_tones(p.as_raw(), 3);
            average(size, p.as_raw(), |&[r, g, b]: &[f32; 3]| {
                [tone(r), tone(g), tone(b), opaque]
            })
        }
        DynamicImage::ImageRgba32F(p) => {
            let tone = float_tones(p.as_raw(), 4);
            average(size, p.as_raw(), |&[r, g, b, a]: &[f32; 4]| {
                [tone(r), tone(g), tone(b), (a * 255.0).clamp(0.0, 255.0)]
            })
        }
        // No decoder produces any other type today.
        _ => average(size, picture.to_rgba8().as_raw(), |p: &[u8; 4]| {
            p.map(f32::from)
        }),
    }
}

/// From sixteen bits to tones of 0 to 255; of the `channels`, only the first `coloured` count.
fn tones(values: &[u16], channels: usize, coloured: usize) -> impl Fn(f32) -> f32 + use<> {
    let colours = || {
        values
            .chunks_exact(channels)
            .flat_map(|p| &p[..coloured])
            .copied()
    };
    let low = f32::from(colours().min().unwrap_or(0));
    let high = f32::from(colours().max().unwrap_or(0));
    scale(low, high, f32::from(u16::MAX))
}

/// From floating point to tones of 0 to 255; NaN and infinite values count as paper.
fn float_tones(values: &[f32], channels: usize) -> impl Fn(f32) -> f32 + use<> {
    let finite = || {
        let colours = values.chunks_exact(channels).flat_map(|p| &p[..3]);
        colours.copied().filter(|value| value.is_finite())
    };
    let low = finite().fold(f32::MAX, f32::min);
    let high = finite().fold(f32::MIN, f32::max);
    let tone = if (0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high) {
        scale(low, high, 1.0)
    } else {
        // As if the darkest were black and the lightest white.
        scale(low, high, f32::INFINITY)
    };
    move |value| {
        if value.is_finite() {
            tone(value)
        } else {
            255.0
        }
    }
}

/// Tones of a range from 0 to `full`, stretched where the values use little of it.
fn scale(low: f32, high: f32, full: f32) -> impl Fn(f32) -> f32 + use<> {
    let narrow = high > low && high / 2.0 - low / 2.0 < NARROW * full / 2.0;
    // Halves keep the difference of two huge numbers finite.
    let (offset, range) = if narrow {
        (low, high / 2.0 - low / 2.0)
    } else {
        (0.0, full / 2.0)
    };
    move |value| ((value / 2.0 - offset / 2.0) / range * 255.0).clamp(0.0, 255.0)
}

/// The mean of each square of pixels, whose `colour` is red, green, blue and alpha of 0 to 255.
fn average<T, const N: usize>(
    (width, height): (u32, u32),
    pixels: &[T],
    colour: impl Fn(&[T; N]) -> [f32; 4],
) -> RgbaImage {
    let side = width.max(height).div_ceil(MAX_SIDE).max(1);
    let mut reduced = RgbaImage::new(width.div_ceil(side), height.div_ceil(side));
    let (pixels, _) = pixels.as_chunks::<N>();
    let rows = pixels.chunks_exact(width as usize);
    let mut sums = vec![[0.0f32; 5]; reduced.width() as usize];
    for (y, row) in (0..height).zip(rows) {
        for (sum, square) in sums.iter_mut().zip(row.chunks(side as usize)) {
            for pixel in square {
                let [r, g, b, alpha] = colour(pixel);
                for (sum, value) in
                    sum.iter_mut()
                        .zip([r * alpha, g * alpha, b * alpha, alpha, 1.0])
                {
                    *sum += value;
                }
            }
        }
        if (y + 1) % side == 0 || y + 1 == height {
            for (x, sum) in (0..).zip(&mut sums) {
                reduced.put_pixel(x, y / side, mean(sum));
                *sum = [0.0; 5];
            }
        }
    }
    reduced
}

/// Colour weighted by alpha, so that invisible pixels do not tint visible ones.
fn mean(&[r, g, b, alpha, count]: &[f32; 5]) -> Rgba<u8> {
    let share = |sum: f32| {
        if alpha > 0.0 {
            (sum / alpha + 0.5) as u8
        } else {
            0
        }
    };
    Rgba([share(r), share(g), share(b), (alpha / count + 0.5) as u8])
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Luma, Rgb, Rgb32FImage};

    use super::*;

    fn reds(picture: DynamicImage) -> Vec<u8> {
        reduced(&picture).pixels().map(|p| p[0]).collect()
    }

    #[test]
    fn sixteen_bits_keep_their_tones_even_where_they_use_few() {
        let wide = ImageBuffer::from_vec(3, 1, vec![0u16, 0x8080, 0xffff]);
        assert_eq!(
            reds(wide.map(DynamicImage::ImageLuma16).unwrap()),
            [0, 128, 255]
        );
        let narrow = ImageBuffer::<Luma<u16>, _>::from_vec(3, 1, vec![1000u16, 1500, 2000]);
        assert_eq!(
            reds(narrow.map(DynamicImage::ImageLuma16).unwrap()),
            [0, 128, 255]
        );
    }

    #[test]
    fn floats_above_one_are_scaled_and_nan_and_infinity_are_paper() {
        let floats = |values: [f32; 4]| {
            let picture = Rgb32FImage::from_fn(4, 1, |x, _| Rgb([values[x as usize]; 3]));
            reds(DynamicImage::ImageRgb32F(picture))
        };
        assert_eq!(floats([0.0, 0.5, 1.0, f32::NAN]), [0, 128, 255, 255]);
        assert_eq!(
            floats([-400.0, 0.0, 400.0, f32::INFINITY]),
            [0, 128, 255, 255]
        );
        assert_eq!(
            floats([f32::MIN, 0.0, f32::MAX, f32::NAN]),
            [0, 128, 255, 255]
        );
    }

    #[test]
    fn blocks_are_averaged_and_invisible_pixels_do_not_count() {
        let mut picture = RgbaImage::from_pixel(6000, 2, Rgba([100, 0, 0, 255]));
        picture.put_pixel(0, 0, Rgba([255, 255, 255, 0]));
        picture.put_pixel(2, 0, Rgba([200, 0, 0, 255]));
        let reduced = reduced(&picture.into());
        assert_eq!(reduced.dimensions(), (3000, 1));
        assert_eq!(*reduced.get_pixel(0, 0), Rgba([100, 0, 0, 191]));
        assert_eq!(*reduced.get_pixel(1, 0), Rgba([125, 0, 0, 255]));
    }
}
