//! Digits and other things scattered over a page, with different sizes and rotations.

use super::alone::intersect;
use super::layout::{Page, Writer};
use super::{Mark, Tool, strike};
use crate::random::SeededRng;

/// Digits and other things, 2 to 30 of them if there is space.
pub fn compose(writer: &Writer, rng: &mut SeededRng) -> Page {
    let most = match rng.weighted_index(&[0.5, 0.35, 0.15]) {
        0 => 2 + rng.below(4),
        1 => 4 + rng.below(8),
        _ => 10 + rng.below(21),
    };
    let others = *rng.choose(&[0.0, 0.0, 0.2, 0.6]);
    scatter(writer, most, 1.0 - others, rng)
}

/// Up to `most` things where there is space, a share `digits` of them digits.
pub fn scatter(writer: &Writer, most: u32, digits: f64, rng: &mut SeededRng) -> Page {
    let side = writer.side;
    let typical = f64::from(side) * rng.uniform(0.3, 0.75) / f64::from(most).sqrt();
    let even = rng.random_bool(0.5);
    let turn = *rng.choose(&[0.0, 0.1, 0.35]);
    let mut marks: Vec<Mark> = Vec::new();
    let mut boxes = Vec::new();
    for _ in 0..most * 3 {
        if boxes.len() as u32 == most {
            break;
        }
        let mark = match rng.random_bool(digits) {
            true => writer.digit(rng),
            false => {
                let tool = *rng.choose(&[Tool::First, Tool::First, Tool::Second]);
                Mark::glyph(writer.other(rng)).with(tool)
            }
        };
        let vary = if even { 1.15 } else { 2.0 };
        let height = (typical * rng.log_uniform(1.0 / vary, vary)) as f32;
        let height = height.clamp(super::layout::MIN_HEIGHT, 0.9 * side);
        let mark = mark.turned(rng.uniform(-turn, turn) as f32);
        let Some(size) = mark.extent() else {
            continue;
        };
        let (width, tall) = (size.width() * height, size.height() * height);
        let pen = writer.pen_width * height;
        let mut free = |size: f32| pen / 2.0 + (side - size - pen) * rng.uniform(0.0, 1.0) as f32;
        let corner = [free(width), free(tall)];
        let shift = [
            corner[0] - size.left * height,
            corner[1] - size.top * height,
        ];
        let mark = mark.moved(height, shift);
        let Some(extent) = mark.extent() else {
            continue;
        };
        let extent = strike::grown(&extent, pen + 0.06 * height);
        if boxes.iter().any(|other| intersect(other, &extent)) {
            continue;
        }
        boxes.push(extent);
        marks.push(mark);
        if rng.random_bool(0.03) {
            let last = marks.len() - 1;
            let crossed = strike::out(&mut marks[last], rng);
            marks.extend(crossed);
        }
    }
    Page {
        marks,
        line_height: typical as f32 * rng.uniform(1.0, 2.0) as f32,
    }
}
