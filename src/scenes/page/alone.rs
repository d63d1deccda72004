//! One digit alone, by far the most common input of a digit reader.

use super::layout::{Page, Writer};
use super::{Bounds, Mark, Tool, strike};
use crate::chance::Chance;

/// How far a digit that is cut off may extend beyond the border, in heights.
const OVERHANG: f64 = 0.35;

/// One digit of any size, occasionally cut off at the border, or with something beside or around
/// it.
pub fn compose(writer: &Writer, chance: &mut Chance) -> Page {
    let side = writer.side;
    let digit = writer.digit(chance).turned(turn(chance));
    let Some(extent) = digit.extent() else {
        return Page::empty(writer, chance);
    };
    let share = match chance.pick(&[0.6, 0.2, 0.2]) {
        0 => chance.between(0.3, 0.8),
        1 => chance.doubling(0.12, 0.35),
        _ => chance.between(0.75, 1.0),
    } as f32;
    let pen = writer.pen_width;
    let largest = side / (extent.width().max(extent.height()) + pen);
    let height = (share * side / (1.0 + pen))
        .min(largest)
        .max(super::layout::MIN_HEIGHT);
    let cut = chance.happens(0.04);
    // MNIST's digits and many drawings are centred; in photos a digit lies near the centre.
    let spread = *chance.one_of(&[0.0, 0.15, 0.4, 1.0]);
    let mut shift = |low: f32, high: f32| {
        let size = (high - low + pen) * height;
        let room = (side - size).max(0.0);
        let middle = 0.5 + spread * chance.between(-0.5, 0.5) as f32;
        let mut start = room * middle;
        if cut && chance.happens(0.6) {
            let over = height * chance.between(0.0, OVERHANG) as f32;
            start = if chance.happens(0.5) {
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
    if chance.happens(0.03) {
        let crossed = strike::out(&mut marks[0], chance);
        marks.extend(crossed);
    } else if chance.happens(0.1) {
        let around = strike::around(&marks, chance);
        marks.extend(around);
    }
    if chance.happens(0.14) {
        beside(&mut marks, writer, chance);
    }
    Page {
        marks,
        line_height: height * chance.doubling(0.5, 2.5) as f32,
    }
}

/// The rotation of a digit that stands alone: mostly small, up to 20 degrees.
fn turn(chance: &mut Chance) -> f32 {
    match chance.pick(&[0.5, 0.35, 0.15]) {
        0 => 0.0,
        1 => chance.bell(0.07) as f32,
        _ => chance.between(-0.35, 0.35) as f32,
    }
}

/// Adds letters, words or drawings where there is space beside a digit.
fn beside(marks: &mut Vec<Mark>, writer: &Writer, chance: &mut Chance) {
    let Some(digit) = super::mark::extent(marks) else {
        return;
    };
    let side = writer.side;
    for _ in 0..1 + chance.below(3) {
        let glyph = match chance.happens(0.3) {
            true => writer.material.words(writer.split, chance),
            false => writer.other(chance),
        };
        let height = side * chance.doubling(0.05, 0.35) as f32;
        let height = height.min(0.8 * side / glyph.width.max(0.1));
        let left = (side - glyph.width * height) * chance.between(0.0, 1.0) as f32;
        let top = (side - height) * chance.between(0.0, 1.0) as f32;
        let place = Bounds {
            left,
            top,
            right: left + glyph.width * height,
            bottom: top + height,
        };
        let margin = 0.1 * (digit.height() + height);
        if !intersect(&strike::grown(&place, margin), &digit) {
            let tool = *chance.one_of(&[Tool::First, Tool::First, Tool::Second, Tool::Printer]);
            marks.push(Mark::glyph(glyph).moved(height, [left, top]).with(tool));
        }
    }
}

/// Whether two boxes intersect.
pub fn intersect(a: &Bounds, b: &Bounds) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
