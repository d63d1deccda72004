//! From the bytes of any picture to what MNIST would have made of its digit.

use image::{GrayImage, imageops};
use imageproc::rect::Rect;

use super::ImageError;
use super::{center, decode, ink, segment};

/// Turns a picture of a digit into MNIST's form: 28 x 28, white ink on black, fitted and centred.
///
/// `on_stage` is handed each intermediate picture with its name: `grey`, `ink`, `digit`, `fitted`.
/// Where the digit turns out to be a sheet of paper on a desk, `sheet` and a second `ink` and
/// `digit` come before `fitted`.
///
/// # Errors
/// [`ImageError::NoInk`] where no digit is seen, its other kinds where the bytes are no picture
/// that can be read.
pub fn prepare(
    bytes: &[u8],
    on_stage: &mut dyn FnMut(&str, &GrayImage),
) -> Result<GrayImage, ImageError> {
    let grey = decode::grey(&decode::decode(bytes)?.colour);
    on_stage("grey", &grey);
    Ok(digit_in(&grey, on_stage)?.0)
}

/// The same of an upright grey picture, with the digit's place in it.
///
/// # Errors
/// [`ImageError::NoInk`] where no digit is seen.
pub(super) fn digit_in(
    grey: &GrayImage,
    on_stage: &mut dyn FnMut(&str, &GrayImage),
) -> Result<(GrayImage, Rect), ImageError> {
    let mut digit = isolate(grey, on_stage)?;
    let mut corner = (0, 0);
    if let Some(sheet) = segment::sheet(&digit) {
        corner = (sheet.left(), sheet.top());
        let (left, top) = (sheet.left() as u32, sheet.top() as u32);
        let grey = imageops::crop_imm(grey, left, top, sheet.width(), sheet.height()).to_image();
        on_stage("sheet", &grey);
        digit = isolate(&grey, on_stage)?;
    }
    let fitted = center::fit(&digit)?;
    on_stage("fitted", &fitted);
    let area = segment::bounds(&digit, 1).unwrap_or(Rect::at(0, 0).of_size(1, 1));
    let area = Rect::at(corner.0 + area.left(), corner.1 + area.top())
        .of_size(area.width(), area.height());
    Ok((fitted, area))
}

