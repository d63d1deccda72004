//! Pens: how wide, how steady and how dark their lines are.

use std::f32::consts::TAU;

use super::grain::Grain;
use crate::random::SeededRng;

/// A writing tool in somebody's hand.
#[derive(Clone, Debug)]
pub struct Pen {
    /// Width of its line as a share of a digit's height.
    width: f32,
    /// Coverage of its ink where it is fullest, 0 to 1.
    strength: f32,
    /// Width of its line's soft edge as a share of the line's width.
    soft: f32,
    /// How much the line's width varies, as a share of it.
    swell: f32,
    /// How much the ink's darkness varies, as a share of it.
    fade: f32,
    /// A broad nib: how much thinner its line is along `angle` (radians) than across.
    contrast: f32,
    angle: f32,
    /// Length in heights over which a line tapers to its ends; width of the ends as a share of the
    /// line's.
    taper: [f32; 2],
    /// How much wider a line's ends are, where the pen rested.
    blob: f32,
    /// Length in heights of the straight pieces of a jagged line.
    jag: f32,
    /// Lengths of dashes and gaps in heights.
    dashes: Option<[f32; 2]>,
    /// How much of the surface's roughness shows, the share of it that stays bare, the size of its
    /// grains in heights.
    rough: [f32; 3],
    /// Coverage of one line of a transparent ink, which darkens where lines cross.
    see_through: Option<f32>,
    /// Whether pixels are fully inked or not at all.
    hard: bool,
    /// Whether ink over ink gets no darker.
    flat: bool,
    /// Whether only the edge of a line is inked.
    hollow: bool,
}

/// A function that makes a random pen of one kind.
type MakePen = fn(&mut SeededRng) -> Pen;

impl Pen {
    /// Any pen, as often as people use it.
    pub fn new(rng: &mut SeededRng) -> Self {
        let pens: [(MakePen, f64); 9] = [
            (Self::ballpoint, 0.24),
            (Self::felt, 0.2),
            (Self::pencil, 0.11),
            (Self::fountain, 0.08),
            (Self::marker, 0.08),
            (Self::brush, 0.07),
            (Self::chalk, 0.05),
            (Self::mouse, 0.13),
            (Self::hard_pixels, 0.04),
        ];
        let mut pen = pens[rng.weighted_index(&pens.map(|(_, share)| share))].0(rng);
        if rng.random_bool(0.012) {
            pen = pen.dashed(rng);
        }
        pen
    }

    /// Thin, steady, with pale stretches.
    pub fn ballpoint(rng: &mut SeededRng) -> Self {
        Self {
            strength: rng.uniform(0.75, 1.0) as f32,
            swell: rng.uniform(0.02, 0.15) as f32,
            fade: rng.uniform(0.0, 0.25) as f32,
            blob: if rng.random_bool(0.2) { 0.3 } else { 0.0 },
            rough: match rng.random_bool(0.35) {
                true => roughness(rng, (0.1, 0.45), (0.15, 0.4), (0.01, 0.03)),
                false => [0.0; 3],
            },
            ..Self::round(rng.log_uniform(0.025, 0.08), rng)
        }
    }

    /// Thin along one direction and wide across it.
    pub fn fountain(rng: &mut SeededRng) -> Self {
        Self {
            contrast: rng.uniform(0.25, 0.75) as f32,
            angle: rng.uniform(-1.2, -0.3) as f32,
            swell: rng.uniform(0.05, 0.2) as f32,
            fade: rng.uniform(0.0, 0.3) as f32,
            blob: rng.uniform(0.0, 0.25) as f32,
            ..Self::round(rng.log_uniform(0.04, 0.13), rng)
        }
    }

    /// Grey and grainy, sharp or blunt.
    pub fn pencil(rng: &mut SeededRng) -> Self {
        Self {
            strength: rng.uniform(0.65, 1.0) as f32,
            soft: rng.uniform(0.2, 0.6) as f32,
            swell: rng.uniform(0.05, 0.25) as f32,
            fade: rng.uniform(0.05, 0.35) as f32,
            rough: roughness(rng, (0.3, 0.75), (0.2, 0.45), (0.006, 0.025)),
            ..Self::round(rng.log_uniform(0.025, 0.09), rng)
        }
    }

