//! Binarization, and removal of shadows.

use super::super::Plane;
use super::contrast::Contrast;
use super::local_mean::local_mean;

/// Black or white by the threshold with the largest variance between both classes (Otsu, 1979),
/// moved by `shift`, but always between background and ink.
pub fn threshold(plane: &mut Plane, shift: f32, contrast: Contrast) {
    let Contrast {
        ground,
        dark,
        light,
    } = contrast;
    let limit = otsu_threshold(plane) + shift;
    let limit = if dark >= light {
        limit.clamp(ground - 0.75 * dark, ground - 0.3 * dark)
    } else {
        limit.clamp(ground + 0.3 * light, ground + 0.75 * light)
    };
    for value in &mut plane.values {
        *value = if *value > limit { 1.0 } else { 0.0 };
    }
}

/// Otsu's threshold between dark and light pixels.
fn otsu_threshold(plane: &Plane) -> f32 {
    let mut counts = [0.0_f32; 256];
    for value in &plane.values {
        counts[(value * 255.0).clamp(0.0, 255.0) as usize] += 1.0;
    }
    let all: f32 = counts.iter().sum();
    let total: f32 = counts
        .iter()
        .zip(0..)
        .map(|(count, tone)| count * tone as f32)
        .sum();
    let (mut below, mut dark) = (0.0, 0.0);
    // All thresholds in a gap are equally good; the middle of the gap is taken.
    let (mut best, mut first, mut last) = (-1.0, 0, 0);
    for (tone, count) in counts.iter().enumerate() {
        below += count;
        dark += count * tone as f32;
        if below == 0.0 || below == all {
            continue;
        }
        let apart = dark / below - (total - dark) / (all - below);
        let between = below / all * (1.0 - below / all) * apart * apart;
        if between > best {
            (best, first, last) = (between, tone, tone);
        } else if between == best {
            last = tone;
        }
    }
    ((first + last) as f32 / 2.0 + 1.0) / 255.0
}

/// White where a pixel is not darker than its surroundings within `radius` pixels by more than the
/// share `below`, black otherwise; for light ink white only where it is lighter.
pub fn local_threshold(plane: &mut Plane, radius: f32, below: f32, light_ink: bool) {
    let mean = local_mean(plane, radius);
    for (value, mean) in plane.values.iter_mut().zip(&mean.values) {
        *value = if light_ink {
            f32::from(*value > mean + below)
        } else {
            f32::from(*value > mean * (1.0 - below))
        };
    }
}

/// Divides by the local mean, so that shadows vanish and light paper becomes white. Dark pictures
/// stay unchanged, since scanning apps are not made for them.
pub fn flatten(plane: &mut Plane, radius: f32, gain: f32) {
    let mean = local_mean(plane, radius.max(8.0));
    if average(&mean) < 0.4 {
        return;
    }
    for (value, mean) in plane.values.iter_mut().zip(&mean.values) {
        *value = (gain * *value / mean.max(0.15)).clamp(0.0, 1.0);
    }
}

fn average(plane: &Plane) -> f32 {
    plane.values.iter().sum::<f32>() / plane.values.len().max(1) as f32
}
