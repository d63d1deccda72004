//! Envelopes and receipts.

use super::desk::{Piece, ground};
use super::lines::{darken, greeking, trace};
use super::paper::toned;
use super::site::Site;
use super::{Bounds, Plane};
use crate::random::SeededRng;

/// An envelope: the seams of the flaps on the back, or a stamp and postmark on the front.
pub fn envelope(site: &Site, rng: &mut SeededRng) -> (Plane, Bounds) {
    let tone = rng.uniform(0.55, 0.98) as f32;
    let mut paper = toned(site, tone, false, rng);
    let (width, height) = (site.width as f32, site.height as f32);
    let mut seams = site.plane(0.0);
    let mut room = site.room();
    let seen = |path: &[[f32; 2]]| -> Vec<_> {
        path.iter().map(|place| site.view.to_view(*place)).collect()
    };
    if rng.random_bool(0.5) {
        let low = height * rng.uniform(0.3, 0.7) as f32;
        let middle = width * rng.uniform(0.4, 0.6) as f32;
        let soft = rng.uniform(0.6, 2.5) as f32;
        let flap = [[0.0, 0.0], [middle, low], [width, 0.0]];
        trace(&mut seams, &seen(&flap), 1.0, soft, 1.0);
        let lower = [[0.0, height], [middle, low * 0.9], [width, height]];
        trace(&mut seams, &seen(&lower), 1.0, soft, 0.5);
        darken(&mut paper, &seams, rng.uniform(0.06, 0.3) as f32);
    } else {
        let size = site.side() * rng.uniform(0.1, 0.2) as f32;
        let [x, y] = [width - 1.5 * size, 1.2 * size];
        // A stamp, and the wavy lines of the postmark.
        let stamp = seen(&[[x, y - size * 0.4], [x, y + size * 0.4]]);
        trace(&mut seams, &stamp, size, 0.6, rng.uniform(0.3, 0.9) as f32);
        for wave in 0..rng.below(6) {
            let level = y + size * (0.2 * wave as f32 - 0.5);
            let path: Vec<_> = (0..24)
                .map(|step| {
                    let along = step as f32 / 8.0;
                    [x - size * along, level + 0.06 * size * (along * 6.0).sin()]
                })
                .collect();
            trace(&mut seams, &seen(&path), 0.8, 0.6, 0.7);
        }
        darken(&mut paper, &seams, rng.uniform(0.3, 0.8) as f32);
        room.top = 2.0 * size;
    }
    (paper, room)
}

/// A receipt or label: a narrow strip with lines of print above and below the room.
pub fn receipt(site: &Site, rng: &mut SeededRng) -> (Plane, Bounds) {
    let mut plane = ground(site, rng);
    let tone = rng.uniform(0.78, 1.0) as f32;
    let mut paper = toned(site, tone, false, rng);
    let (width, height) = (site.width as f32, site.height as f32);
    let inset = width * rng.uniform(0.02, 0.2) as f32;
    let bounds = Bounds {
        left: inset,
        top: -height * 0.5,
        right: width - inset * rng.uniform(0.5, 1.2) as f32,
        bottom: if rng.random_bool(0.3) {
            height * 0.97
        } else {
            height * 1.5
        },
    };
    let print = site.side() * rng.uniform(0.02, 0.05) as f32;
    let (top, bottom) = (
        height * rng.uniform(0.0, 0.3) as f32,
        height * rng.uniform(0.72, 1.0) as f32,
    );
    let mut coverage = site.plane(0.0);
    let mut y = print;
    while y < height {
        if y + print < top || y - print > bottom {
            let left = bounds.left + print * rng.uniform(1.0, 6.0) as f32;
            let right = bounds.right - print * rng.uniform(1.0, 8.0) as f32;
            greeking(&mut coverage, site, [left, y, right], print, rng);
        }
        y += 1.7 * print;
    }
    darken(&mut paper, &coverage, rng.uniform(0.3, 0.9) as f32);
    let piece = Piece::new(bounds, 0.0);
    piece.lay(&mut plane, &paper, site, [site.side() * 0.02, 0.3]);
    let room = Bounds {
        left: bounds.left + 2.0,
        top,
        right: bounds.right - 2.0,
        bottom: bottom.min(bounds.bottom),
    };
    (plane, room.clipped(site.width, site.height))
}
