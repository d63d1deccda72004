//! Sheets of paper, plain, ruled or squared, and the desk they lie on.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::Scene;
use super::colour::{Colour, between, doubling, happens, mix, pick, scaled, smoothstep, times};
use super::noise::Noise;

const TONES: [Colour; 6] = [
    [0.97, 0.97, 0.97],
    [0.95, 0.95, 0.96],
    [0.86, 0.86, 0.86],
    [0.97, 0.94, 0.86],
    [0.88, 0.92, 0.97],
    [0.93, 0.9, 0.87],
];
const DESKS: [Colour; 6] = [
    [0.12, 0.11, 0.11],
    [0.3, 0.2, 0.14],
    [0.55, 0.4, 0.27],
    [0.35, 0.37, 0.4],
    [0.75, 0.6, 0.42],
    [0.2, 0.28, 0.35],
];

/// A line with the sheet on one side: `x * across + y * down < reach` on paper.
struct Edge {
    across: f32,
    down: f32,
    reach: f32,
}

/// Printed lines at equal distances.
struct Ruling {
    colour: Colour,
    distance: f32,
    width: f32,
    /// Where the first line lies, across and down, as a share of the distance.
    offset: (f32, f32),
    squared: bool,
    /// Where the red line of the left margin lies, across.
    margin: Option<f32>,
}

/// A sheet of paper on a desk.
pub struct Paper {
    tone: Colour,
    grain: f32,
    cell: f32,
    ruling: Option<Ruling>,
    edges: Vec<Edge>,
    desk: Colour,
    wooden: bool,
    specks: Vec<(f32, f32, f32)>,
    fibre: Noise,
}

impl Paper {
    /// A sheet under digits of `size` pixels, with all their `corners` on it.
    pub fn new(
        scene: Scene,
        page: (f32, f32),
        corners: &[(f32, f32)],
        size: f32,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let flat = scene == Scene::Scan;
        let tone = if flat {
            [0.98, 0.98, 0.97]
        } else {
            pick(rng, &TONES)
        };
        let squared = match scene {
            Scene::RuledPaper => Some(false),
            Scene::SquaredPaper => Some(true),
            Scene::Scan if happens(rng, 0.2) => Some(happens(rng, 0.5)),
            _ => None,
        };
        // Beside the sheet, a scanner sees its dark lid.
        let shows_desk = happens(rng, if flat { 0.12 } else { 0.25 });
        let specks = rng.random_range(0..5_u32) * u32::from(happens(rng, 0.4));
        Self {
            tone,
            grain: between(rng, 0.004, if flat { 0.01 } else { 0.03 }),
            cell: (page.1 / between(rng, 150.0, 500.0)).max(1.2),
            ruling: squared.map(|squared| Ruling::new(squared, corners, size, page, rng)),
            edges: if shows_desk {
                edges(corners, size, page, rng)
            } else {
                vec![]
            },
            desk: if flat { DESKS[0] } else { pick(rng, &DESKS) },
            wooden: !flat && happens(rng, 0.5),
            specks: (0..specks).map(|_| speck(page, size, rng)).collect(),
            fibre: Noise::new(rng),
        }
    }

    /// The colour at a point of the page in full light.
    pub fn at(&self, x: f32, y: f32) -> Colour {
        let beyond = |edge: &Edge| x * edge.across + y * edge.down - edge.reach;
        let outside = self.edges.iter().map(beyond).fold(f32::MIN, f32::max);
        if outside > 0.5 {
            return self.desk_at(x, y, outside);
        }
        let fibre = self.fibre.rough(x / self.cell, y / self.cell);
        let mut seen = scaled(self.tone, 1.0 + self.grain * fibre);
        if let Some(ruling) = &self.ruling {
            seen = times(seen, ruling.at(x, y));
        }
        for (across, down, radius) in &self.specks {
            let dark = (radius + 0.5 - (x - across).hypot(y - down)).clamp(0.0, 1.0);
            seen = scaled(seen, 1.0 - 0.5 * dark);
        }
        if outside > -0.5 {
            return mix(seen, self.desk_at(x, y, outside), outside + 0.5);
        }
        seen
    }

