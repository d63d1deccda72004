//! Common ways of writing each digit, as pen strokes.
//!
//! A digit is about 1 high: `y` runs from 0 at its top to 1 at its bottom, `x` to the right with 0
//! in its middle. The ranges are slightly wider than those of MNIST's training images.

mod five_to_nine;
mod zero_to_four;

use super::stroke::Stroke;
use crate::random::SeededRng;
use five_to_nine::{eight, five, nine, seven, six};
use zero_to_four::{four, one, three, two, zero};

/// The strokes of one way of writing `digit` (0 to 9), in the order of writing.
pub fn strokes(digit: u8, rng: &mut SeededRng) -> Vec<Stroke> {
    match digit {
        0 => zero(rng),
        1 => one(rng),
        2 => two(rng),
        3 => three(rng),
        4 => four(rng),
        5 => five(rng),
        6 => six(rng),
        7 => seven(rng),
        8 => eight(rng),
        _ => nine(rng),
    }
}
