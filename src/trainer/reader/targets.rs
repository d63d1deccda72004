//! What the detector is to say of a scene.

use crate::model::architecture::reader::STRIDE;
use crate::reader::maps::SIZE_UNIT;
use crate::scenes::{Bounds, Digit, Scene};
use crate::tensors::CLASSES;

/// Deviation of the bump around a digit's middle, as a share of its width and height: the middle half of
/// a digit is nearer to it than two deviations.
const SPREAD: f32 = 0.11;

/// The bump's least deviation in places of the map, for small digits.
const LEAST_SPREAD: f32 = 0.5;

/// Places of the bump that are at least so high also learn the box.
const BOX_FROM: f32 = 0.5;

/// Pixels of ink among the 16 of a place count twice, so that a thin line across it is ink.
const THIN: f32 = 2.0;

/// Channels before those of ink: classes, box, weight of the classes, weight of the box.
pub(super) const INK: usize = CLASSES + 6;

/// All channels: ten classes (0 to 1), four of the box, the weights of both, and two kinds of ink.
pub(super) const CHANNELS: usize = INK + 2;

/// Lays the targets of a scene out, `[18, H/4, W/4]` row by row.
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
            (THIN * sum as f32 / (255 * stride * stride) as f32).min(1.0)
        };
        let target = grid.channel(INK + channel);
        for (place, value) in target.iter_mut().enumerate() {
            *value = share(place % width, place / width);
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
        let places = self.width * self.height;
        &mut self.values[channel * places..(channel + 1) * places]
    }

    /// Whatever is said of a digit that nobody can read is right.
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
        let middle = [(left + right) / 2.0 / stride, (top + bottom) / 2.0 / stride];
        let spread = [across, down].map(|size| (SPREAD * size / stride).max(LEAST_SPREAD));
        let (width, height) = (self.width, self.height);
        let peak_x = (middle[0] as usize).min(width - 1);
        let peak_y = (middle[1] as usize).min(height - 1);
        let columns = clamped(
            middle[0] - 3.0 * spread[0],
            middle[0] + 3.0 * spread[0],
            width,
        );
        let rows = clamped(
            middle[1] - 3.0 * spread[1],
            middle[1] + 3.0 * spread[1],
            height,
        );
        for y in rows {
            for x in columns.clone() {
                let off_x = middle[0] - (x as f32 + 0.5);
                let off_y = middle[1] - (y as f32 + 0.5);
                let apart = (off_x / spread[0]).powi(2) + (off_y / spread[1]).powi(2);
                let bump = match (x, y) == (peak_x, peak_y) {
                    true => 1.0,
                    // One place alone is the middle, however near others are.
                    false => (-0.5 * apart).exp().min(0.95),
                };
                let place = y * width + x;
                let class = &mut self.channel(digit.class.into())[place];
                *class = class.max(bump);
                // Where digits overlap, the nearer one.
                let weight = &mut self.channel(CLASSES + 5)[place];
                if bump >= BOX_FROM && bump > *weight {
                    *weight = bump;
                    let sizes = [across, down].map(|size| (size / SIZE_UNIT).ln());
                    for (channel, value) in
                        [off_x, off_y, sizes[0], sizes[1]].into_iter().enumerate()
                    {
                        self.channel(CLASSES + channel)[place] = value;
                    }
                }
            }
        }
        // Its middle is learned even where a neighbour is unreadable.
        self.channel(CLASSES + 4)[peak_y * width + peak_x] = 1.0;
    }
}

fn clamped(from: f32, to: f32, length: usize) -> std::ops::Range<usize> {
    let start = from.floor().clamp(0.0, length as f32) as usize;
    start..(to.ceil().clamp(0.0, length as f32) as usize).max(start)
}