    /// Even and dark, with rounded ends; wide for a digit, or fine.
    pub fn felt(rng: &mut SeededRng) -> Self {
        Self {
            swell: rng.uniform(0.0, 0.12) as f32,
            blob: if rng.random_bool(0.3) { 0.25 } else { 0.0 },
            rough: match rng.random_bool(0.2) {
                true => roughness(rng, (0.2, 0.6), (0.1, 0.3), (0.01, 0.04)),
                false => [0.0; 3],
            },
            ..Self::round(rng.log_uniform(0.05, 0.2), rng)
        }
    }

    /// From hairlines to wide strokes, sometimes dry.
    pub fn brush(rng: &mut SeededRng) -> Self {
        Self {
            swell: rng.uniform(0.25, 0.6) as f32,
            contrast: rng.uniform(0.0, 0.5) as f32,
            angle: rng.uniform(0.0, f64::from(TAU)) as f32,
            taper: [rng.uniform(0.05, 0.5) as f32, rng.uniform(0.1, 0.9) as f32],
            soft: rng.uniform(0.0, 0.4) as f32,
            fade: rng.uniform(0.0, 0.3) as f32,
            rough: match rng.random_bool(0.35) {
                true => roughness(rng, (0.4, 1.0), (0.15, 0.4), (0.02, 0.06)),
                false => [0.0; 3],
            },
            ..Self::round(rng.log_uniform(0.08, 0.22), rng)
        }
    }

    /// Broken up by the grain of a board; also wax crayon.
    pub fn chalk(rng: &mut SeededRng) -> Self {
        Self {
            strength: rng.uniform(0.8, 1.0) as f32,
            swell: rng.uniform(0.1, 0.3) as f32,
            fade: rng.uniform(0.05, 0.35) as f32,
            soft: rng.uniform(0.1, 0.5) as f32,
            rough: roughness(rng, (0.5, 1.0), (0.15, 0.42), (0.01, 0.04)),
            ..Self::round(rng.log_uniform(0.05, 0.18), rng)
        }
    }

    /// A broad tip, slightly transparent: darker where lines cross.
    pub fn marker(rng: &mut SeededRng) -> Self {
        Self {
            contrast: match rng.random_bool(0.4) {
                true => rng.uniform(0.3, 0.6) as f32,
                false => 0.0,
            },
            angle: rng.uniform(0.5, 1.2) as f32,
            see_through: rng.random_bool(0.6).then(|| rng.uniform(0.7, 0.97) as f32),
            fade: rng.uniform(0.0, 0.15) as f32,
            ..Self::round(rng.log_uniform(0.07, 0.22), rng)
        }
    }

    /// A round tip of a drawing program, moved by a mouse or a finger.
    pub fn mouse(rng: &mut SeededRng) -> Self {
        Self {
            jag: match rng.random_bool(0.6) {
                true => rng.log_uniform(0.03, 0.11) as f32,
                false => 0.0,
            },
            soft: match rng.random_bool(0.15) {
                true => rng.uniform(0.2, 0.9) as f32,
                false => 0.0,
            },
            flat: true,
            ..Self::round(rng.log_uniform(0.03, 0.22), rng)
        }
    }

    /// A drawing program's pencil without anti-aliasing.
    pub fn hard_pixels(rng: &mut SeededRng) -> Self {
        Self {
            hard: true,
            soft: 0.0,
            ..Self::mouse(rng)
        }
    }

    /// The same pen with every line dashed or dotted.
    pub fn dashed(self, rng: &mut SeededRng) -> Self {
        let ink = match rng.random_bool(0.5) {
            true => 0.0,
            false => rng.uniform(0.05, 0.12) as f32,
        };
        let gap = self.width * rng.uniform(1.2, 1.9) as f32;
        Self {
            dashes: Some([ink, gap]),
            ..self
        }
    }

    /// The same pen with lines as wide as a marker's, of which only the edges are drawn.
    pub fn hollow(self, rng: &mut SeededRng) -> Self {
        Self {
            width: rng.uniform(0.12, 0.24) as f32,
            hollow: true,
            see_through: None,
            ..self
        }
    }

