//! The contrast between ink and background.

use super::super::Plane;
use super::local_mean::coarse_local_mean;

/// The background tone of a picture, and the contrast of its ink with its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Contrast {
    /// The median tone of all pixels.
    pub ground: f32,
    /// How much darker than their surroundings the darkest pixels are, as many as half a digit's
    /// ink.
    pub dark: f32,
    /// The same for the lightest pixels.
    pub light: f32,
}

impl Contrast {
    /// Full contrast, which limits nothing.
    pub const FULL: Self = Self {
        ground: 0.5,
        dark: 1.0,
        light: 1.0,
    };

    /// Measures a picture whose digits have at least this height and stroke, in pixels.
    pub fn new(plane: &Plane, height: f32, stroke: f32) -> Self {
        let around = coarse_local_mean(plane, 0.6 * height.max(4.0));
        let mut apart = [0_u32; 512];
        let mut tones = [0_u32; 256];
        // Every second row is enough.
        for y in (0..plane.height).step_by(2) {
            let row = &plane.values[y * plane.width..][..plane.width];
            let around = &around.values[y / 4 * around.width..][..around.width];
            for (pixels, mean) in row.chunks(4).zip(around) {
                for value in pixels {
                    tones[(value * 255.0) as u8 as usize] += 1;
                    let step = 256.0 + 255.0 * (value - mean);
                    apart[(step as usize).min(511)] += 1;
                }
            }
        }
        // A digit's strokes are about twice as long as it is high.
        let ink = (0.5 * height * stroke).max(2.0) as u32;
        let dark = reached(apart.iter(), ink);
        let light = reached(apart.iter().rev(), ink);
        Self {
            ground: reached(tones.iter(), plane.values.len() as u32 / 4) as f32 / 255.0,
            dark: ((256.0 - dark as f32) / 255.0).max(0.0),
            light: ((255.0 - light as f32) / 255.0).max(0.0),
        }
    }

    /// The greater contrast of the two.
    pub fn most(&self) -> f32 {
        self.dark.max(self.light)
    }
}

/// How many bins are needed to reach `limit` pixels.
fn reached<'a>(counts: impl Iterator<Item = &'a u32>, limit: u32) -> usize {
    let mut total = 0;
    let within = counts.take_while(|count| {
        total += **count;
        total < limit
    });
    within.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_distinguished_from_its_background() {
        let mut plane = Plane::new(100, 100, 0.7);
        for y in 30..60 {
            plane.row_mut(y)[50..54].fill(0.4);
        }
        let contrast = Contrast::new(&plane, 30.0, 4.0);
        assert!((contrast.ground - 0.7).abs() < 0.01);
        assert!((0.18..0.31).contains(&contrast.dark), "{contrast:?}");
        assert!(contrast.light < 0.1, "{contrast:?}");
    }
}
