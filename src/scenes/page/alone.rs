//! One digit alone, by far the most common input of a digit reader.

use super::layout::{Page, Writer};
use super::{Bounds, Mark, Tool, strike};
use crate::random::SeededRng;

/// How far a digit that is cut off may extend beyond the border, in heights.
const OVERHANG: f64 = 0.35;

/// One digit of any size, occasionally cut off at the border, or with something beside or around
/// it.
pub fn compose(writer: &Writer, rng: &mut SeededRng) -> Page {
    let side = writer.side;
    let digit = writer.digit(rng).turned(turn(rng));
    let Some(extent) = digit.extent() else {
        return Page::empty(writer, rng);
    };
    let share = match rng.weighted_index(&[0.6, 0.2, 0.2]) {
        0 => rng.uniform(0.3, 0.8),
        1 => rng.log_uniform(0.12, 0.35),
        _ => rng.uniform(0.75, 1.0),
    } as f32;
    let pen = writer.pen_width;
    let largest = side / (extent.width().max(extent.height()) + pen);
    let height = (share * side / (1.0 + pen))
        .min(largest)
        .max(super::layout::MIN_HEIGHT);
    let cut = rng.random_bool(0.04);
    // MNIST's digits and many drawings are centred; in photos a digit lies near the centre.
    let spread = *rng.choose(&[0.0, 0.15, 0.4, 1.0]);
    let mut shift = |low: f32, high: f32| {
        let size = (high - low + pen) * height;
        let room = (side - size).max(0.0);
        let middle = 0.5 + spread * rng.uniform(-0.5, 0.5) as f32;
        let mut start = room * middle;
        if cut && rng.random_bool(0.6) {
            let over = height * rng.uniform(0.0, OVERHANG) as f32;
            start = if rng.random_bool(0.5) {
                -over
            } else {
                room + over
            };
        }
        start + (pen / 2.0 - low) * height
    };
    let shift = [
        shift(extent.left, extent.right),
        shift(extent.top, extent.bottom),
    ];
    let mut marks = vec![digit.moved(height, shift)];
    if rng.random_bool(0.03) {
        let crossed = strike::out(&mut marks[0], rng);
        marks.extend(crossed);
    } else if rng.random_bool(0.1) {
        let around = strike::around(&marks, rng);
        marks.extend(around);
    }
    if rng.random_bool(0.14) {
        beside(&mut marks, writer, rng);
    }
    Page {
        marks,
        line_height: height * rng.log_uniform(0.5, 2.5) as f32,
    }
}

/// The rotation of a digit that stands alone: mostly small, up to 20 degrees.
fn turn(rng: &mut SeededRng) -> f32 {
    match rng.weighted_index(&[0.5, 0.35, 0.15]) {
        0 => 0.0,
        1 => rng.approx_normal(0.07) as f32,
        _ => rng.uniform(-0.35, 0.35) as f32,
    }
}

/// Adds letters, words or drawings where there is space beside a digit.
fn beside(marks: &mut Vec<Mark>, writer: &Writer, rng: &mut SeededRng) {
    let Some(digit) = super::mark::extent(marks) else {
        return;
    };
    let side = writer.side;
    for _ in 0..1 + rng.below(3) {
        let glyph = match rng.random_bool(0.3) {
            true => writer.material.words(writer.split, rng),
            false => writer.other(rng),
        };
        let height = side * rng.log_uniform(0.05, 0.35) as f32;
        let height = height.min(0.8 * side / glyph.width.max(0.1));
        let left = (side - glyph.width * height) * rng.uniform(0.0, 1.0) as f32;
        let top = (side - height) * rng.uniform(0.0, 1.0) as f32;
        let place = Bounds {
            left,
            top,
            right: left + glyph.width * height,
            bottom: top + height,
        };
        let margin = 0.1 * (digit.height() + height);
        if !intersect(&strike::grown(&place, margin), &digit) {
            let tool = *rng.choose(&[Tool::First, Tool::First, Tool::Second, Tool::Printer]);
            marks.push(Mark::glyph(glyph).moved(height, [left, top]).with(tool));
        }
    }
}

/// Whether two boxes intersect.
pub fn intersect(a: &Bounds, b: &Bounds) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
