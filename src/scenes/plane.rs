//! Grey values of a picture while it is rendered, and boxes.

use image::GrayImage;

/// Least ratio of a box's shorter to its longer side when boxes are compared; thinner boxes are
/// widened.
const MIN_ASPECT: f32 = 0.4;

/// A point on a page or in a picture, in pixels: to the right and down.
pub type Point = [f32; 2];

/// Grey values, row by row: 0 is black and 1 is white. Also used for other quantities, such as
/// coverage.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` values.
    pub values: Vec<f32>,
}

/// A box around ink, in pixels; `right` and `bottom` are exclusive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// First column.
    pub left: f32,
    /// First row.
    pub top: f32,
    /// Column after the last.
    pub right: f32,
    /// Row after the last.
    pub bottom: f32,
}

impl Plane {
    /// A plane with one value everywhere.
    pub fn new(width: usize, height: usize, value: f32) -> Self {
        Self {
            width,
            height,
            values: vec![value; width * height],
        }
    }

    /// The value of a pixel.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }

    /// One row.
    pub fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.values[y * self.width..(y + 1) * self.width]
    }

    /// As bytes: 0..1 becomes 0..=255, other values are clamped.
    pub fn to_image(&self) -> GrayImage {
        let mut image = GrayImage::new(self.width as u32, self.height as u32);
        for (byte, value) in image.iter_mut().zip(&self.values) {
            // The cast saturates at 0 and 255.
            *byte = (value * 255.0 + 0.5) as u8;
        }
        image
    }

    /// From bytes, as values in 0..1.
    pub fn from_image(image: &GrayImage) -> Self {
        Self {
            width: image.width() as usize,
            height: image.height() as usize,
            values: image.iter().map(|&byte| f32::from(byte) / 255.0).collect(),
        }
    }
}

impl Bounds {
    /// Pixels across.
    pub fn width(&self) -> f32 {
        self.right - self.left
    }

    /// Pixels down.
    pub fn height(&self) -> f32 {
        self.bottom - self.top
    }

    /// The smallest box around both.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// The intersection over union (IoU) of two boxes, 0 to 1.
    ///
    /// Thin boxes, as of a 1, are widened first: a pixel more or less at their sides matters
    /// little.
    pub fn iou(&self, other: &Self) -> f32 {
        self.widened().plain_iou(&other.widened())
    }

    fn plain_iou(&self, other: &Self) -> f32 {
        let width = (self.right.min(other.right) - self.left.max(other.left)).max(0.0);
        let height = (self.bottom.min(other.bottom) - self.top.max(other.top)).max(0.0);
        let both = width * height;
        let all = self.width() * self.height() + other.width() * other.height() - both;
        if all > 0.0 { both / all } else { 0.0 }
    }

    /// The same box with its shorter side at least [`MIN_ASPECT`] times its longer one.
    fn widened(&self) -> Self {
        let least = MIN_ASPECT * self.width().max(self.height());
        let across = (least - self.width()).max(0.0) / 2.0;
        let down = (least - self.height()).max(0.0) / 2.0;
        Self {
            left: self.left - across,
            top: self.top - down,
            right: self.right + across,
            bottom: self.bottom + down,
        }
    }

    /// The part of it inside a picture of this size; an empty box has no width or height.
    pub fn clipped(&self, width: usize, height: usize) -> Self {
        Self {
            left: self.left.clamp(0.0, width as f32),
            top: self.top.clamp(0.0, height as f32),
            right: self.right.clamp(0.0, width as f32),
            bottom: self.bottom.clamp(0.0, height as f32),
        }
    }
}
