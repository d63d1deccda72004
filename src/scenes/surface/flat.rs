//! A uniform tone.

use super::Plane;
use super::site::Site;
use crate::random::SeededRng;

/// White, black, or any other tone.
pub fn tone(site: &Site, rng: &mut SeededRng) -> Plane {
    let tone = match rng.weighted_index(&[0.58, 0.3, 0.12]) {
        0 => 1.0,
        1 => 0.0,
        _ => rng.uniform(0.02, 0.98) as f32,
    };
    // Files store whole bytes.
    site.plane((tone * 255.0).round() / 255.0)
}
