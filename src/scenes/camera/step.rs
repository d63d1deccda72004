//! The steps on a picture's way into a file.

use image::GrayImage;

use super::super::Plane;
use super::super::noise::{Static, add_clouds};
use super::contrast::Contrast;
use super::{blur, curve, scale, sensor, two_tone};
use crate::chance::Chance;

/// Pixels that the smallest digit keeps when a picture is reduced: as in 8x8 data sets.
const LEAST_HEIGHT: f32 = 7.0;

/// One step. Lengths are shares of what a digit can bear, or in pixels of the picture as it is
/// then.
#[derive(Clone, Debug)]
pub enum Step {
    /// Blur of a share of the most bearable; by a disc instead of a bell.
    Defocus { share: f32, disc: bool },
    /// The blur of any lens, as a deviation in pixels.
    Optics(f32),
    /// Blur along a way, of a share of the most bearable, at an angle.
    Motion { share: f32, angle: f32 },
    /// Fewer pixels: as many for the longer side.
    Shrink(f32),
    /// Back to the pixels there were at first, smooth or in blocks.
    Enlarge { smooth: bool },
    /// What black and white become, and a gamma between them.
    Curve { black: f32, white: f32, gamma: f32 },
    /// Noise of a deviation in light and more of it in the dark, over `cell` pixels.
    Grain {
        deviation: f32,
        dark: f32,
        cell: f32,
    },
    /// Halos around edges.
    Sharpen { deviation: f32, strength: f32 },
    /// Divides by the local brightness, as scanning apps do.
    Flatten { radius: f32, gain: f32 },
    /// Two tones, parted where they fall apart best, with a shift of that place.
    Threshold(f32),
    /// Two tones by comparison with the surroundings.
    LocalThreshold { radius: f32, below: f32 },
    /// As many grey levels.
    Posterize(f32),
    /// JPEG of a quality.
    Jpeg(u8),
    /// A share of all pixels black or white.
    Specks(f32),
    /// Hairs and grains on the glass, as many.
    Dust(u32),
    /// Stripes of uneven brightness of a deviation; across or down.
    Bands { deviation: f32, down: bool },
    /// Dark lines of a distance in pixels and a strength.
    Scanlines { distance: f32, strength: f32 },
    /// Waves between two grids: of a length in pixels, at an angle, with a strength.
    Moire {
        length: f32,
        angle: f32,
        strength: f32,
    },
    /// White for black.
    Negative,
    /// White for black in a part of the picture: a band or a box.
    Selection { level: bool, upright: bool },
    /// Drops on the picture, as many: dark or light.
    Spatter(u32),
    /// Haze of a strength.
    Haze(f32),
}

impl Step {
    /// Whether it may hide a digit, so that only the finished picture tells whether it can be read.
    #[cfg(test)]
    pub fn may_hide(&self) -> bool {
        matches!(
            self,
            Self::Selection { .. } | Self::Spatter(_) | Self::Haze(_) | Self::Specks(_)
        )
    }

    pub fn defocus(chance: &mut Chance) -> Self {
        Self::Defocus {
            share: chance.between(0.05, 1.0) as f32,
            disc: chance.happens(0.4),
        }
    }

    pub fn optics(chance: &mut Chance) -> Self {
        Self::Optics(chance.between(0.2, 0.9) as f32)
    }

    pub fn motion(chance: &mut Chance) -> Self {
        Self::Motion {
            share: chance.between(0.1, 1.0) as f32,
            angle: chance.between(0.0, std::f64::consts::PI) as f32,
        }
    }

    pub fn thumbnail(least: f64, most: f64, chance: &mut Chance) -> Self {
        Self::Shrink(chance.doubling(least, most).round() as f32)
    }

    /// 28 pixels a side, as most who know MNIST make it, or another small size.
    pub fn mnist_sized(chance: &mut Chance) -> Self {
        if chance.happens(0.6) {
            return Self::Shrink(28.0);
        }
        let others = [
            8.0, 12.0, 16.0, 16.0, 20.0, 24.0, 32.0, 32.0, 40.0, 45.0, 48.0, 56.0, 64.0,
        ];
        Self::Shrink(*chance.one_of(&others))
    }

    pub fn enlarge(smooth: f64, chance: &mut Chance) -> Self {
        Self::Enlarge {
            smooth: chance.happens(smooth),
        }
    }

