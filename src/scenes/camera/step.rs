//! The steps by which a picture becomes a file.

use crate::chance::Chance;

/// One step. Lengths are shares of the largest under which a digit stays readable, or in pixels of
/// the current picture.
#[derive(Clone, Debug)]
pub enum Step {
    /// Blur of a share of the largest allowed; by a disc or a Gaussian.
    Defocus { share: f32, disc: bool },
    /// The blur of any lens, as a standard deviation in pixels.
    Optics(f32),
    /// Motion blur of a share of the largest allowed, at an angle.
    Motion { share: f32, angle: f32 },
    /// Reduction to this many pixels for the longer side.
    Shrink(f32),
    /// Enlargement to the original size, smooth or in blocks.
    Enlarge { smooth: bool },
    /// A tone curve: what black and white become, and the gamma between them.
    Curve { black: f32, white: f32, gamma: f32 },
    /// Noise of a standard deviation in white, `dark` times as much in black; grains of `cell`
    /// pixels, or 0 for single pixels.
    Grain {
        deviation: f32,
        dark: f32,
        cell: f32,
    },
    /// Halos around edges.
    Sharpen { deviation: f32, strength: f32 },
    /// Divides by the local brightness, as scanning apps do.
    Flatten { radius: f32, gain: f32 },
    /// Black and white by Otsu's threshold, with a shift of it.
    Threshold(f32),
    /// Black and white by comparison with the surroundings.
    LocalThreshold { radius: f32, below: f32 },
    /// This many grey levels.
    Posterize(f32),
    /// JPEG compression of this quality.
    Jpeg(u8),
    /// A share of all pixels black or white.
    Specks(f32),
    /// This many hairs and grains on the glass.
    Dust(u32),
    /// Stripes of uneven brightness with a standard deviation; down or across.
    Bands { deviation: f32, down: bool },
    /// Dark lines at a distance in pixels, with a strength.
    Scanlines { distance: f32, strength: f32 },
    /// Moiré between two grids: waves of a length in pixels, at an angle, with a strength.
    Moire {
        length: f32,
        angle: f32,
        strength: f32,
    },
    /// Inversion.
    Negative,
    /// An inverted part of the picture: a band or a box.
    Selection { level: bool, upright: bool },
    /// This many drops on the picture, dark or light.
    Spatter(u32),
    /// Haze with this strength.
    Haze(f32),
}

impl Step {
    /// Whether it may hide a digit, so that readability can be judged only in the finished picture.
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

    /// 28 pixels a side, as in most pictures made like MNIST's, or another small size.
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
            // Crushed: shadows and highlights are lost.
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
        // Most cameras smooth noise away; coarse noise is what remains of strong noise.
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