    /// The desk, darker in the shadow of the sheet.
    fn desk_at(&self, x: f32, y: f32, outside: f32) -> Colour {
        let (cell, strength) = (self.cell * 6.0, if self.wooden { 0.25 } else { 0.06 });
        let stretch = if self.wooden { 14.0 } else { 1.0 };
        let grain = self.fibre.rough(x / (cell * stretch), y / cell);
        let edge = 0.7 + 0.3 * smoothstep(0.0, self.cell * 5.0, outside);
        scaled(self.desk, edge * (1.0 + strength * grain))
    }
}

impl Ruling {
    fn new(
        squared: bool,
        corners: &[(f32, f32)],
        size: f32,
        page: (f32, f32),
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let left = corners
            .iter()
            .fold(f32::MAX, |left, corner| left.min(corner.0));
        // A digit is on one line and reaches the next, or fills one to several squares.
        let distance = if squared {
            between(rng, 0.35, 1.6)
        } else {
            between(rng, 0.6, 1.5)
        };
        let colour = pick(
            rng,
            &[
                [0.45, 0.6, 0.85],
                [0.6, 0.65, 0.72],
                [0.5, 0.5, 0.5],
                [0.65, 0.8, 0.85],
            ],
        );
        let strength = if happens(rng, 0.3) {
            1.0
        } else {
            between(rng, 0.35, 0.85)
        };
        Self {
            colour: mix([1.0; 3], colour, strength),
            distance: (distance * size).max(page.1 / 40.0).max(8.0),
            width: (size * doubling(rng, 0.006, 0.025)).max(0.8),
            offset: (rng.random(), rng.random()),
            squared,
            margin: happens(rng, 0.25).then(|| left - size * between(rng, 0.3, 1.2)),
        }
    }

    /// The share of light that the lines let through.
    fn at(&self, x: f32, y: f32) -> Colour {
        if let Some(margin) = self.margin {
            let covered = (self.width / 2.0 + 0.5 - (x - margin).abs()).clamp(0.0, 1.0);
            if covered > 0.0 {
                return mix([1.0; 3], [0.9, 0.45, 0.5], covered.min(self.width));
            }
        }
        let covered = |place: f32, offset: f32| {
            let nearest = (place / self.distance + offset + 0.5).rem_euclid(1.0) - 0.5;
            (self.width / 2.0 + 0.5 - nearest.abs() * self.distance).clamp(0.0, 1.0)
        };
        let down = covered(y, self.offset.1);
        let across = if self.squared {
            covered(x, self.offset.0)
        } else {
            0.0
        };
        mix([1.0; 3], self.colour, down.max(across).min(self.width))
    }
}

/// One to four edges of the sheet, each slightly rotated and clear of the writing.
fn edges(corners: &[(f32, f32)], size: f32, page: (f32, f32), rng: &mut ChaCha8Rng) -> Vec<Edge> {
    let count = rng.random_range(1..=4);
    let first = rng.random_range(0..4);
    let askew = between(rng, -0.15, 0.15);
    let edge = |side: i32| {
        let (down, across) =
            (side as f32 * std::f32::consts::FRAC_PI_2 + askew + between(rng, -0.03, 0.03))
                .sin_cos();
        let along = corners.iter().map(|(x, y)| x * across + y * down);
        let farthest = along.fold(f32::MIN, f32::max);
        let reach = farthest + 0.35 * size + page.1 * doubling(rng, 0.06, 0.8);
        Edge {
            across,
            down,
            reach,
        }
    };
    (first..first + count).map(edge).collect()
}

/// The position of a speck of dirt, and its radius.
fn speck(page: (f32, f32), size: f32, rng: &mut ChaCha8Rng) -> (f32, f32, f32) {
    let radius = size * between(rng, 0.004, 0.012);
    (between(rng, 0.0, page.0), between(rng, 0.0, page.1), radius)
}
