//! The light on a scene: uneven, with shadows and reflections.

mod shadow;

use super::Plane;
use crate::random::SeededRng;
use shadow::Shadow;

/// Pixels between the points where soft light is computed; it is interpolated linearly in between.
const CELL: usize = 8;

/// The light on a picture. Positions are in shares of its longer side, from its centre.
struct Light {
    brightness: f32,
    slope: [f32; 2],
    vignette: f32,
    shadows: Vec<Shadow>,
    /// The reflection of a lamp or flash: centre, radius and brightness.
    flash: Option<([f32; 2], f32, f32)>,
}

impl Light {
    fn new(rng: &mut SeededRng) -> Self {
        let uneven = rng.weighted_index(&[0.35, 0.45, 0.2]);
        let slope = [0.0, 0.12, 0.35][uneven];
        let mut shadows = vec![];
        match rng.weighted_index(&[0.55, 0.17, 0.15, 0.07, 0.06]) {
            1 => shadows.push(Shadow::edge(rng)),
            2 => shadows.push(Shadow::hand(rng)),
            3 => shadows.extend([Shadow::edge(rng), Shadow::hand(rng)]),
            4 => shadows.push(Shadow::blinds(rng)),
            _ => {}
        }
        let flash = rng.random_bool(0.08).then(|| {
            let middle = [0; 2].map(|_| rng.uniform(-0.5, 0.5) as f32);
            let radius = rng.log_uniform(0.08, 0.4) as f32;
            (middle, radius, rng.uniform(0.1, 0.6) as f32)
        });
        Self {
            brightness: match rng.weighted_index(&[0.37, 0.48, 0.15]) {
                0 => rng.uniform(0.95, 1.08) as f32,
                1 => rng.uniform(0.65, 0.98) as f32,
                _ => rng.uniform(0.42, 0.7) as f32,
            },
            slope: [0; 2].map(|_| rng.approx_normal(slope) as f32),
            vignette: if rng.random_bool(0.4) {
                rng.uniform(0.05, 0.6) as f32
            } else {
                0.0
            },
            shadows,
            flash,
        }
    }

    /// The light at a point without hard shadows, and the strength of the reflection there.
    fn soft(&self, [right, down]: [f32; 2]) -> (f32, f32) {
        let slope = 1.0 + self.slope[0] * right + self.slope[1] * down;
        let corner = 1.0 - self.vignette * (right * right + down * down);
        let soft = self.shadows.iter().filter(|shadow| !shadow.is_hard());
        let shade: f32 = soft.map(|shadow| shadow.at([right, down])).product();
        let flash = self.flash.map_or(0.0, |(middle, radius, strength)| {
            let away = (right - middle[0]).powi(2) + (down - middle[1]).powi(2);
            strength * (-away / (radius * radius)).exp()
        });
        (self.brightness * slope.max(0.3) * corner * shade, flash)
    }

    fn shine(&self, plane: &mut Plane) {
        let (width, height) = (plane.width, plane.height);
        let unit = 1.0 / width.max(height) as f32;
        let place = |x: f32, y: f32| {
            [
                (x - width as f32 / 2.0) * unit,
                (y - height as f32 / 2.0) * unit,
            ]
        };
        let (columns, rows) = (width / CELL + 2, height / CELL + 2);
        let mut lights = Plane::new(columns, rows, 0.0);
        let mut flashes = Plane::new(columns, rows, 0.0);
        for y in 0..rows {
            for x in 0..columns {
                let (light, flash) = self.soft(place((x * CELL) as f32, (y * CELL) as f32));
                lights.row_mut(y)[x] = light;
                flashes.row_mut(y)[x] = flash;
            }
        }
        let mut light = vec![0.0; width];
        let mut flash = vec![0.0; width];
        for y in 0..height {
            spread(&lights, y, &mut light);
            for shadow in self.shadows.iter().filter(|shadow| shadow.is_hard()) {
                for (x, light) in light.iter_mut().enumerate() {
                    *light *= shadow.at(place(x as f32, y as f32));
                }
            }
            let row = plane.row_mut(y);
            for (value, light) in row.iter_mut().zip(&light) {
                *value *= light;
            }
            if self.flash.is_some() {
                spread(&flashes, y, &mut flash);
                for (value, flash) in row.iter_mut().zip(&flash) {
                    *value += (1.0 - *value) * flash;
                }
            }
        }
    }
}

/// Bilinear interpolation of `coarse` for each pixel of row `y`.
fn spread(coarse: &Plane, y: usize, row: &mut [f32]) {
    let share = (y % CELL) as f32 / CELL as f32;
    let at = |x: usize| {
        let (above, below) = (coarse.at(x, y / CELL), coarse.at(x, y / CELL + 1));
        above + (below - above) * share
    };
    for (cell, pixels) in row.chunks_mut(CELL).enumerate() {
        let (left, right) = (at(cell), at(cell + 1));
        let step = (right - left) / CELL as f32;
        for (x, pixel) in pixels.iter_mut().enumerate() {
            *pixel = left + step * x as f32;
        }
    }
}

/// The exposure that a camera chooses: many aim more or less at a middle grey, so that boards look
/// lighter and paper darker than they are.
fn exposure(plane: &Plane, rng: &mut SeededRng) -> f32 {
    let mean = plane.values.iter().sum::<f32>() / plane.values.len().max(1) as f32;
    let will = rng.uniform(0.0, 0.8) as f32;
    (0.65 / mean.max(0.05)).powf(will).clamp(0.75, 3.0)
}

/// Multiplies reflectances by light: even light of some brightness as often as gradients,
/// vignettes, soft and hard shadows and reflections. Values are clamped to 1.
pub fn shine(plane: &mut Plane, rng: &mut SeededRng) {
    if rng.random_bool(0.15) {
        return;
    }
    let mut light = Light::new(rng);
    light.brightness *= exposure(plane, rng);
    light.shine(plane);
    for value in &mut plane.values {
        *value = value.min(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_varies_but_hides_nothing() {
        let mut dimmed = 0;
        for index in 0..300 {
            let mut plane = Plane::new(96, 64, 0.9);
            for y in 0..64 {
                for x in (0..96).step_by(2) {
                    plane.row_mut(y)[x] = 0.2;
                }
            }
            shine(&mut plane, &mut SeededRng::new(4, index));
            let pairs = plane.values.chunks(2);
            let contrast: f32 = pairs.map(|pair| pair[1] - pair[0]).sum::<f32>() / 3072.0;
            assert!(contrast > 0.1, "{contrast} at {index}");
            dimmed += usize::from(contrast < 0.6);
        }
        assert!((60..280).contains(&dimmed), "{dimmed}");
    }
}
