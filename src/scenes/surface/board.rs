//! Whiteboards and chalkboards.

use super::Plane;
use super::lines::{anywhere, darken, trace, wander};
use super::site::Site;
use crate::random::SeededRng;
use crate::scenes::camera::gaussian;
use crate::scenes::noise::{PixelNoise, add_clouds, clouds, smoothstep};

/// A whiteboard: smears of old ink, and reflections of windows and lamps.
pub fn white(site: &Site, rng: &mut SeededRng) -> Plane {
    let mut plane = site.plane(rng.uniform(0.72, 0.97) as f32);
    let side = site.side();
    if rng.random_bool(0.6) {
        let patch = side * rng.uniform(0.1, 0.5) as f32;
        add_clouds(&mut plane, [patch; 2], rng.uniform(0.005, 0.03) as f32, rng);
    }
    wiped(&mut plane, site, rng.uniform(0.0, 0.14) as f32, rng);
    for _ in 0..rng.below(3) {
        reflection(&mut plane, site, rng);
    }
    if rng.random_bool(0.1) {
        // The frame.
        let width = side * rng.uniform(0.02, 0.06) as f32;
        let path =
            [[-side, 0.0], [2.0 * site.width as f32, 0.0]].map(|place| site.view.to_view(place));
        let mut frame = site.plane(0.0);
        trace(&mut frame, &path, width, 1.0, 1.0);
        darken(&mut plane, &frame, rng.uniform(0.2, 0.7) as f32);
    }
    PixelNoise::new(rng).add(&mut plane, rng.log_uniform(0.002, 0.012) as f32);
    for value in &mut plane.values {
        *value = value.min(1.0);
    }
    plane
}

/// Remains of erased strokes: pale and washed out.
fn wiped(plane: &mut Plane, site: &Site, strength: f32, rng: &mut SeededRng) {
    let mut coverage = site.plane(0.0);
    let size = site.line_height.clamp(8.0, site.side());
    for _ in 0..rng.below(12) {
        let path = wander(
            anywhere(site, rng),
            4 + rng.below(10),
            size * 0.25,
            0.9,
            rng,
        );
        trace(
            &mut coverage,
            &path,
            size * 0.08,
            0.7,
            rng.uniform(0.2, 1.0) as f32,
        );
    }
    gaussian(&mut coverage, size * 0.03);
    for _ in 0..rng.below(5) {
        // The path of the eraser itself.
        let wide = site.side() * rng.uniform(0.06, 0.25) as f32;
        let path = wander(anywhere(site, rng), 3, wide * 2.0, 0.8, rng);
        trace(
            &mut coverage,
            &path,
            wide,
            wide * 0.12,
            rng.uniform(0.1, 0.5) as f32,
        );
    }
    darken(plane, &coverage, strength);
}

/// The reflection of a bright window or lamp, with soft edges.
fn reflection(plane: &mut Plane, site: &Site, rng: &mut SeededRng) {
    let mut light = site.plane(0.0);
    let wide = site.side() * rng.log_uniform(0.06, 0.4) as f32;
    let start = anywhere(site, rng);
    let lean = rng.approx_normal(0.4) as f32;
    let end = [
        start[0] + wide * lean,
        start[1] + wide * rng.uniform(0.3, 2.0) as f32,
    ];
    let soft = wide * rng.uniform(0.03, 0.4) as f32;
    trace(
        &mut light,
        &[start, end],
        wide,
        soft,
        rng.uniform(0.2, 0.9) as f32,
    );
    for (value, light) in plane.values.iter_mut().zip(&light.values) {
        *value += (1.0 - *value) * smoothstep(0.0, 1.0, *light);
    }
}

/// A chalkboard or slate: dust, and traces of the eraser and of old writing.
pub fn chalk(site: &Site, rng: &mut SeededRng) -> Plane {
    let mut plane = site.plane(rng.uniform(0.04, 0.3) as f32);
    let side = site.side();
    let dust = rng.log_uniform(0.004, 0.06) as f32;
    let angle = rng.weighted_index(&[0.4, 0.3, 0.3]);
    let long = side * rng.uniform(0.3, 0.8) as f32;
    let short = long * rng.uniform(0.08, 0.5) as f32;
    let cell = [[long, short], [short, long], [short, short]][angle];
    let patches = clouds(site.width, site.height, cell, rng);
    let mut noise = PixelNoise::new(rng);
    let grain = rng.uniform(0.15, 0.8) as f32;
    let pixels = plane.values.chunks_mut(2).zip(patches.values.chunks(2));
    for (pair, patches) in pixels {
        for ((value, patch), normal) in pair.iter_mut().zip(patches).zip(noise.normals()) {
            *value += dust * (patch + 0.6).max(0.0) * (1.0 + grain * normal);
        }
    }
    if rng.random_bool(0.6) {
        // Faint chalk brightens, where ink darkens.
        wiped(&mut plane, site, -rng.uniform(0.1, 0.9) as f32, rng);
    }
    PixelNoise::new(rng).add(&mut plane, rng.log_uniform(0.003, 0.02) as f32);
    for value in &mut plane.values {
        *value = value.clamp(0.0, 0.75);
    }
    plane
}
