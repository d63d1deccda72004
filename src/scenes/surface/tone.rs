//! Tones of ink.

use super::inks::{Blending, Inks};
use crate::random::SeededRng;

/// The faintest ink, as its difference from the background in reflectance; uneven backgrounds need
/// more. Light and camera may halve it.
const MIN_DIFFERENCE: f32 = 0.17;

/// The tone of one pen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    /// The reflectance of covering ink, or the share of light that other ink lets through.
    pub value: f32,
    /// Whether it covers the background.
    pub covers: bool,
}

impl Inks {
    /// A tone that differs from the background by at least [`MIN_DIFFERENCE`], mostly by much more.
    pub(super) fn tone(&self, rng: &mut SeededRng) -> Tone {
        let least = (MIN_DIFFERENCE + 2.0 * self.spread).min(0.6);
        match self.blending {
            Blending::Exact => self.exact(rng),
            Blending::Absorbs if self.ground > 0.45 => {
                let left = match rng.weighted_index(&[0.52, 0.31, 0.17]) {
                    // Black and blue pens, markers.
                    0 => rng.uniform(0.02, 0.3),
                    // Coloured pens, soft pencils.
                    1 => rng.uniform(0.25, 0.55),
                    // Hard pencils, pens that are running dry.
                    _ => rng.uniform(0.5, 0.8),
                };
                Tone {
                    value: (left as f32).min(1.0 - least / self.ground).max(0.0),
                    covers: false,
                }
            }
            _ => self.opposite(least, rng),
        }
    }

    /// Dark on light or light on dark, whichever allows more contrast; on middle tones either.
    fn opposite(&self, least: f32, rng: &mut SeededRng) -> Tone {
        let light = self.ground < 0.35 || (self.ground < 0.6 && rng.random_bool(0.5));
        let end = if light { 1.0 } else { 0.0 };
        let room = (end - self.ground).abs();
        // Chalk and paint are mostly as strong as possible.
        let share = 1.0 - rng.uniform(0.0, 1.0).powi(2) as f32 * 0.75;
        let apart = (room * share).max(least).min(room);
        Tone {
            value: if light {
                self.ground + apart
            } else {
                self.ground - apart
            },
            covers: true,
        }
    }

    /// Mostly black on white and white on black.
    fn exact(&self, rng: &mut SeededRng) -> Tone {
        let end = if self.ground > 0.5 { 0.0 } else { 1.0 };
        let most = (end - self.ground).abs();
        let apart = match rng.weighted_index(&[0.68, 0.22, 0.1]) {
            0 => most,
            1 => most * rng.uniform(0.5, 1.0) as f32,
            _ => (most * rng.uniform(0.25, 0.5) as f32).max(MIN_DIFFERENCE),
        };
        Tone {
            value: if end > self.ground {
                self.ground + apart
            } else {
                self.ground - apart
            },
            covers: true,
        }
    }
}
