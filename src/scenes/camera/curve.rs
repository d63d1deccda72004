//! Tone curves: from tones of a scene to tones of a file.

use super::super::Plane;

/// Applies a tone curve: black becomes `black`, white `white`, with a power function in between;
/// clamped to 0..1.
pub fn apply(plane: &mut Plane, black: f32, white: f32, gamma: f32) {
    // A lookup table is many times faster than powers.
    const STEPS: f32 = 512.0;
    let table: [f32; 513] =
        std::array::from_fn(|step| mapped(step as f32 / STEPS, black, white, gamma));
    for value in &mut plane.values {
        let place = value.clamp(0.0, 1.0) * STEPS;
        let step = (place as usize).min(511);
        *value = table[step] + (table[step + 1] - table[step]) * (place - step as f32);
    }
}

/// The result of [`apply`] for one value.
pub fn mapped(value: f32, black: f32, white: f32, gamma: f32) -> f32 {
    (black + (white - black) * value.clamp(0.0, 1.0).powf(gamma)).clamp(0.0, 1.0)
}

/// Quantizes to this many grey levels from black to white.
pub fn posterize(plane: &mut Plane, levels: f32) {
    let steps = (levels - 1.0).max(1.0);
    for value in &mut plane.values {
        *value = (*value * steps + 0.5).floor().clamp(0.0, steps) / steps;
    }
}
