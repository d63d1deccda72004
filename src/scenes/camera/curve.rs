//! How tones of a scene become tones of a file.

use super::super::Plane;

/// Puts a curve over all tones: black becomes `black`, white `white`, with a power between; cut to
/// 0..1.
pub fn bend(plane: &mut Plane, black: f32, white: f32, gamma: f32) {
    // A table is many times faster than powers.
    const STEPS: f32 = 512.0;
    let table: [f32; 513] =
        std::array::from_fn(|step| bent(step as f32 / STEPS, black, white, gamma));
    for value in &mut plane.values {
        let place = value.clamp(0.0, 1.0) * STEPS;
        let step = (place as usize).min(511);
        *value = table[step] + (table[step + 1] - table[step]) * (place - step as f32);
    }
}

/// What [`bend`] makes of one value.
pub fn bent(value: f32, black: f32, white: f32, gamma: f32) -> f32 {
    (black + (white - black) * value.clamp(0.0, 1.0).powf(gamma)).clamp(0.0, 1.0)
}

/// Leaves as many grey levels from black to white.
pub fn posterize(plane: &mut Plane, levels: f32) {
    let steps = (levels - 1.0).max(1.0);
    for value in &mut plane.values {
        *value = (*value * steps + 0.5).floor().clamp(0.0, steps) / steps;
    }
}
