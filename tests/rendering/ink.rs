//! Pens, pencils, markers and chalk.

use rand_chacha::ChaCha8Rng;

use super::Scene;
use super::colour::{Colour, between, grey, happens, mix, pick, scaled, smoothstep, times};
use super::noise::Noise;
use super::shape::Nib;

/// Inks that people write with, by the share of each colour that they let through.
const DARK: [Colour; 4] = [
    [0.08, 0.08, 0.1],
    [0.12, 0.14, 0.34],
    [0.1, 0.2, 0.55],
    [0.2, 0.18, 0.17],
];
const COLOURED: [Colour; 6] = [
    [0.75, 0.12, 0.14],
    [0.1, 0.25, 0.75],
    [0.08, 0.45, 0.2],
    [0.45, 0.15, 0.5],
    [0.8, 0.25, 0.5],
    [0.4, 0.25, 0.12],
];
const BRIGHT: [Colour; 3] = [[0.95, 0.45, 0.05], [0.92, 0.7, 0.0], [0.1, 0.65, 0.75]];

/// A writing tool.
pub struct Pen {
    /// The point's width.
    pub nib: Nib,
    colour: Colour,
    /// Chalk hides what is under it, ink stains it.
    hides: bool,
    /// How much of the colour is applied, 0 to 1.
    strength: f32,
    /// How much of it the surface's grain blocks, 0 to 1.
    grain: f32,
    /// How often the ink stops flowing, 0 to 1.
    gaps: f32,
    /// The variation of the stroke's width, as a share of it.
    pressure: f32,
    texture: Noise,
    flow: Noise,
}

impl Pen {
    /// A random one that suits the scene.
    pub fn new(scene: Scene, rng: &mut ChaCha8Rng) -> Self {
        match scene {
            Scene::Chalkboard => Self::chalk(rng),
            Scene::Whiteboard => Self::marker(rng),
            _ => match between(rng, 0.0, 1.0) {
                kind if kind < 0.5 => Self::ballpoint(rng),
                kind if kind < 0.7 => Self::pencil(rng),
                _ => Self::marker(rng),
            },
        }
    }

    fn ballpoint(rng: &mut ChaCha8Rng) -> Self {
        let coloured = happens(rng, 0.2);
        Self {
            nib: Nib::Round(between(rng, 0.013, 0.03)),
            colour: pick(rng, if coloured { &COLOURED } else { &DARK }),
            hides: false,
            strength: between(rng, 0.75, 1.0),
            grain: between(rng, 0.0, 0.3),
            gaps: if happens(rng, 0.3) {
                between(rng, 0.1, 0.5)
            } else {
                0.0
            },
            pressure: 0.2,
            texture: Noise::new(rng),
            flow: Noise::new(rng),
        }
    }

    fn pencil(rng: &mut ChaCha8Rng) -> Self {
        Self {
            nib: Nib::Round(between(rng, 0.012, 0.028)),
            colour: grey(between(rng, 0.2, 0.35)),
            strength: between(rng, 0.5, 0.85),
            grain: between(rng, 0.3, 0.6),
            gaps: 0.0,
            pressure: 0.3,
            ..Self::ballpoint(rng)
        }
    }

    fn marker(rng: &mut ChaCha8Rng) -> Self {
        let colours = match between(rng, 0.0, 1.0) {
            kind if kind < 0.5 => &DARK[..],
            kind if kind < 0.93 => &COLOURED,
            _ => &BRIGHT,
        };
        let nib = if happens(rng, 0.4) {
            Nib::Own(between(rng, -0.012, 0.012))
        } else {
            Nib::Round(between(rng, 0.03, 0.065))
        };
        Self {
            nib,
            colour: pick(rng, colours),
            strength: between(rng, 0.85, 1.0),
            grain: between(rng, 0.0, 0.15),
            gaps: 0.0,
            pressure: 0.1,
            ..Self::ballpoint(rng)
        }
    }

    fn chalk(rng: &mut ChaCha8Rng) -> Self {
        let tints = [
            [1.0, 1.0, 0.97],
            [1.0, 1.0, 0.97],
            [1.0, 0.95, 0.6],
            [1.0, 0.75, 0.75],
        ];
        Self {
            nib: Nib::Round(between(rng, 0.022, 0.045)),
            colour: scaled(pick(rng, &tints), between(rng, 0.85, 1.0)),
            hides: true,
            strength: between(rng, 0.8, 1.0),
            grain: between(rng, 0.15, 0.5),
            gaps: 0.0,
            pressure: 0.25,
            ..Self::ballpoint(rng)
        }
    }

    /// The stroke's width as a share of the digit's longer side; original strokes are taken to be as wide as
    /// MNIST's.
    pub fn width(&self) -> f32 {
        match self.nib {
            Nib::Own(wider) => 0.1 + 2.0 * wider,
            Nib::Round(radius) => 2.0 * radius,
        }
    }

    /// The colour of a point on the page, at `distance` pixels from the strokes of a digit that is
    /// `size` pixels long.
    pub fn over(&self, below: Colour, distance: f32, size: f32, (x, y): (f32, f32)) -> Colour {
        let width = self.width() * size;
        let swing =
            self.pressure * width * 0.5 * self.flow.at(x / (2.5 * width), y / (2.5 * width));
        let covered = (0.5 - distance + swing).clamp(0.0, 1.0);
        if covered == 0.0 {
            return below;
        }
        let cell = (width * 0.18).max(1.3);
        let tooth = self.texture.rough(x / cell, y / cell) * 0.9 + 0.5;
        let kept = 1.0 - self.grain * tooth.clamp(0.0, 1.0);
        let dry = self.flow.at(x / (1.6 * width) + 99.0, y / (1.6 * width));
        let flowing = 1.0 - self.gaps * smoothstep(0.45, 0.7, dry);
        let share = covered * self.strength * kept * flowing;
        if self.hides {
            mix(below, self.colour, share)
        } else {
            times(below, mix(grey(1.0), self.colour, share))
        }
    }
}
