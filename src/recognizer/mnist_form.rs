//! Whether a picture is already in MNIST's form, so that no digit need be detected.

use std::ops::RangeInclusive;

use image::GrayImage;
use imageproc::rect::Rect;

use crate::tensors::SIDE;

/// A pixel of at least this value is ink; JPEG artefacts on black paper are below.
const INK: u8 = 32;
/// MNIST's brightest pixels have values of 254 or more.
const BRIGHT: u8 = 200;
/// The longer side of MNIST's digits is 20 pixels, less the faintest of their grey edges.
const LENGTHS: RangeInclusive<u32> = 17..=21;
/// MNIST's centres of mass are within half a pixel of 14, counting pixels from 0.
const CENTRES: RangeInclusive<f64> = 13.0..=15.0;

/// Left, top, width and height of the digit in a picture that is like MNIST's: 28×28 pixels, white
/// ink on black, as large as MNIST's digits, its centre of mass in the middle. None for any other
/// picture.
pub(super) fn digit_area(grey: &GrayImage) -> Option<[u32; 4]> {
    if grey.dimensions() != (SIDE as u32, SIDE as u32) {
        return None;
    }
    bounds(grey, BRIGHT)?;
    let area = bounds(grey, INK)?;
    let inked = grey.iter().filter(|&&value| value >= INK).count();
    let as_mnist = LENGTHS.contains(&area.width().max(area.height()))
        && 2 * inked <= grey.len()
        && centre(grey).iter().all(|at| CENTRES.contains(at));
    let [left, top] = [area.left() as u32, area.top() as u32];
    as_mnist.then_some([left, top, area.width(), area.height()])
}

/// The smallest rectangle around all values of at least `from`.
fn bounds(picture: &GrayImage, from: u8) -> Option<Rect> {
    let lit = || picture.enumerate_pixels().filter(|(_, _, p)| p[0] >= from);
    let (left, right) = (lit().map(|p| p.0).min()?, lit().map(|p| p.0).max()?);
    let (top, bottom) = (lit().map(|p| p.1).min()?, lit().map(|p| p.1).max()?);
    Some(Rect::at(left as i32, top as i32).of_size(right - left + 1, bottom - top + 1))
}

/// The centre of mass, across and down, of a picture that is not black.
fn centre(grey: &GrayImage) -> [f64; 2] {
    let [mut mass, mut across, mut down] = [0.0; 3];
    for (x, y, pixel) in grey.enumerate_pixels() {
        let value = f64::from(pixel[0]);
        mass += value;
        across += value * f64::from(x);
        down += value * f64::from(y);
    }
    [across / mass, down / mass]
}

#[cfg(test)]
mod tests {
    use image::{Luma, imageops};

    use super::*;
    use crate::dataset::synthetic;

    fn drawn(number: usize) -> GrayImage {
        let pixels = synthetic::digits(number + 1, 3).pixels;
        GrayImage::from_raw(28, 28, pixels[784 * number..].to_vec()).unwrap()
    }

    #[test]
    fn digits_in_mnists_form_are_found() {
        for number in 0..10 {
            let image = drawn(number);
            let [left, top, width, height] = digit_area(&image).unwrap();
            assert!((17..=20).contains(&width.max(height)), "{width} {height}");
            assert!(left + width <= 28 && top + height <= 28);
        }
    }

    #[test]
    fn other_pictures_are_not_in_mnists_form() {
        let image = drawn(4);
        let mut inverted = image.clone();
        imageops::invert(&mut inverted);
        let mut shifted = GrayImage::new(28, 28);
        imageops::replace(&mut shifted, &image, 4, 0);
        let mut small = GrayImage::new(28, 28);
        let half = imageops::thumbnail(&image, 14, 14);
        imageops::replace(&mut small, &half, 7, 7);
        let larger = imageops::resize(&image, 29, 28, imageops::FilterType::Triangle);
        let black = GrayImage::new(28, 28);
        let white = GrayImage::from_pixel(28, 28, Luma([255]));
        for other in [inverted, shifted, small, larger, black, white] {
            assert_eq!(digit_area(&other), None);
        }
    }

    /// A white rectangle on black.
    fn block(left: u32, top: u32, width: u32, height: u32) -> GrayImage {
        let (across, down) = (left..left + width, top..top + height);
        GrayImage::from_fn(28, 28, |x, y| {
            Luma([255 * u8::from(across.contains(&x) && down.contains(&y))])
        })
    }

    #[test]
    fn the_area_is_the_smallest_around_the_ink() {
        assert_eq!(digit_area(&block(9, 4, 10, 19)), Some([9, 4, 10, 19]));
        assert_eq!(digit_area(&block(4, 9, 20, 11)), Some([4, 9, 20, 11]));
        // Faint specks are no ink.
        let mut specks = block(9, 5, 10, 19);
        specks.put_pixel(0, 0, Luma([31]));
        assert_eq!(digit_area(&specks), Some([9, 5, 10, 19]));
        specks.put_pixel(0, 0, Luma([32]));
        assert_eq!(digit_area(&specks), None);
    }

    #[test]
    fn each_property_of_mnists_form_is_needed() {
        // As large, but beside the middle in one direction.
        assert_eq!(digit_area(&block(2, 4, 10, 19)), None);
        assert_eq!(digit_area(&block(9, 0, 10, 19)), None);
        // In the middle, but too small or too large.
        assert_eq!(digit_area(&block(9, 9, 10, 10)), None);
        assert_eq!(digit_area(&block(10, 3, 8, 22)), None);
        // In the middle and as large, but more than half of the picture.
        assert_eq!(digit_area(&block(4, 4, 20, 20)), None);
        assert!(digit_area(&block(4, 4, 20, 19)).is_some());
        // All of that, but dim.
        let mut dim = block(9, 4, 10, 19);
        dim.iter_mut().for_each(|value| *value = *value / 255 * 199);
        assert_eq!(digit_area(&dim), None);
    }

    #[test]
    fn the_centre_of_mass_is_weighted_by_the_tones() {
        let mut picture = GrayImage::new(4, 3);
        picture.put_pixel(1, 0, Luma([100]));
        picture.put_pixel(3, 2, Luma([50]));
        let [across, down] = centre(&picture);
        assert!((across - 250.0 / 150.0).abs() < 1e-9);
        assert!((down - 100.0 / 150.0).abs() < 1e-9);
    }
}
