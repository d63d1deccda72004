//! Colours as shares of white, and the random distributions that scenes need.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Red, green and blue, 0 to 1.
pub type Colour = [f32; 3];

pub fn grey(tone: f32) -> Colour {
    [tone; 3]
}

pub fn scaled(colour: Colour, factor: f32) -> Colour {
    colour.map(|part| part * factor)
}

pub fn times(a: Colour, b: Colour) -> Colour {
    [a[0] * b[0], a[1] * b[1], a[2] * b[2]]
}

/// `a` if `share` is 0, `b` if it is 1.
pub fn mix(a: Colour, b: Colour, share: f32) -> Colour {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}

pub fn to_bytes(colour: Colour) -> [u8; 3] {
    colour.map(|part| (part * 255.0).round().clamp(0.0, 255.0) as u8)
}

/// 0 below `low`, 1 above `high`, smooth between.
pub fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

pub fn between(rng: &mut ChaCha8Rng, low: f32, high: f32) -> f32 {
    low + (high - low) * rng.random::<f32>()
}

/// Between `low` and `high`, log-uniformly.
pub fn doubling(rng: &mut ChaCha8Rng, low: f32, high: f32) -> f32 {
    between(rng, low.ln(), high.ln()).exp()
}

/// Around zero with the given standard deviation, at most three of them away.
pub fn bell(rng: &mut ChaCha8Rng, deviation: f32) -> f32 {
    // The sum of three uniform numbers on -1..1 has variance 1.
    (0..3).map(|_| between(rng, -deviation, deviation)).sum()
}

pub fn happens(rng: &mut ChaCha8Rng, probability: f32) -> bool {
    rng.random::<f32>() < probability
}

/// One of the options, all equally likely.
pub fn pick<T: Copy>(rng: &mut ChaCha8Rng, options: &[T]) -> T {
    options[rng.random_range(0..options.len())]
}
