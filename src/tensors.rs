//! Conventions for tensors: image size, classes, and conversion from bytes to batches.

use tch::{Kind, TchError, Tensor};

/// Height and width of an image in pixels.
pub const SIDE: usize = 28;

/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;

/// Number of classes: the ten digits.
pub const CLASSES: usize = 10;

/// The label of ink that is no digit, used in training only.
pub const NO_DIGIT: i64 = CLASSES as i64;

/// Mean of MNIST's training pixels in 0..1.
pub const MEAN: f64 = 0.1307;

/// Standard deviation of MNIST's training pixels in 0..1.
pub const STD: f64 = 0.3081;

/// Converts stored images to a batch.
///
/// # Shapes
/// `u8 [B, 28, 28]` in 0..=255 to `f32 [B, 1, 28, 28]` in 0..1, on the same device.
pub fn to_batch(images: &Tensor) -> Tensor {
    images.unsqueeze(1).to_kind(Kind::Float) / 255.0
}

/// The same from bytes, where errors such as lack of memory must be reported.
///
/// # Shapes
/// N·784 bytes, row by row, to `f32 [N, 1, 28, 28]` in 0..1 on the CPU.
///
/// # Errors
/// When libtorch fails.
pub fn batch_from_bytes(pixels: &[u8]) -> Result<Tensor, TchError> {
    let side = SIDE as i64;
    let images = Tensor::f_from_slice(pixels)?.f_view([-1, 1, side, side])?;
    images.f_to_kind(Kind::Float)?.f_div_scalar(255.0)
}

/// Stored images from bytes.
///
/// # Shapes
/// `pixels` holds N·784 bytes, row by row; the result is `u8 [N, 28, 28]` on the CPU. Bytes beyond
/// the last whole image are left out.
pub fn images_from_bytes(pixels: &[u8]) -> Tensor {
    let count = pixels.len() / PIXELS;
    Tensor::from_slice(&pixels[..count * PIXELS]).view([count as i64, SIDE as i64, SIDE as i64])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_a_batch_in_zero_to_one() {
        let mut pixels = vec![0u8; 2 * PIXELS];
        pixels[PIXELS + SIDE + 3] = 255;
        let batch = to_batch(&images_from_bytes(&pixels));
        assert_eq!(batch, batch_from_bytes(&pixels).unwrap());
        assert_eq!(batch.size(), [2, 1, 28, 28]);
        assert_eq!(batch.kind(), Kind::Float);
        assert_eq!(batch.double_value(&[1, 0, 1, 3]), 1.0);
        assert_eq!(batch.sum(Kind::Float).double_value(&[]), 1.0);
    }
}