    /// Steady, dark and smooth, of a width in heights of a digit.
    fn round(width: f64, rng: &mut SeededRng) -> Self {
        Self {
            width: width as f32,
            strength: rng.uniform(0.88, 1.0) as f32,
            soft: 0.0,
            swell: 0.0,
            fade: 0.0,
            contrast: 0.0,
            angle: 0.0,
            taper: [0.0, 1.0],
            blob: 0.0,
            jag: 0.0,
            dashes: None,
            rough: [0.0; 3],
            see_through: None,
            hard: false,
            flat: false,
            hollow: false,
        }
    }

    /// Width of its line as a share of a digit's height.
    pub fn width(&self) -> f32 {
        self.width
    }

    /// The same pen for glyphs of another height: its line is `width` of that height.
    pub fn with_width(self, width: f32) -> Self {
        Self { width, ..self }
    }

    /// The same pen with full ink and without grain, for backgrounds as uniform as a drawing
    /// program's.
    pub fn solid(self) -> Self {
        Self {
            strength: 1.0,
            fade: 0.0,
            rough: [0.0; 3],
            see_through: None,
            ..self
        }
    }

    /// Width in pixels of the inked edge, for lines of which only the edges are inked.
    pub(super) fn rim(&self, scale: f32) -> Option<usize> {
        let rim = (0.15 * self.width * scale).round().max(1.0) as usize;
        self.hollow.then_some(rim)
    }

    pub(super) fn strength(&self) -> f32 {
        self.strength
    }

    pub(super) fn jag(&self) -> f32 {
        self.jag
    }

    pub(super) fn dashes(&self) -> Option<[f32; 2]> {
        self.dashes
    }

    pub(super) fn see_through(&self) -> Option<f32> {
        self.see_through
    }

    pub(super) fn is_hard(&self) -> bool {
        self.hard
    }

    pub(super) fn is_flat(&self) -> bool {
        self.flat
    }

    /// Width of a line's edge in pixels where a digit is `scale` pixels high.
    pub(super) fn softness(&self, scale: f32) -> f32 {
        (self.soft * self.width * scale).max(1.0)
    }

    /// How much bolder the pen makes filled shapes, in pixels.
    pub(super) fn swelling(&self, scale: f32) -> f32 {
        let share = ((self.width - 0.07) * 0.25).clamp(0.0, 0.025);
        if share * scale < 0.2 {
            0.0
        } else {
            share * scale
        }
    }

    /// The surface's roughness where a digit is `scale` pixels high.
    pub(super) fn grain(&self, scale: f32, rng: &mut SeededRng) -> Grain {
        let [amount, bare, size] = self.rough;
        Grain {
            amount,
            bare,
            blend: 0.25,
            size: (size * scale).max(1.3),
            seed: rng.below(u32::MAX),
        }
    }

    /// The width of a line in a direction, as a share of the pen's width.
    pub(super) fn direction(&self, x: f32, y: f32) -> f32 {
        if self.contrast <= 0.0 {
            return 1.0;
        }
        1.0 - self.contrast * (y.atan2(x) - self.angle).cos().abs()
    }

    /// The width of a line of some `length` at a point, as a share of the pen's width; the point is
    /// `along` the line and `to_end` from its nearer end, all in heights; `drift` is between -1 and
    /// 1.
    pub(super) fn pressure(&self, along: f32, length: f32, to_end: f32, drift: f32) -> f32 {
        let [taper, least] = self.taper;
        let mut share = 1.0 + self.swell * drift;
        if taper > 0.0 {
            let reach = taper.min(length / 2.0).max(1e-3);
            // Brush strokes begin wide and end thin.
            let thin = if along < length / 2.0 {
                (least + 1.0) / 2.0
            } else {
                least
            };
            share *= thin + (1.0 - thin) * (to_end / reach).min(1.0);
        }
        if self.blob > 0.0 {
            share *= 1.0 + self.blob * (1.0 - to_end / (0.7 * self.width)).max(0.0);
        }
        share.max(0.15)
    }

    /// The darkness of a line, as a share of the full one; `drift` is between -1 and 1.
    pub(super) fn flow(&self, drift: f32) -> f32 {
        1.0 - self.fade * (drift + 1.0) / 2.0
    }
}

fn roughness(
    rng: &mut SeededRng,
    amount: (f64, f64),
    bare: (f64, f64),
    size: (f64, f64),
) -> [f32; 3] {
    [
        rng.uniform(amount.0, amount.1) as f32,
        rng.uniform(bare.0, bare.1) as f32,
        rng.log_uniform(size.0, size.1) as f32,
    ]
}
