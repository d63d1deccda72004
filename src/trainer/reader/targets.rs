//! Training targets of the detector.

use crate::model::architecture::reader::STRIDE;
use crate::reader::maps::SIZE_UNIT;
use crate::scenes::{Bounds, Digit, Scene};
use crate::tensors::CLASSES;

/// Standard deviation of the Gaussian around a digit's centre, as a fraction of its width and
/// height: the central half of a digit lies within about two standard deviations.
const STD: f32 = 0.11;

/// The smallest standard deviation in map cells, for small digits.
const MIN_STD: f32 = 0.5;

/// Cells where the Gaussian reaches this value also learn the box.
const BOX_THRESHOLD: f32 = 0.5;

/// Ink pixels among the 16 of a cell count twice, so that a thin line across it is ink.
const INK_GAIN: f32 = 2.0;

/// The first ink channel, after classes, box, weight of the classes and weight of the box.
pub(super) const INK: usize = CLASSES + 6;

/// All channels: ten classes (0 to 1), four of the box, the weights of both, and two kinds of ink.
pub(super) const CHANNELS: usize = INK + 2;

/// The targets of a scene, `[18, H/4, W/4]` row by row.
pub(super) fn of(scene: &Scene) -> Vec<f32> {
    let stride = STRIDE as usize;
    let (width, height) = scene.grey.dimensions();
    let (width, height) = (width as usize / stride, height as usize / stride);
    let mut grid = Grid {
        width,
        height,
        values: vec![0.0; CHANNELS * width * height],
    };
    grid.channel(CLASSES + 4).fill(1.0);
    for digit in scene.digits.iter().filter(|digit| !digit.readable) {
        grid.ignore(&digit.bounds);
    }
    for digit in scene.digits.iter().filter(|digit| digit.readable) {
        grid.mark(digit);
    }
    for (channel, ink) in [&scene.digit_ink, &scene.other_ink].into_iter().enumerate() {
        let pixels = ink.as_raw();
        let pitch = ink.width() as usize;
        let share = |x: usize, y: usize| {
            let rows = y * stride..(y + 1) * stride;
            let row = |y: usize| &pixels[y * pitch + x * stride..y * pitch + (x + 1) * stride];
            let sum: u32 = rows.flat_map(row).map(|&byte| u32::from(byte)).sum();
            (INK_GAIN * sum as f32 / (255 * stride * stride) as f32).min(1.0)
        };
        let target = grid.channel(INK + channel);
        for (cell, value) in target.iter_mut().enumerate() {
            *value = share(cell % width, cell / width);
        }
    }
    grid.values
}

struct Grid {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Grid {
    fn channel(&mut self, channel: usize) -> &mut [f32] {
        let cells = self.width * self.height;
        &mut self.values[channel * cells..(channel + 1) * cells]
    }

    /// Excludes an unreadable digit from the class loss.
    fn ignore(&mut self, bounds: &Bounds) {
        let stride = STRIDE as f32;
        let (width, height) = (self.width, self.height);
        let columns = clamped(bounds.left / stride, bounds.right / stride, width);
        let rows = clamped(bounds.top / stride, bounds.bottom / stride, height);
        let weights = self.channel(CLASSES + 4);
        for y in rows {
            weights[y * width..][columns.clone()].fill(0.0);
        }
    }

    fn mark(&mut self, digit: &Digit) {
        let stride = STRIDE as f32;
        let Bounds {
            left,
            top,
            right,
            bottom,
        } = digit.bounds;
        let (across, down) = ((right - left).max(1.0), (bottom - top).max(1.0));
        let centre = [(left + right) / 2.0 / stride, (top + bottom) / 2.0 / stride];
        let std = [across, down].map(|size| (STD * size / stride).max(MIN_STD));
        let (width, height) = (self.width, self.height);
        let peak_x = (centre[0] as usize).min(width - 1);
        let peak_y = (centre[1] as usize).min(height - 1);
        let columns = clamped(centre[0] - 3.0 * std[0], centre[0] + 3.0 * std[0], width);
        let rows = clamped(centre[1] - 3.0 * std[1], centre[1] + 3.0 * std[1], height);
        for y in rows {
            for x in columns.clone() {
                let off_x = centre[0] - (x as f32 + 0.5);
                let off_y = centre[1] - (y as f32 + 0.5);
                let squared_distance = (off_x / std[0]).powi(2) + (off_y / std[1]).powi(2);
                let value = match (x, y) == (peak_x, peak_y) {
                    true => 1.0,
                    // Exactly one cell is the centre, however near others are.
                    false => (-0.5 * squared_distance).exp().min(0.95),
                };
                let cell = y * width + x;
                let class = &mut self.channel(digit.class.into())[cell];
                *class = class.max(value);
                // Where digits overlap, the nearer one wins.
                let weight = &mut self.channel(CLASSES + 5)[cell];
                if value >= BOX_THRESHOLD && value > *weight {
                    *weight = value;
                    let sizes = [across, down].map(|size| (size / SIZE_UNIT).ln());
                    for (channel, value) in
                        [off_x, off_y, sizes[0], sizes[1]].into_iter().enumerate()
                    {
                        self.channel(CLASSES + channel)[cell] = value;
                    }
                }
            }
        }
        // The centre is learned even where a neighbouring digit is unreadable.
        self.channel(CLASSES + 4)[peak_y * width + peak_x] = 1.0;
    }
}

fn clamped(from: f32, to: f32, length: usize) -> std::ops::Range<usize> {
    let start = from.floor().clamp(0.0, length as f32) as usize;
    start..(to.ceil().clamp(0.0, length as f32) as usize).max(start)
}
