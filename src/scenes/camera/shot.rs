//! A picture on its way from the scene to a file: what each step does to it.

use image::GrayImage;

use super::super::Plane;
use super::super::noise::{Static, add_clouds};
use super::contrast::Contrast;
use super::step::Step;
use super::{blur, curve, scale, sensor, two_tone};
use crate::chance::Chance;

/// Pixels that the smallest digit keeps when a picture is reduced: as in 8x8 data sets.
const LEAST_HEIGHT: f32 = 7.0;

/// A picture on its way.
pub struct Shot {
    plane: Plane,
    /// Width and height at first.
    size: [usize; 2],
    digit_height: f32,
    stroke: f32,
    /// Whether there is a digit.
    written: bool,
    /// How far the ink is from its ground, once a step has asked for it.
    contrast: Option<Contrast>,
}

impl Shot {
    /// One with digits of such a height, or 0 without.
    pub fn new(plane: Plane, digit_height: f32, stroke: f32) -> Self {
        let size = [plane.width, plane.height];
        // Without a digit blur is bound as if one of a third of the picture stood there.
        let written = digit_height > 0.0;
        let (digit_height, stroke) = if written {
            (digit_height, stroke)
        } else {
            (size[1] as f32 / 3.0, size[1] as f32 / 30.0)
        };
        Self {
            plane,
            size,
            digit_height,
            stroke: stroke.max(0.5),
            written,
            contrast: None,
        }
    }

    /// The bytes of the file.
    pub fn finish(mut self) -> GrayImage {
        if [self.plane.width, self.plane.height] != self.size {
            self.resize(self.size, false);
        }
        self.plane.to_image()
    }

    /// The largest deviation of blur under which a digit can be read.
    fn most_blur(&self) -> f32 {
        (0.1 * self.digit_height).min(1.5 * self.stroke)
    }

    /// The contrast of ink, measured before there is noise.
    fn contrast(&mut self) -> Contrast {
        let (height, stroke) = (self.digit_height, self.stroke);
        let plane = &self.plane;
        *self
            .contrast
            .get_or_insert_with(|| Contrast::new(plane, height, stroke))
    }

    /// Takes one step.
    pub fn take(&mut self, step: &Step, chance: &mut Chance) {
        let most = self.most_blur();
        // Steps that can drown ink are held to its contrast.
        let contrast = match step {
            Step::Grain { .. }
            | Step::Threshold(_)
            | Step::LocalThreshold { .. }
            | Step::Posterize(_)
            | Step::Curve { .. }
            | Step::Flatten { .. }
                if self.written =>
            {
                self.contrast()
            }
            _ => Contrast::FULL,
        };
        // Wide strokes show through more noise.
        let noise = contrast.most() * (0.2 + 0.04 * self.stroke).min(0.5);
        let height = self.digit_height;
        let plane = &mut self.plane;
        match *step {
            // A disc's deviation is half its radius.
            Step::Defocus { share, disc: true } => blur::disc(plane, 2.0 * share * most),
            Step::Defocus { share, disc: false } => blur::gaussian(plane, share * most),
            Step::Optics(deviation) => blur::gaussian(plane, deviation.min(most)),
            // An even way's deviation is its length by the root of twelve.
            Step::Motion { share, angle } => blur::motion(plane, 3.46 * share * most, angle),
            Step::Shrink(longer) => self.shrink(longer),
            Step::Enlarge { smooth } => self.resize(self.size, smooth),
            Step::Curve {
                black,
                white,
                gamma,
            } => {
                // What clips may take away the ground's own side of the range only.
                let black = if contrast.ground < 0.5 {
                    black.max(0.0)
                } else {
                    black
                };
                let white = if contrast.ground > 0.75 {
                    white.min(1.1)
                } else {
                    white
                };
                curve::bend(plane, black, white, gamma);
                let kept = white.min(1.0) - black.max(0.0);
                if let Some(contrast) = &mut self.contrast {
                    contrast.dark *= kept;
                    contrast.light *= kept;
                    contrast.ground = curve::bent(contrast.ground, black, white, gamma);
                }
            }
            Step::Grain {
                deviation,
                dark,
                cell: 0.0,
            } => sensor::fine_grain(plane, deviation.min(noise), dark, chance),
            Step::Grain {
                deviation,
                dark: _,
                cell,
            } => {
                // Grain as wide as strokes hides more.
                let deviation = deviation.min(0.5 * noise);
                Static::new(chance).add(plane, 0.4 * deviation);
                add_clouds(plane, [cell; 2], deviation, chance);
            }
            Step::Sharpen {
                deviation,
                strength,
            } => blur::sharpen(plane, deviation, strength),
            // The filter is for dark ink only and would whiten everything else.
            Step::Flatten { radius, gain } if contrast.dark >= contrast.light => {
                two_tone::flatten(plane, radius * height, gain);
            }
            Step::Flatten { .. } => {}
            Step::Threshold(shift) => two_tone::threshold(plane, shift, contrast),
            Step::LocalThreshold { radius, below } => {
                let below = below.min(0.5 * contrast.most());
                let light_ink = contrast.light > contrast.dark;
                two_tone::local_threshold(plane, (radius * height).max(3.0), below, light_ink);
            }
            Step::Posterize(levels) => {
                let least = (1.0 / contrast.most().max(0.05)).ceil() + 1.0;
                curve::posterize(plane, levels.max(least));
            }
            Step::Jpeg(quality) => sensor::jpeg(plane, quality),
            Step::Specks(share) => sensor::specks(plane, share, chance),
            Step::Dust(count) => sensor::dust(plane, count, chance),
            Step::Bands { deviation, down } => sensor::bands(plane, deviation, down, chance),
            Step::Scanlines { distance, strength } => sensor::scanlines(plane, distance, strength),
            Step::Moire {
                length,
                angle,
                strength,
            } => {
                sensor::moire(plane, length, angle, strength, chance);
            }
            Step::Selection { level, upright } => {
                sensor::selection(plane, level, upright, chance);
            }
            Step::Spatter(count) => sensor::spatter(plane, count, chance),
            Step::Haze(strength) => sensor::haze(plane, strength, chance),
            Step::Negative => {
                for value in &mut plane.values {
                    *value = 1.0 - *value;
                }
            }
        }
    }

    /// Reduces the picture to as many pixels for its longer side, or to fewer less if digits would
    /// vanish.
    fn shrink(&mut self, longer: f32) {
        let sides = [self.plane.width, self.plane.height];
        let least = LEAST_HEIGHT / self.digit_height;
        let factor = (longer / sides[0].max(sides[1]) as f32).max(least);
        if factor < 1.0 {
            self.resize(
                sides.map(|side| ((side as f32 * factor).ceil() as usize).max(1)),
                true,
            );
        }
    }

    fn resize(&mut self, [width, height]: [usize; 2], smooth: bool) {
        let factor = height as f32 / self.plane.height as f32;
        self.digit_height *= factor;
        self.stroke *= factor;
        self.plane = if factor < 1.0 {
            scale::shrunk(&self.plane, width, height)
        } else {
            scale::enlarged(&self.plane, width, height, smooth)
        };
    }
}