/// The strokes of the digit on a sheet that fills the picture.
fn isolate(
    grey: &GrayImage,
    on_stage: &mut dyn FnMut(&str, &GrayImage),
) -> Result<GrayImage, ImageError> {
    let ink = ink::ink(grey)?;
    on_stage("ink", &ink);
    let digit = segment::digit(&ink)?;
    on_stage("digit", &digit);
    Ok(digit)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, Rgba, RgbaImage};

    use super::*;

    /// Corners of a 4 in a square of side 1, as strokes from point to point.
    const FOUR: [[(f32, f32); 2]; 3] = [
        [(0.45, 0.15), (0.25, 0.6)],
        [(0.25, 0.6), (0.75, 0.6)],
        [(0.6, 0.35), (0.6, 0.85)],
    ];

    /// How much ink, 0 to 1, lies on a pixel of a 4 drawn in a square with a soft round pen.
    fn four(x: u32, y: u32, left: f32, top: f32, side: f32) -> f32 {
        let (x, y) = (
            (x as f32 + 0.5 - left) / side,
            (y as f32 + 0.5 - top) / side,
        );
        let distance = |[(ax, ay), (bx, by)]: [(f32, f32); 2]| {
            let (dx, dy) = (bx - ax, by - ay);
            let along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy);
            let along = along.clamp(0.0, 1.0);
            (x - ax - along * dx).hypot(y - ay - along * dy)
        };
        let nearest = FOUR.into_iter().map(distance).fold(f32::MAX, f32::min);
        ((0.045 - nearest) * side + 0.5).clamp(0.0, 1.0)
    }

    /// A 4 of black ink on a white square.
    fn black_four(side: u32) -> GrayImage {
        GrayImage::from_fn(side, side, |x, y| {
            Luma([(255.0 * (1.0 - four(x, y, 0.0, 0.0, side as f32))) as u8])
        })
    }

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn prepared(picture: impl Into<DynamicImage>) -> Result<GrayImage, ImageError> {
        prepare(&encoded(picture, ImageFormat::Png), &mut |_, _| {})
    }

    #[track_caller]
    fn assert_reads_as_the_four(picture: impl Into<DynamicImage>) {
        assert_same(&prepared(picture).unwrap());
    }

    #[track_caller]
    fn assert_same(fitted: &GrayImage) {
        let expected = prepared(black_four(300)).unwrap();
        let differences = expected.pixels().zip(fitted.pixels());
        let sum: u32 = differences
            .map(|(a, b)| u32::from(a[0].abs_diff(b[0])))
            .sum();
        let mean = sum as f32 / (28.0 * 28.0);
        assert!(mean < 6.0, "mean difference {mean} of 255");
    }

    #[test]
    fn stages_come_in_order_and_the_last_is_the_answer() {
        let mut stages = Vec::new();
        let bytes = encoded(black_four(300), ImageFormat::Png);
        let answer = prepare(&bytes, &mut |name, picture| {
            stages.push((name.to_owned(), picture.clone()));
        });
        let names: Vec<_> = stages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["grey", "ink", "digit", "fitted"]);
        assert_eq!(stages[3].1, answer.unwrap());
    }

    #[test]
    fn white_on_black_reads_the_same() {
        let mut picture = black_four(300);
        imageops::invert(&mut picture);
        assert_reads_as_the_four(picture);
    }

    #[test]
    fn an_answer_put_in_again_comes_out_unchanged() {
        let answer = prepared(black_four(300)).unwrap();
        assert_reads_as_the_four(answer);
    }

    #[test]
    fn ink_on_transparent_paper_reads_the_same_whatever_its_tone() {
        for tone in [0, 100, 255] {
            assert_reads_as_the_four(RgbaImage::from_fn(300, 300, |x, y| {
                let alpha = 255.0 * four(x, y, 0.0, 0.0, 300.0);
                Rgba([tone, tone, tone, alpha as u8])
            }));
        }
    }

    #[test]
    fn light_and_shadow_change_nothing() {
        assert_reads_as_the_four(GrayImage::from_fn(300, 300, |x, y| {
            let light = 1.0 - (x + y) as f32 / 1200.0 - if x < 130 { 0.2 } else { 0.0 };
            Luma([(200.0 * light * (1.0 - 0.7 * four(x, y, 0.0, 0.0, 300.0))) as u8])
        }));
    }

    #[test]
    fn place_and_size_change_nothing() {
        for (left, top, side) in [(0.0, 210.0, 100.0), (310.0, -10.0, 200.0)] {
            assert_reads_as_the_four(GrayImage::from_fn(500, 350, |x, y| {
                Luma([(255.0 * (1.0 - four(x, y, left, top, side))) as u8])
            }));
        }
        for side in [40, 3000] {
            assert_reads_as_the_four(black_four(side));
        }
    }

    #[test]
    fn sixteen_bits_read_the_same() {
        let eight = black_four(300);
        assert_reads_as_the_four(ImageBuffer::<Luma<u16>, _>::from_fn(300, 300, |x, y| {
            Luma([u16::from(eight.get_pixel(x, y)[0]) * 257])
        }));
    }

    #[test]
    fn paper_on_a_dark_desk_is_looked_at_from_inside() {
        let desk = GrayImage::from_fn(400, 400, |x, y| match (x, y) {
            (60..340, 60..340) => Luma([(220.0 - 180.0 * four(x, y, 80.0, 80.0, 240.0)) as u8]),
            _ => Luma([30]),
        });
        assert_reads_as_the_four(desk);
    }

    #[test]
    fn a_jpeg_cut_short_is_named_damaged() {
        let jpeg = encoded(black_four(300), ImageFormat::Jpeg);
        for length in (20..jpeg.len()).step_by(jpeg.len() / 12) {
            let answer = prepare(&jpeg[..length], &mut |_, _| {});
            assert!(
                matches!(answer, Err(ImageError::Damaged(_))),
                "{length} bytes: {answer:?}"
            );
        }
    }

    #[test]
    fn no_picture_is_too_small_to_answer() {
        for (width, height) in [(1, 1), (1, 2), (2, 1), (2, 2), (1, 40)] {
            for tone in [0, 90, 255] {
                let answer = prepared(GrayImage::from_pixel(width, height, Luma([tone])));
                assert!(matches!(answer, Err(ImageError::NoInk(_))));
            }
            // What stands out on so little paper may be a digit or not.
            let _ = prepared(GrayImage::from_fn(width, height, |x, y| {
                Luma([if x + y == 0 { 0 } else { 255 }])
            }));
        }
    }

    #[test]
    fn paper_without_a_digit_is_told_from_damage() {
        let mut state = 1u32;
        let mut random = |spread: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % spread
        };
        let noise = GrayImage::from_fn(400, 300, |_, _| Luma([150 + random(60) as u8]));
        let shade = GrayImage::from_fn(400, 300, |x, y| Luma([(90 + x / 4 + y / 8) as u8]));
        let ruled = GrayImage::from_fn(400, 300, |_, y| Luma([if y % 40 < 2 { 90 } else { 230 }]));
        let blank = |width, height| GrayImage::from_pixel(width, height, Luma([255]));
        let mut pictures = vec![DynamicImage::from(RgbaImage::new(50, 50))];
        let grey = [
            noise,
            shade,
            ruled,
            blank(300, 300),
            blank(1, 1),
            blank(1, 900),
        ];
        pictures.extend(grey.map(DynamicImage::from));
        for empty in pictures {
            let answer = prepared(empty);
            assert!(matches!(answer, Err(ImageError::NoInk(_))), "{answer:?}");
        }
    }
}
