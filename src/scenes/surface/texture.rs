//! Surfaces with a texture: cloth, wood, and photos of anything.

use image::GrayImage;

use super::Plane;
use super::site::Site;
use crate::random::SeededRng;
use crate::scenes::Point;
use crate::scenes::noise::{PixelNoise, Profile, add_clouds, clouds, from_nearest};

/// Woven cloth, with stripes and soft folds.
pub fn cloth(site: &Site, rng: &mut SeededRng) -> Plane {
    let mut plane = site.plane(0.0);
    let tone = rng.uniform(0.08, 0.95) as f32;
    let thread = rng.log_uniform(2.2, 9.0) as f32 * (site.side() / 256.0).max(0.5);
    let relief = rng.uniform(0.03, 0.25) as f32;
    let twill = if rng.random_bool(0.3) { 0.5 } else { 0.0 };
    let uneven = [Profile::new(rng), Profile::new(rng)];
    let stripes = if rng.random_bool(0.25) {
        rng.uniform(0.05, 0.4) as f32
    } else {
        0.0
    };
    let stripe = thread * rng.log_uniform(4.0, 20.0) as f32;
    let checked = rng.random_bool(0.4);
    site.view.over(&mut plane, |[x, y], value| {
        let (across, down) = (x / thread, y / thread);
        // A thread is brightest along its centre; the two directions alternate on top.
        let waves = [from_nearest(across + twill * down), from_nearest(down)]
            .map(|wave| 1.0 - 8.0 * wave * wave);
        let weave = waves[0] * waves[1] + 0.4 * (uneven[0].at(across) + uneven[1].at(down));
        let mut seen = tone * (1.0 + relief * weave);
        if stripes > 0.0 {
            let dark = |place: f32| f32::from(from_nearest(place / stripe).abs() < 0.2);
            let both = dark(x) + if checked { dark(y) } else { 0.0 };
            seen *= 1.0 - 0.5 * stripes * both;
        }
        *value = seen;
    });
    PixelNoise::new(rng).add(&mut plane, rng.log_uniform(0.004, 0.03) as f32);
    if rng.random_bool(0.5) {
        let fold = site.side() * rng.uniform(0.15, 0.5) as f32;
        add_clouds(
            &mut plane,
            [fold, fold * 0.5],
            tone * rng.uniform(0.02, 0.12) as f32,
            rng,
        );
    }
    limit(&mut plane);
    plane
}

/// Planed wood: wavy rings, fine fibres, and gaps between boards.
pub fn wood(site: &Site, rng: &mut SeededRng) -> Plane {
    let tone = rng.uniform(0.12, 0.85) as f32;
    let side = site.side();
    let ring = side * rng.log_uniform(0.02, 0.12) as f32;
    let fibre = (side * 0.006).max(0.9);
    let strength = [
        rng.uniform(0.03, 0.3) as f32,
        rng.uniform(0.01, 0.12) as f32,
    ];
    let warp_by = rng.uniform(0.3, 3.0) as f32;
    let turned = rng.random_bool(0.5);
    let long = side * rng.uniform(0.4, 1.5) as f32;
    let cell = if turned {
        [long * 0.3, long]
    } else {
        [long, long * 0.3]
    };
    let warp = clouds(site.width, site.height, cell, rng);
    let rings = [Profile::new(rng), Profile::new(rng)];
    let board = rng
        .random_bool(0.35)
        .then(|| side * rng.uniform(0.2, 0.6) as f32);
    let mut plane = site.plane(0.0);
    let mut warps = warp.values.iter();
    site.view.over(&mut plane, |[x, y], value| {
        let warp = warps.next().copied().unwrap_or(0.0);
        let (along, across) = if turned { (y, x) } else { (x, y) };
        let coarse = rings[0].at(across / ring + warp_by * warp);
        let fine = rings[1].at(across / fibre + 0.04 * along / fibre + 2.0 * warp);
        *value = tone * (1.0 + strength[0] * coarse + strength[1] * fine);
        if let Some(board) = board {
            let gap = from_nearest(across / board).abs() * board;
            *value *= 1.0 - 0.6 * (1.5 - gap).clamp(0.0, 1.0);
        }
    });
    PixelNoise::new(rng).add(&mut plane, 0.012);
    limit(&mut plane);
    plane
}

