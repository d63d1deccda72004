//! The light on a scene: uneven, tinted, with shadows and reflections.

use rand_chacha::ChaCha8Rng;

use super::Scene;
use super::colour::{Colour, bell, between, grey, happens, mix, scaled, smoothstep, times};
use super::noise::Noise;

/// A shadow on part of the view.
struct Shadow {
    /// Middle of a round shadow, or a point on a straight one's border; both in shares of the view.
    middle: (f32, f32),
    /// Direction into the straight shadow; a round one has a radius.
    side: Side,
    softness: f32,
    depth: f32,
}

enum Side {
    Straight(f32, f32),
    Round(f32),
}

/// The light of a view.
pub struct Light {
    brightness: f32,
    tint: Colour,
    slope: (f32, f32),
    vignette: f32,
    shadows: Vec<Shadow>,
    /// Middle, radius and strength of a lamp's reflection.
    shine: Option<((f32, f32), f32, f32)>,
    waver: Noise,
}

impl Light {
    pub fn new(scene: Scene, rng: &mut ChaCha8Rng) -> Self {
        let flat = scene == Scene::Scan;
        let mut shadows = vec![];
        if !flat && happens(rng, 0.4) {
            shadows.push(Shadow::cast(rng));
        }
        if !flat && happens(rng, 0.2) {
            shadows.push(Shadow::of_a_hand(rng));
        }
        let glossy = scene == Scene::Whiteboard && happens(rng, 0.7);
        let warmth = bell(rng, 0.04);
        let tint = [1.0 + warmth, 1.0 + bell(rng, 0.012), 1.0 - warmth];
        Self {
            brightness: if flat {
                between(rng, 0.95, 1.03)
            } else {
                between(rng, 0.6, 1.02)
            },
            tint: if flat { grey(1.0) } else { tint },
            slope: if flat {
                (0.0, 0.0)
            } else {
                (bell(rng, 0.1), bell(rng, 0.1))
            },
            vignette: if flat { 0.0 } else { between(rng, 0.0, 0.3) },
            shadows,
            shine: glossy.then(|| {
                let middle = (between(rng, 0.0, 1.0), between(rng, 0.0, 1.0));
                (middle, between(rng, 0.08, 0.25), between(rng, 0.1, 0.45))
            }),
            waver: Noise::new(rng),
        }
    }

    /// A colour as it appears at a point of the view, both coordinates from 0 to 1.
    pub fn on(&self, colour: Colour, x: f32, y: f32) -> Colour {
        let (right, down) = (x - 0.5, y - 0.5);
        let slope = 1.0 + 2.0 * (self.slope.0 * right + self.slope.1 * down);
        let corner = 1.0 - self.vignette * 2.0 * (right * right + down * down);
        let shade: f32 = self
            .shadows
            .iter()
            .map(|shadow| shadow.at(x, y, self.waver))
            .product();
        let lit = scaled(
            times(colour, self.tint),
            self.brightness * slope * corner * shade,
        );
        let Some((middle, radius, strength)) = self.shine else {
            return lit;
        };
        let distance = ((x - middle.0).powi(2) + (y - middle.1).powi(2)) / (radius * radius);
        mix(lit, grey(1.0), strength * (-distance).exp())
    }
}

impl Shadow {
    /// A straight one, soft or hard, like that of a phone or a book.
    fn cast(rng: &mut ChaCha8Rng) -> Self {
        let (down, across) = between(rng, 0.0, std::f32::consts::TAU).sin_cos();
        let hard = happens(rng, 0.3);
        Self {
            middle: (between(rng, 0.2, 0.8), between(rng, 0.2, 0.8)),
            side: Side::Straight(across, down),
            softness: if hard {
                between(rng, 0.006, 0.03)
            } else {
                between(rng, 0.1, 0.4)
            },
            depth: if hard {
                between(rng, 0.1, 0.3)
            } else {
                between(rng, 0.15, 0.45)
            },
        }
    }

    /// A large round one that extends from a border.
    fn of_a_hand(rng: &mut ChaCha8Rng) -> Self {
        let (down, across) = between(rng, 0.0, std::f32::consts::TAU).sin_cos();
        let away = between(rng, 0.5, 0.8);
        Self {
            middle: (0.5 + away * across, 0.5 + away * down),
            side: Side::Round(between(rng, 0.25, 0.5)),
            softness: between(rng, 0.05, 0.2),
            depth: between(rng, 0.2, 0.45),
        }
    }

    /// The share of the light that arrives.
    fn at(&self, x: f32, y: f32, waver: Noise) -> f32 {
        let (right, down) = (x - self.middle.0, y - self.middle.1);
        let inside = match self.side {
            Side::Straight(across, downward) => right * across + down * downward,
            Side::Round(radius) => radius - right.hypot(down) + 0.06 * waver.at(x * 3.0, y * 3.0),
        };
        1.0 - self.depth * smoothstep(-self.softness, self.softness, inside)
    }
}
