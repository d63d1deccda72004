//! Objects in front of each other, as in most photos without writing.
//!
//! Opaque shapes of all sizes occlude one another: the dead leaves model (Lee, Mumford and Huang,
//! 2001), whose edges and tones are distributed like those of photos.

use super::Plane;
use super::site::Site;
use crate::random::SeededRng;
use crate::scenes::noise::PixelNoise;

/// Least and greatest number of shapes in a picture.
const SHAPES: (f64, f64) = (60.0, 500.0);

/// Half the size of the smallest shape, in pixels, and of the largest as a share of the picture.
const SMALLEST: f64 = 2.0;
const LARGEST: f64 = 0.35;

/// One opaque shape.
struct Shape {
    middle: [f32; 2],
    /// Half its length and half its width, in pixels.
    half: [f32; 2],
    /// Sine and cosine of its rotation.
    turn: (f32, f32),
    round: bool,
    tone: f32,
    /// How much lighter it is at one end.
    shade: f32,
    /// Stripes across it: their distance in pixels, and their strength.
    stripes: (f32, f32),
}

/// Shapes of all sizes over a background.
pub fn clutter(site: &Site, rng: &mut SeededRng) -> Plane {
    let mut plane = Plane::new(site.width, site.height, rng.uniform(0.1, 0.9) as f32);
    let count = rng.log_uniform(SHAPES.0, SHAPES.1) as usize;
    // Pictures differ in their mean, and things in one place are alike.
    let (mean, spread) = (rng.uniform(0.25, 0.75), rng.uniform(0.06, 0.3));
    let upright = rng.random_bool(0.4);
    for _ in 0..count {
        Shape::new(site, [mean, spread], upright, rng).paint(&mut plane);
    }
    PixelNoise::new(rng).add(&mut plane, rng.uniform(0.0, 0.03) as f32);
    for value in &mut plane.values {
        *value = value.clamp(0.0, 1.0);
    }
    plane
}

impl Shape {
    fn new(site: &Site, [mean, spread]: [f64; 2], upright: bool, rng: &mut SeededRng) -> Self {
        let side = site.width.max(site.height) as f64;
        // Frequency falls off with the cube of the size.
        let share = rng.uniform(0.0, 1.0);
        let (least, most) = (SMALLEST.powi(-2), (LARGEST * side).powi(-2));
        let size = (least + share.powf(0.35) * (most - least)).powf(-0.5);
        let narrow = rng.log_uniform(0.25, 1.0);
        let angle = match upright {
            true => rng.approx_normal(0.03),
            false => rng.uniform(0.0, std::f64::consts::PI),
        };
        let (sine, cosine) = angle.sin_cos();
        Self {
            middle: [site.width, site.height].map(|length| rng.uniform(0.0, length as f64) as f32),
            half: match rng.random_bool(0.5) {
                true => [size as f32, (size * narrow) as f32],
                false => [(size * narrow) as f32, size as f32],
            },
            turn: (sine as f32, cosine as f32),
            round: rng.random_bool(0.6),
            tone: (mean + rng.approx_normal(spread)) as f32,
            shade: rng.approx_normal(0.12) as f32,
            stripes: match rng.random_bool(0.15) {
                true => (
                    rng.log_uniform(2.0, 12.0) as f32,
                    rng.uniform(0.05, 0.3) as f32,
                ),
                false => (1.0, 0.0),
            },
        }
    }

    fn paint(&self, plane: &mut Plane) {
        let reach = self.half[0].hypot(self.half[1]) + 1.0;
        let range = |middle: f32, length: usize| {
            let pixel = |place: f32| place.clamp(0.0, length as f32) as usize;
            pixel(middle - reach)..pixel(middle + reach)
        };
        let columns = range(self.middle[0], plane.width);
        let (sine, cosine) = self.turn;
        for y in range(self.middle[1], plane.height) {
            let row = plane.row_mut(y);
            for x in columns.clone() {
                let (dx, dy) = (x as f32 - self.middle[0], y as f32 - self.middle[1]);
                let along = (dx * cosine + dy * sine) / self.half[0];
                let across = (dy * cosine - dx * sine) / self.half[1];
                let off = match self.round {
                    true => (along * along + across * across).sqrt(),
                    false => along.abs().max(across.abs()),
                };
                let thin = self.half[0].min(self.half[1]);
                let covered = ((1.0 - off) * thin + 0.5).clamp(0.0, 1.0);
                if covered > 0.0 {
                    let (distance, strength) = self.stripes;
                    let stripe = strength * (along * self.half[0] * 3.0 / distance).sin();
                    let tone = self.tone + self.shade * along + stripe;
                    row[x] += covered * (tone - row[x]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::random::SeededRng;
    use crate::scenes::camera::View;
    use crate::scenes::surface::{Kind, Surface};

    #[test]
    fn shapes_of_all_sizes_have_edges_all_over() {
        let view = View::straight(96, 96);
        let mut rng = SeededRng::new(4, 0);
        let plane = Surface::paint(Kind::Clutter, 96, 96, &view, 20.0, None, &mut rng).plane;
        let inside = plane.values.iter().all(|value| (0.0..=1.0).contains(value));
        assert!(inside);
        let pairs = plane.values.windows(2);
        let edges = pairs
            .filter(|pair| (pair[0] - pair[1]).abs() > 0.05)
            .count();
        assert!(edges > plane.values.len() / 50, "{edges}");
    }
}
