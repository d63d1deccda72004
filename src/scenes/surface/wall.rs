//! Walls and floors.

use super::Plane;
use super::site::Site;
use crate::random::SeededRng;
use crate::scenes::noise::{PixelNoise, Profile, add_clouds, clouds, fast_floor, from_nearest};

/// Plaster, concrete or stone, or bricks or tiles with their joints.
pub fn wall(site: &Site, rng: &mut SeededRng) -> Plane {
    let side = site.side();
    let tone = rng.uniform(0.15, 0.92) as f32;
    let mut plane = site.plane(tone);
    if rng.random_bool(0.45) {
        masonry(&mut plane, site, rng);
    }
    let patch = side * rng.uniform(0.1, 0.4) as f32;
    add_clouds(
        &mut plane,
        [patch; 2],
        tone * rng.uniform(0.01, 0.09) as f32,
        rng,
    );
    let rough = side * rng.log_uniform(0.006, 0.03) as f32;
    relief(
        &mut plane,
        rough,
        tone * rng.uniform(0.01, 0.12) as f32,
        rng,
    );
    PixelNoise::new(rng).add(&mut plane, rng.log_uniform(0.004, 0.04) as f32);
    for value in &mut plane.values {
        *value = value.clamp(0.0, 1.0);
    }
    plane
}

/// Roughness in light from one side: differences of clouds.
fn relief(plane: &mut Plane, cell: f32, strength: f32, rng: &mut SeededRng) {
    let bumps = clouds(plane.width, plane.height, [cell; 2], rng);
    let width = plane.width;
    for y in 1..plane.height {
        let above = &bumps.values[(y - 1) * width..][..width];
        let here = &bumps.values[y * width..][..width];
        for (x, value) in plane.row_mut(y).iter_mut().enumerate() {
            *value += strength * (here[x] - above[x.saturating_sub(1)]);
        }
    }
}

/// Bricks in a running bond, or square tiles, each with its own tone.
fn masonry(plane: &mut Plane, site: &Site, rng: &mut SeededRng) {
    let bricks = rng.random_bool(0.5);
    let high = site.side() * rng.log_uniform(0.1, 0.5) as f32;
    let long = if bricks {
        high * rng.uniform(2.0, 3.5) as f32
    } else {
        high
    };
    let joint = (high * rng.uniform(0.02, 0.1) as f32).max(1.0);
    let step = rng.uniform(-0.35, 0.35) as f32;
    let uneven = rng.uniform(0.0, 0.15) as f32;
    let tones = Profile::new(rng);
    let offset = [0; 2].map(|_| rng.uniform(0.0, 1.0) as f32);
    site.view.over(plane, |[x, y], value| {
        let row = y / high + offset[1];
        let course = fast_floor(row + 0.5);
        let bond = if bricks && course as i32 & 1 == 1 {
            0.5
        } else {
            0.0
        };
        let place = x / long + offset[0] + bond;
        let near = (0.5 - from_nearest(place).abs()) * long;
        let near = near.min((0.5 - from_nearest(row).abs()) * high);
        let stone = fast_floor(place + 0.5) * 7.0 + course * 13.0;
        let inside = ((near - joint / 2.0) / 1.5 + 0.5).clamp(0.0, 1.0);
        *value *= 1.0 + inside * uneven * tones.at(stone) + (1.0 - inside) * step;
    });
}
