//! Printed rulings of writing paper.

use super::site::Site;
use crate::random::SeededRng;
use crate::scenes::Point;
use crate::scenes::noise::from_nearest;

/// Equally spaced lines or dots, in pixels of the page.
pub struct Ruling {
    /// Distances across and down; 0 where there are no lines.
    pitch: [f32; 2],
    offset: [f32; 2],
    width: f32,
    /// The share of light that a line absorbs; negative for light lines.
    strength: f32,
    /// Every how many lines one is heavier; 0 for none.
    heavy: f32,
    dots: bool,
    /// The position of the margin line.
    margin: Option<f32>,
    /// How far the sheet bulges, per square of the distance from its centre.
    bulge: f32,
    middle: Point,
}

impl Ruling {
    /// A ruling as in schools and offices, of about the size of the writing.
    pub fn new(site: &Site, rng: &mut SeededRng) -> Self {
        let pitch = site.line_height * rng.log_uniform(0.4, 2.2) as f32;
        let pitch = pitch.clamp(5.0, 0.7 * site.side().max(8.0));
        let kind = rng.weighted_index(&[0.42, 0.33, 0.08, 0.09, 0.08]);
        let strength = match rng.weighted_index(&[0.4, 0.4, 0.2]) {
            0 => rng.uniform(0.05, 0.18),
            1 => rng.uniform(0.15, 0.4),
            _ => rng.uniform(0.35, 0.7),
        };
        let (pitch, heavy) = match kind {
            0 => ([0.0, pitch], 0.0),
            1 => ([pitch * 0.6; 2], 0.0),
            // Graph paper with heavy lines.
            2 => ([(pitch * 0.25).max(4.0); 2], *rng.choose(&[5.0, 10.0, 4.0])),
            // French school paper (Seyès): three thin lines between two heavy ones.
            3 => ([pitch, (pitch / 4.0).max(3.0)], 4.0),
            _ => ([pitch * 0.5; 2], 0.0),
        };
        let width = (pitch[1] * rng.log_uniform(0.012, 0.06) as f32).clamp(0.4, 4.0);
        Self {
            pitch,
            offset: [0; 2].map(|_| rng.uniform(0.0, 1.0) as f32),
            width,
            strength: strength as f32,
            heavy,
            dots: kind == 4,
            margin: rng.random_bool(0.2).then(|| {
                let left = if rng.random_bool(0.7) {
                    [0.04, 0.25]
                } else {
                    [0.75, 0.96]
                };
                (rng.uniform(left[0], left[1]) * site.width as f64) as f32
            }),
            bulge: if rng.random_bool(0.3) {
                rng.approx_normal(0.04) as f32 / site.side()
            } else {
                0.0
            },
            middle: [site.width as f32 / 2.0, site.height as f32 / 2.0],
        }
    }

    /// The same with light lines, for dark paper.
    pub fn inverted(mut self) -> Self {
        self.strength = -self.strength;
        self
    }

    /// The share of light that the ruling absorbs at a point of the page.
    #[inline]
    pub fn at(&self, [x, y]: Point) -> f32 {
        let bent = y + self.bulge * (x - self.middle[0]) * (x - self.middle[0]);
        let line = |place: f32, axis: usize, wide: f32| {
            let phase = place / self.pitch[axis] + self.offset[axis];
            let near = from_nearest(phase).abs() * self.pitch[axis];
            let fine = covered(near, wide);
            if self.heavy == 0.0 {
                return fine;
            }
            let near = from_nearest(phase / self.heavy).abs() * self.heavy * self.pitch[axis];
            (0.5 * fine).max(covered(near, wide * 1.5))
        };
        let share = if self.dots {
            let [across, down] = [(x, 0), (bent, 1)].map(|(place, axis)| {
                from_nearest(place / self.pitch[axis] + self.offset[axis]) * self.pitch[axis]
            });
            covered((across * across + down * down).sqrt(), 2.2 * self.width)
        } else {
            let down = line(bent, 1, self.width);
            let across = if self.pitch[0] > 0.0 {
                line(x, 0, self.width)
            } else {
                0.0
            };
            down.max(across)
        };
        let margin = self
            .margin
            .map_or(0.0, |place| covered((x - place).abs(), self.width * 1.4));
        self.strength * share.max(margin)
    }
}

/// The coverage of a pixel by a line at a `distance` from its centre.
#[inline]
fn covered(distance: f32, width: f32) -> f32 {
    (width / 2.0 + 0.5 - distance).clamp(0.0, 1.0) * width.min(1.0)
}
