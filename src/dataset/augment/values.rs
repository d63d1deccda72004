//! An image as floats, for distortion.

use crate::tensors::{PIXELS, SIDE};

/// Values of all pixels of an image, row by row, 0..=1.
pub(super) type Values = [f32; PIXELS];

/// The coordinate of an image's centre.
pub(super) const MIDDLE: f32 = (SIDE as f32 - 1.0) / 2.0;
