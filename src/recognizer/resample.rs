//! A grey picture in another size.

use image::GrayImage;

/// Scales a picture by linear interpolation, or where it shrinks by means under a triangle.
///
/// As `image::imageops::resize` with its `Triangle`, value by value (a test holds them equal), but without
/// the three other channels that it takes along for every kind of picture: a tenth of the time.
pub(super) fn resized(picture: &GrayImage, width: u32, height: u32) -> GrayImage {
    let mut resized = GrayImage::new(width, height);
    if picture.is_empty() || resized.is_empty() {
        return resized;
    }
    // Column by column, so that the inner loops run over whole columns.
    let columns = columns_of_height(picture, height);
    let mut sums = vec![0.0f32; height as usize];
    for (x, taps) in taps(picture.width(), width).iter().enumerate() {
        sums.fill(0.0);
        let sources = columns.chunks_exact(height as usize).skip(taps.first);
        for (weight, source) in taps.weights.iter().zip(sources) {
            for (sum, value) in sums.iter_mut().zip(source) {
                *sum += value * weight;
            }
        }
        let column = resized.iter_mut().skip(x).step_by(width as usize);
        for (value, &sum) in column.zip(&sums) {
            *value = rounded(sum);
        }
    }
    resized
}

/// The picture with each column scaled, one column after the other.
fn columns_of_height(picture: &GrayImage, height: u32) -> Vec<f32> {
    let width = picture.width() as usize;
    let mut columns = vec![0.0; width * height as usize];
    let mut sums = vec![0.0f32; width];
    for (y, taps) in taps(picture.height(), height).iter().enumerate() {
        sums.fill(0.0);
        let sources = picture.chunks_exact(width).skip(taps.first);
        for (weight, source) in taps.weights.iter().zip(sources) {
            for (sum, &value) in sums.iter_mut().zip(source) {
                *sum += f32::from(value) * weight;
            }
        }
        let row = columns.iter_mut().skip(y).step_by(height as usize);
        for (value, &sum) in row.zip(&sums) {
            *value = sum;
        }
    }
    columns
}

/// What one value of the result is made of.
struct Taps {
    /// The first of the values along the picture's side.
    first: usize,
    /// Of that one and those after it; their sum is 1.
    weights: Vec<f32>,
}

/// Those of a side of `to` pixels that is made of one of `from`.
fn taps(from: u32, to: u32) -> Vec<Taps> {
    let ratio = from as f32 / to as f32;
    // How far the triangle reaches on each side of its middle.
    let reach = ratio.max(1.0);
    let of = |place: u32| {
        let middle = (place as f32 + 0.5) * ratio;
        let first = ((middle - reach).floor() as i64).clamp(0, i64::from(from) - 1);
        let end = ((middle + reach).ceil() as i64).clamp(first + 1, i64::from(from));
        let near = |at: i64| (1.0 - ((at as f32 - (middle - 0.5)) / reach).abs()).max(0.0);
        let weights = (first..end).map(near);
        let sum = weights.clone().fold(0.0, |sum, weight| sum + weight);
        Taps {
            first: first as usize,
            weights: weights.map(|weight| weight / sum).collect(),
        }
    };
    (0..to).map(of).collect()
}

/// As `value.round() as u8`, without the call that this is on processors of before 2008.
fn rounded(value: f32) -> u8 {
    let whole = value as u8;
    whole.saturating_add(u8::from(value - f32::from(whole) >= 0.5))
}

#[cfg(test)]
mod tests {
    use image::Luma;
    use image::imageops::{FilterType, resize};

    use super::*;

    #[test]
    fn values_are_those_of_the_library() {
        let mut state = 1u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for (from, to) in [
            ((20, 20), (160, 160)),
            ((7, 19), (59, 160)),
            ((1, 13), (12, 160)),
            ((300, 211), (160, 113)),
            ((1000, 3), (160, 1)),
            ((33, 33), (33, 33)),
        ] {
            let picture = GrayImage::from_fn(from.0, from.1, |_, _| Luma([random()]));
            let expected = resize(&picture, to.0, to.1, FilterType::Triangle);
            assert!(
                resized(&picture, to.0, to.1) == expected,
                "{from:?} to {to:?}"
            );
        }
    }
}
