//! Sheets of paper.

use super::lines::{across, anywhere, darken, trace, wander};
use super::ruling::Ruling;
use super::site::Site;
use super::{Plane, crumple};
use crate::random::SeededRng;
use crate::scenes::camera::gaussian;
use crate::scenes::noise::{PixelNoise, add_clouds};

/// A sheet that fills the view.
pub fn sheet(site: &Site, rng: &mut SeededRng) -> Plane {
    let tone = match rng.weighted_index(&[0.6, 0.2, 0.16, 0.04]) {
        0 => rng.uniform(0.92, 1.0),
        1 => rng.uniform(0.84, 0.94),
        2 => rng.uniform(0.5, 0.86),
        _ => rng.uniform(0.08, 0.35),
    };
    let ruled = rng.random_bool(0.45);
    let mut plane = toned(site, tone as f32, ruled, rng);
    if rng.random_bool(0.08) {
        holes(&mut plane, site, rng);
    }
    plane
}

/// A sheet of a tone with the properties of paper: grain, rulings, folds, dirt, ink from the back.
pub fn toned(site: &Site, tone: f32, ruled: bool, rng: &mut SeededRng) -> Plane {
    let mut plane = site.plane(tone);
    if ruled {
        let ruling = Ruling::new(site, rng);
        let ruling = if tone < 0.4 {
            ruling.inverted()
        } else {
            ruling
        };
        site.view
            .over(&mut plane, |place, value| *value *= 1.0 - ruling.at(place));
    }
    if rng.random_bool(0.1) {
        shine_through(&mut plane, site, rng);
    }
    if rng.random_bool(0.7) {
        let grain = rng.log_uniform(0.002, 0.015) as f32;
        PixelNoise::new(rng).add(&mut plane, grain);
    }
    if rng.random_bool(0.35) {
        let fibre = rng.uniform(1.5, 5.0) as f32;
        add_clouds(
            &mut plane,
            [fibre; 2],
            rng.log_uniform(0.003, 0.014) as f32,
            rng,
        );
    }
    if rng.random_bool(0.3) {
        let patch = site.side() * rng.uniform(0.15, 0.5) as f32;
        add_clouds(
            &mut plane,
            [patch; 2],
            rng.log_uniform(0.005, 0.025) as f32,
            rng,
        );
    }
    if rng.random_bool(0.1) {
        crumple::crumple(&mut plane, site, rng);
    }
    if rng.random_bool(0.12) {
        fold(&mut plane, site, rng);
    }
    if rng.random_bool(0.15) {
        dirt(&mut plane, site, rng);
    }
    for value in &mut plane.values {
        *value = value.clamp(0.0, 1.0);
    }
    plane
}

/// One to three straight folds: one side faces the light a little more than the other.
fn fold(plane: &mut Plane, site: &Site, rng: &mut SeededRng) {
    for _ in 0..1 + rng.below(3) {
        let mut crease = site.plane(0.0);
        let path = across(site, rng);
        trace(&mut crease, &path, rng.uniform(0.5, 2.0) as f32, 0.7, 1.0);
        darken(plane, &crease, rng.uniform(-0.1, 0.25) as f32);
        let (start, end) = (path[0], path[1]);
        let along = [end[0] - start[0], end[1] - start[1]];
        let turned = 1.0 + rng.approx_normal(0.03) as f32;
        for y in 0..plane.height {
            for (x, value) in plane.row_mut(y).iter_mut().enumerate() {
                let side = along[0] * (y as f32 - start[1]) - along[1] * (x as f32 - start[0]);
                *value *= if side > 0.0 { turned } else { 1.0 };
            }
        }
    }
}

/// Specks, hairs and a stain.
fn dirt(plane: &mut Plane, site: &Site, rng: &mut SeededRng) {
    let mut coverage = site.plane(0.0);
    for _ in 0..1 + rng.below(8) {
        let place = anywhere(site, rng);
        let steps = if rng.random_bool(0.2) {
            5 + rng.below(15)
        } else {
            1
        };
        let path = wander(place, steps, 1.0, 0.3, rng);
        let width = site.side() * rng.log_uniform(0.003, 0.012) as f32;
        trace(
            &mut coverage,
            &path,
            width,
            0.6,
            rng.uniform(0.1, 0.6) as f32,
        );
    }
    darken(plane, &coverage, 1.0);
    if rng.random_bool(0.3) {
        let mut stain = site.plane(0.0);
        let wide = site.side() * rng.uniform(0.1, 0.4) as f32;
        trace(
            &mut stain,
            &wander(anywhere(site, rng), 2, wide, 1.0, rng),
            wide,
            wide / 4.0,
            1.0,
        );
        darken(plane, &stain, rng.uniform(0.03, 0.15) as f32);
    }
}

/// Writing on the back that shows through: rows of joined waves, pale and blurred.
fn shine_through(plane: &mut Plane, site: &Site, rng: &mut SeededRng) {
    let mut coverage = site.plane(0.0);
    let high = site.line_height.clamp(6.0, site.side() / 2.0) * rng.uniform(0.6, 1.1) as f32;
    let width = (high * 0.07).max(0.8);
    let mut y = high * rng.uniform(0.0, 1.0) as f32;
    while y < site.height as f32 {
        let mut x = (site.width as f64 * rng.uniform(-0.1, 0.4)) as f32;
        let end = (site.width as f64 * rng.uniform(0.6, 1.2)) as f32;
        let mut path = vec![];
        while x < end {
            let raised = high * rng.uniform(-0.5, 0.5) as f32;
            path.push(site.view.to_view([x, y + raised]));
            x += high * rng.uniform(-0.05, 0.5) as f32;
            if rng.random_bool(0.15) {
                trace(&mut coverage, &path, width, 0.7, 1.0);
                path.clear();
                x += high * 0.5;
            }
        }
        trace(&mut coverage, &path, width, 0.7, 1.0);
        y += high * rng.uniform(1.3, 2.2) as f32;
    }
    gaussian(&mut coverage, width * 0.7);
    darken(plane, &coverage, rng.uniform(0.04, 0.16) as f32);
}

/// Holes for a ring binder, or the torn ones of a spiral binding, along one edge.
fn holes(plane: &mut Plane, site: &Site, rng: &mut SeededRng) {
    let spiral = rng.random_bool(0.5);
    let side = site.side();
    let radius = side * rng.uniform(0.012, 0.03) as f32;
    let distance = radius
        * if spiral {
            4.0
        } else {
            rng.uniform(9.0, 20.0) as f32
        };
    let inset = radius * rng.uniform(1.6, 3.0) as f32;
    let turned = rng.random_bool(0.3);
    let tone = rng.uniform(0.05, 0.6) as f32;
    let length = if turned { site.width } else { site.height } as f32;
    let mut coverage = site.plane(0.0);
    let mut along = distance * rng.uniform(0.0, 1.0) as f32;
    while along < length {
        let place = |out: f32| {
            let place = if turned {
                [along, inset + out]
            } else {
                [inset + out, along]
            };
            site.view.to_view(place)
        };
        let end = if spiral { -2.5 * inset } else { 0.01 };
        trace(
            &mut coverage,
            &[place(0.0), place(0.0)],
            2.0 * radius,
            0.7,
            1.0,
        );
        if spiral {
            trace(&mut coverage, &[place(0.0), place(end)], radius, 0.7, 0.7);
        }
        along += distance;
    }
    for (value, share) in plane.values.iter_mut().zip(&coverage.values) {
        *value += share * (tone - *value);
    }
}