/// A part of the texture, with full or low contrast; without a texture, clouds like a picture out
/// of focus.
pub fn photo(site: &Site, rng: &mut SeededRng) -> Plane {
    let mut plane = match site.texture {
        Some(image) if image.width() > 1 && image.height() > 1 => part(image, site, rng),
        _ => landscape(site, rng),
    };
    if rng.random_bool(0.5) {
        // Low contrast, so that ink of one tone is visible everywhere.
        let contrast = rng.uniform(0.1, 0.6) as f32;
        let mean = plane.values.iter().sum::<f32>() / plane.values.len().max(1) as f32;
        let aim = mean + (rng.uniform(0.1, 0.95) as f32 - mean) * rng.uniform(0.0, 1.0) as f32;
        for value in &mut plane.values {
            *value = aim + contrast * (*value - mean);
        }
    }
    limit(&mut plane);
    plane
}

/// A part of an image, enlarged or reduced, perhaps mirrored or transposed; small images repeat as
/// mirrored tiles.
fn part(image: &GrayImage, site: &Site, rng: &mut SeededRng) -> Plane {
    let (columns, rows) = (image.width() as f32, image.height() as f32);
    let fits = columns.min(rows) / site.side();
    // Pixels of the image per pixel of the view.
    let scale = fits * rng.log_uniform(0.3, 1.3) as f32;
    let scale = scale.clamp(0.25, 3.0);
    let start: Point = [
        (rng.uniform(0.0, 2.0)) as f32 * columns,
        (rng.uniform(0.0, 2.0)) as f32 * rows,
    ];
    let turned = rng.random_bool(0.3);
    let places = |length: usize, start: f32, limit: u32| -> Vec<(usize, usize, f32)> {
        (0..length)
            .map(|pixel| {
                let period = 2.0 * limit as f32;
                let place = (start + scale * pixel as f32) % period;
                let place = if place < limit as f32 {
                    place
                } else {
                    period - place
                };
                let place = place.clamp(0.0, limit as f32 - 1.001);
                (place as usize, place as usize + 1, place - place.floor())
            })
            .collect()
    };
    let (across, down) = if turned {
        (site.height, site.width)
    } else {
        (site.width, site.height)
    };
    let across = places(across, start[0], image.width());
    let down = places(down, start[1], image.height());
    let bytes = image.as_raw();
    let width = image.width() as usize;
    let mut out = site.plane(0.0);
    let mut row = vec![0.0; width];
    for (y, (above, below, share)) in down.iter().enumerate() {
        let (above, below) = (
            &bytes[above * width..][..width],
            &bytes[below * width..][..width],
        );
        for (x, value) in row.iter_mut().enumerate() {
            let (above, below) = (f32::from(above[x]), f32::from(below[x]));
            *value = (above + (below - above) * share) / 255.0;
        }
        for (x, (left, right, share)) in across.iter().enumerate() {
            let value = row[*left] + (row[*right] - row[*left]) * share;
            let (x, y) = if turned { (y, x) } else { (x, y) };
            out.values[y * site.width + x] = value;
        }
    }
    out
}

/// Soft shapes of many sizes, with a vertical gradient.
fn landscape(site: &Site, rng: &mut SeededRng) -> Plane {
    let mut plane = site.plane(rng.uniform(0.2, 0.8) as f32);
    let mut cell = site.side() * rng.uniform(0.3, 0.8) as f32;
    let mut strength = rng.uniform(0.05, 0.2) as f32;
    while cell > 2.0 {
        let stretch = rng.log_uniform(0.6, 1.7) as f32;
        add_clouds(&mut plane, [cell * stretch, cell / stretch], strength, rng);
        cell *= 0.4;
        strength *= 0.6;
    }
    let fall = rng.approx_normal(0.15) as f32 / site.height as f32;
    for y in 0..site.height {
        for value in plane.row_mut(y) {
            *value -= fall * y as f32;
        }
    }
    plane
}

fn limit(plane: &mut Plane) {
    for value in &mut plane.values {
        *value = value.clamp(0.0, 1.0);
    }
}