    pub fn curve(chance: &mut Chance) -> Self {
        let (black, white) = match chance.pick(&[0.4, 0.35, 0.25]) {
            // Washed out, as through haze or by a cheap sensor.
            0 => (chance.between(0.0, 0.3), chance.between(0.75, 1.0)),
            // Crushed: shadows and lights are lost.
            1 => (chance.between(-0.3, 0.0), chance.between(1.0, 1.3)),
            _ => (0.0, chance.between(0.55, 0.9)),
        };
        Self::Curve {
            black: black as f32,
            white: white as f32,
            gamma: chance.doubling(0.65, 1.6) as f32,
        }
    }

    pub fn grain(chance: &mut Chance) -> Self {
        // Most cameras smooth noise away; coarse noise is what that leaves of a strong one.
        let (deviation, coarse) = match chance.pick(&[0.66, 0.2, 0.14]) {
            0 => (chance.doubling(0.002, 0.015), false),
            1 => (chance.doubling(0.012, 0.06), false),
            _ => (chance.doubling(0.004, 0.03), true),
        };
        Self::Grain {
            deviation: deviation as f32,
            dark: chance.between(0.7, 1.8) as f32,
            cell: if coarse {
                chance.between(1.3, 3.5) as f32
            } else {
                0.0
            },
        }
    }

    pub fn faint_grain(chance: &mut Chance) -> Self {
        Self::Grain {
            deviation: chance.doubling(0.003, 0.02) as f32,
            dark: 1.0,
            cell: 0.0,
        }
    }

    pub fn sharpen(chance: &mut Chance) -> Self {
        Self::Sharpen {
            deviation: chance.doubling(0.7, 3.0) as f32,
            strength: chance.between(0.3, 1.8) as f32,
        }
    }

    pub fn flatten(chance: &mut Chance) -> Self {
        Self::Flatten {
            radius: chance.between(0.8, 2.0) as f32,
            gain: chance.between(1.0, 1.15) as f32,
        }
    }

    pub fn threshold(chance: &mut Chance) -> Self {
        Self::Threshold(chance.bell(0.04) as f32)
    }

    pub fn local_threshold(chance: &mut Chance) -> Self {
        Self::LocalThreshold {
            radius: chance.between(0.3, 1.2) as f32,
            below: chance.doubling(0.06, 0.2) as f32,
        }
    }

    pub fn posterize(chance: &mut Chance) -> Self {
        Self::Posterize(chance.doubling(3.0, 10.0).round() as f32)
    }

    pub fn jpeg(chance: &mut Chance) -> Self {
        Self::Jpeg(chance.between(15.0, 96.0) as u8)
    }

    pub fn specks(chance: &mut Chance) -> Self {
        Self::Specks(chance.doubling(0.0005, 0.2) as f32)
    }

    pub fn dust(chance: &mut Chance) -> Self {
        Self::Dust(1 + chance.below(12))
    }

    pub fn bands(chance: &mut Chance) -> Self {
        Self::Bands {
            deviation: chance.doubling(0.008, 0.05) as f32,
            down: chance.happens(0.5),
        }
    }

    pub fn scanlines(chance: &mut Chance) -> Self {
        Self::Scanlines {
            distance: chance.between(2.0, 5.0) as f32,
            strength: chance.between(0.05, 0.3) as f32,
        }
    }

    pub fn selection(chance: &mut Chance) -> Self {
        match chance.pick(&[0.4, 0.3, 0.3]) {
            0 => Self::Selection {
                level: true,
                upright: true,
            },
            1 => Self::Selection {
                level: true,
                upright: false,
            },
            _ => Self::Selection {
                level: false,
                upright: true,
            },
        }
    }

    pub fn spatter(chance: &mut Chance) -> Self {
        Self::Spatter(3 + chance.below(30))
    }

    pub fn haze(chance: &mut Chance) -> Self {
        Self::Haze(chance.between(0.3, 0.9) as f32)
    }

    pub fn moire(chance: &mut Chance) -> Self {
        Self::Moire {
            length: chance.doubling(2.3, 30.0) as f32,
            angle: chance.between(0.0, std::f64::consts::PI) as f32,
            strength: chance.doubling(0.015, 0.12) as f32,
        }
    }
}

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
