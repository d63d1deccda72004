//! Whiteboards and chalkboards, with traces of earlier writing.

use rand_chacha::ChaCha8Rng;

use super::Scene;
use super::colour::{Colour, between, mix, pick, scaled};
use super::noise::Noise;

/// A board that fills the view.
pub struct Board {
    tone: Colour,
    /// Residue of wiping: chalk dust, or thin old ink.
    haze: Colour,
    smear: f32,
    cell: f32,
    /// Direction in which the board was wiped.
    wipe: (f32, f32),
    cloud: Noise,
}

impl Board {
    pub fn new(scene: Scene, page: (f32, f32), rng: &mut ChaCha8Rng) -> Self {
        let chalk = scene == Scene::Chalkboard;
        let boards = [
            [0.1, 0.1, 0.11],
            [0.1, 0.24, 0.17],
            [0.14, 0.3, 0.24],
            [0.2, 0.22, 0.24],
        ];
        Self {
            tone: if chalk {
                pick(rng, &boards)
            } else {
                scaled([0.96, 0.97, 0.98], between(rng, 0.85, 1.0))
            },
            haze: if chalk { [0.8; 3] } else { [0.55, 0.58, 0.66] },
            smear: if chalk {
                between(rng, 0.03, 0.16)
            } else {
                between(rng, 0.0, 0.06)
            },
            cell: page.1 / between(rng, 3.0, 8.0),
            wipe: between(rng, -0.7, 0.7).sin_cos(),
            cloud: Noise::new(rng),
        }
    }

    /// The colour at a point of the board in full light.
    pub fn at(&self, x: f32, y: f32) -> Colour {
        let (sine, cosine) = self.wipe;
        let (along, aside) = (
            (x * cosine + y * sine) / self.cell,
            (y * cosine - x * sine) / self.cell,
        );
        let streaks = self.cloud.rough(along * 0.6, aside * 7.0);
        let clouds = self.cloud.rough(along + 50.0, aside);
        let haze = (0.5 + 0.35 * streaks + 0.5 * clouds).clamp(0.0, 1.0);
        mix(self.tone, self.haze, self.smear * haze)
    }
}
