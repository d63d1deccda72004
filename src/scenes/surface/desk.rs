//! Sheets and notes that do not fill the view, and what they lie on.

use super::paper::toned;
use super::site::Site;
use super::{Bounds, Plane, texture, wall};
use crate::random::SeededRng;
use crate::scenes::Point;
use crate::scenes::noise::{PixelNoise, add_clouds, smoothstep};

/// A piece of paper in coordinates of the page, slightly rotated about its centre.
pub struct Piece {
    pub bounds: Bounds,
    turn: [f32; 2],
}

impl Piece {
    pub fn new(bounds: Bounds, degrees: f32) -> Self {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        Self {
            bounds,
            turn: [cosine, sine],
        }
    }

    /// How far a point of the page lies outside the piece; negative inside.
    #[inline]
    fn beyond(&self, [x, y]: Point) -> f32 {
        let bounds = &self.bounds;
        let (x, y) = (
            x - (bounds.left + bounds.right) / 2.0,
            y - (bounds.top + bounds.bottom) / 2.0,
        );
        let across = (self.turn[0] * x + self.turn[1] * y).abs() - bounds.width() / 2.0;
        let down = (self.turn[0] * y - self.turn[1] * x).abs() - bounds.height() / 2.0;
        across.max(down)
    }

    /// The upright box inside it, clipped to the page.
    fn room(&self, site: &Site) -> Bounds {
        let (width, height) = (self.bounds.width(), self.bounds.height());
        let lean = self.turn[1].abs();
        let (across, down) = (lean * height / 2.0 + 1.5, lean * width / 2.0 + 1.5);
        // A sheet may be far larger than the page, and its centre far away.
        let inner = Bounds {
            left: self.bounds.left + across.min(width * 0.15),
            top: self.bounds.top + down.min(height * 0.15),
            right: self.bounds.right - across.min(width * 0.15),
            bottom: self.bounds.bottom - down.min(height * 0.15),
        };
        inner.clipped(site.width, site.height)
    }

    /// Lays the piece on a background: its own reflectance inside, its shadow around.
    pub fn lay(&self, ground: &mut Plane, paper: &Plane, site: &Site, shadow: [f32; 2]) {
        let [reach, depth] = shadow;
        let mut beyond = site.plane(0.0);
        site.view
            .over(&mut beyond, |place, value| *value = self.beyond(place));
        let pixels = ground
            .values
            .iter_mut()
            .zip(&paper.values)
            .zip(&beyond.values);
        for ((value, paper), beyond) in pixels {
            let shade = 1.0 - depth * (1.0 - smoothstep(0.0, reach, *beyond));
            let inside = (0.5 - beyond).clamp(0.0, 1.0);
            *value = *value * shade * (1.0 - inside) + paper * inside;
        }
    }
}

/// The shadow of paper on what it lies on: how far it reaches, and how much light it blocks.
fn random_shadow(site: &Site, rng: &mut SeededRng) -> [f32; 2] {
    let reach = site.side() * rng.log_uniform(0.006, 0.06) as f32;
    [reach.max(1.0), rng.uniform(0.05, 0.55) as f32]
}

/// One or two sheets on something; the room is that of the topmost one.
pub fn sheets(site: &Site, rng: &mut SeededRng) -> (Plane, Bounds) {
    let mut plane = ground(site, rng);
    let tone = if rng.random_bool(0.8) {
        rng.uniform(0.85, 1.0) as f32
    } else {
        rng.uniform(0.5, 0.9) as f32
    };
    if rng.random_bool(0.25) {
        // Another sheet shows below.
        let below = toned(
            site,
            tone * rng.uniform(0.9, 1.02) as f32,
            rng.random_bool(0.3),
            rng,
        );
        let piece = Piece::new(sheet_bounds(site, 0.25, rng), rng.approx_normal(8.0) as f32);
        piece.lay(&mut plane, &below, site, random_shadow(site, rng));
    }
    let ruled = rng.random_bool(0.4);
    let paper = toned(site, tone, ruled, rng);
    let piece = Piece::new(sheet_bounds(site, 0.14, rng), rng.approx_normal(2.0) as f32);
    piece.lay(&mut plane, &paper, site, random_shadow(site, rng));
    (plane, piece.room(site))
}

/// Bounds of a sheet of which one to four edges are in view, inset by up to a share of the page.
fn sheet_bounds(site: &Site, share: f64, rng: &mut SeededRng) -> Bounds {
    let seen = match rng.weighted_index(&[0.35, 0.25, 0.15, 0.25]) {
        count @ 0..3 => count + 1,
        _ => 4,
    };
    let first = rng.below(4) as usize;
    let mut inset = |edge: usize, side: usize| {
        let share = if (edge + 4 - first) % 4 < seen {
            rng.uniform(0.01, share)
        } else {
            -0.6
        };
        share as f32 * side as f32
    };
    Bounds {
        left: inset(0, site.width),
        top: inset(1, site.height),
        right: site.width as f32 - inset(2, site.width),
        bottom: site.height as f32 - inset(3, site.height),
    }
}

/// A sticky note, with its lower edge curled up.
pub fn note(site: &Site, rng: &mut SeededRng) -> (Plane, Bounds) {
    let mut plane = ground(site, rng);
    let tone = rng.uniform(0.62, 0.95) as f32;
    let ruled = rng.random_bool(0.06);
    let mut paper = toned(site, tone, ruled, rng);
    let inset = rng.uniform(0.02, 0.2) as f32 * site.side();
    let side = site.side() - 2.0 * inset;
    let left = (site.width as f32 - side) * rng.uniform(0.3, 0.7) as f32;
    let top = (site.height as f32 - side) * rng.uniform(0.3, 0.7) as f32;
    let bounds = Bounds {
        left,
        top,
        right: left + side,
        bottom: top + side * rng.uniform(0.92, 1.05) as f32,
    };
    let (start, curl) = (
        rng.uniform(0.4, 0.9) as f32,
        rng.uniform(-0.25, 0.12) as f32,
    );
    site.view.over(&mut paper, |[_, y], value| {
        *value *= 1.0 + curl * smoothstep(start, 1.0, (y - top) / side);
    });
    let piece = Piece::new(bounds, rng.approx_normal(3.0) as f32);
    piece.lay(&mut plane, &paper, site, random_shadow(site, rng));
    (plane, piece.room(site))
}

/// What sheets lie on or notes stick to.
pub fn ground(site: &Site, rng: &mut SeededRng) -> Plane {
    match rng.weighted_index(&[0.3, 0.25, 0.15, 0.12, 0.08, 0.1]) {
        0 => plain(site, rng),
        1 => texture::wood(site, rng),
        2 => texture::photo(site, rng),
        3 => texture::cloth(site, rng),
        4 => wall::wall(site, rng),
        // The lid of a scanner.
        _ => site.plane(rng.uniform(0.0, 0.25) as f32),
    }
}

/// A table top of one colour.
fn plain(site: &Site, rng: &mut SeededRng) -> Plane {
    let mut plane = site.plane(rng.uniform(0.03, 0.8) as f32);
    let patch = site.side() * rng.uniform(0.1, 0.6) as f32;
    add_clouds(&mut plane, [patch; 2], rng.uniform(0.0, 0.04) as f32, rng);
    PixelNoise::new(rng).add(&mut plane, rng.log_uniform(0.003, 0.03) as f32);
    for value in &mut plane.values {
        *value = value.clamp(0.0, 1.0);
    }
    plane
}
