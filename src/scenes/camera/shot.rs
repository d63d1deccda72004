//! A picture while it is taken, and the effect of each step on it.

use image::GrayImage;

use super::super::Plane;
use super::super::noise::{PixelNoise, add_clouds};
use super::contrast::Contrast;
use super::step::Step;
use super::{binarize, blur, curve, scale, sensor};
use crate::random::SeededRng;

/// Least height of the smallest digit in pixels after a reduction: as in 8×8 data sets.
const MIN_HEIGHT: f32 = 7.0;

/// A picture while it is taken.
pub struct Shot {
    plane: Plane,
    /// The original width and height.
    size: [usize; 2],
    digit_height: f32,
    stroke: f32,
    /// Whether the picture has a digit.
    written: bool,
    /// The contrast between ink and background, once a step has measured it.
    contrast: Option<Contrast>,
}

impl Shot {
    /// A picture with digits of at least this height, or 0 without digits.
    pub fn new(plane: Plane, digit_height: f32, stroke: f32) -> Self {
        let size = [plane.width, plane.height];
        // Without a digit, blur is limited as for one of a third of the picture's height.
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

    /// The finished picture.
    pub fn finish(mut self) -> GrayImage {
        if [self.plane.width, self.plane.height] != self.size {
            self.resize(self.size, false);
        }
        self.plane.to_image()
    }

    /// The largest standard deviation of blur under which a digit can be read.
    fn max_blur(&self) -> f32 {
        (0.1 * self.digit_height).min(1.5 * self.stroke)
    }

    /// The contrast of the ink, measured before noise is added.
    fn contrast(&mut self) -> Contrast {
        let (height, stroke) = (self.digit_height, self.stroke);
        let plane = &self.plane;
        *self
            .contrast
            .get_or_insert_with(|| Contrast::new(plane, height, stroke))
    }

    /// Applies one step.
    pub fn take(&mut self, step: &Step, rng: &mut SeededRng) {
        let most = self.max_blur();
        // Steps that could hide the ink are limited by its contrast.
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
        // Wide strokes stay visible through more noise.
        let noise = contrast.most() * (0.2 + 0.04 * self.stroke).min(0.5);
        let height = self.digit_height;
        let plane = &mut self.plane;
        match *step {
            // The standard deviation of a disc is half its radius.
            Step::Defocus { share, disc: true } => blur::disc(plane, 2.0 * share * most),
            Step::Defocus { share, disc: false } => blur::gaussian(plane, share * most),
            Step::Optics(deviation) => blur::gaussian(plane, deviation.min(most)),
            // The standard deviation of a uniform line is its length divided by the square root of
            // 12.
            Step::Motion { share, angle } => blur::motion(plane, 3.46 * share * most, angle),
            Step::Shrink(longer) => self.shrink(longer),
            Step::Enlarge { smooth } => self.resize(self.size, smooth),
            Step::Curve {
                black,
                white,
                gamma,
            } => {
                // Clipping is allowed only on the background's side of the range.
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
                curve::apply(plane, black, white, gamma);
                let kept = white.min(1.0) - black.max(0.0);
                if let Some(contrast) = &mut self.contrast {
                    contrast.dark *= kept;
                    contrast.light *= kept;
                    contrast.ground = curve::mapped(contrast.ground, black, white, gamma);
                }
            }
            Step::Grain {
                deviation,
                dark,
                cell: 0.0,
            } => sensor::fine_grain(plane, deviation.min(noise), dark, rng),
            Step::Grain {
                deviation,
                dark: _,
                cell,
            } => {
                // Noise as coarse as strokes hides more.
                let deviation = deviation.min(0.5 * noise);
                PixelNoise::new(rng).add(plane, 0.4 * deviation);
                add_clouds(plane, [cell; 2], deviation, rng);
            }
            Step::Sharpen {
                deviation,
                strength,
            } => blur::sharpen(plane, deviation, strength),
            // The filter is for dark ink only; it would whiten everything else.
            Step::Flatten { radius, gain } if contrast.dark >= contrast.light => {
                binarize::flatten(plane, radius * height, gain);
            }
            Step::Flatten { .. } => {}
            Step::Threshold(shift) => binarize::threshold(plane, shift, contrast),
            Step::LocalThreshold { radius, below } => {
                let below = below.min(0.5 * contrast.most());
                let light_ink = contrast.light > contrast.dark;
                binarize::local_threshold(plane, (radius * height).max(3.0), below, light_ink);
            }
            Step::Posterize(levels) => {
                let least = (1.0 / contrast.most().max(0.05)).ceil() + 1.0;
                curve::posterize(plane, levels.max(least));
            }
            Step::Jpeg(quality) => sensor::jpeg(plane, quality),
            Step::Specks(share) => sensor::specks(plane, share, rng),
            Step::Dust(count) => sensor::dust(plane, count, rng),
            Step::Bands { deviation, down } => sensor::bands(plane, deviation, down, rng),
            Step::Scanlines { distance, strength } => sensor::scanlines(plane, distance, strength),
            Step::Moire {
                length,
                angle,
                strength,
            } => {
                sensor::moire(plane, length, angle, strength, rng);
            }
            Step::Selection { level, upright } => {
                sensor::selection(plane, level, upright, rng);
            }
            Step::Spatter(count) => sensor::spatter(plane, count, rng),
            Step::Haze(strength) => sensor::haze(plane, strength, rng),
            Step::Negative => {
                for value in &mut plane.values {
                    *value = 1.0 - *value;
                }
            }
        }
    }

    /// Reduces the picture so that its longer side has `longer` pixels, or less strongly if digits
    /// would vanish.
    fn shrink(&mut self, longer: f32) {
        let sides = [self.plane.width, self.plane.height];
        let least = MIN_HEIGHT / self.digit_height;
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
