//! The steps by which a picture becomes a file.

use crate::random::SeededRng;

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

    pub fn defocus(rng: &mut SeededRng) -> Self {
        Self::Defocus {
            share: rng.uniform(0.05, 1.0) as f32,
            disc: rng.random_bool(0.4),
        }
    }

    pub fn optics(rng: &mut SeededRng) -> Self {
        Self::Optics(rng.uniform(0.2, 0.9) as f32)
    }

    pub fn motion(rng: &mut SeededRng) -> Self {
        Self::Motion {
            share: rng.uniform(0.1, 1.0) as f32,
            angle: rng.uniform(0.0, std::f64::consts::PI) as f32,
        }
    }

    pub fn thumbnail(least: f64, most: f64, rng: &mut SeededRng) -> Self {
        Self::Shrink(rng.log_uniform(least, most).round() as f32)
    }

    /// 28 pixels a side, as in most pictures made like MNIST's, or another small size.
    pub fn mnist_sized(rng: &mut SeededRng) -> Self {
        if rng.random_bool(0.6) {
            return Self::Shrink(28.0);
        }
        let others = [
            8.0, 12.0, 16.0, 16.0, 20.0, 24.0, 32.0, 32.0, 40.0, 45.0, 48.0, 56.0, 64.0,
        ];
        Self::Shrink(*rng.choose(&others))
    }

    pub fn enlarge(smooth: f64, rng: &mut SeededRng) -> Self {
        Self::Enlarge {
            smooth: rng.random_bool(smooth),
        }
    }

    pub fn curve(rng: &mut SeededRng) -> Self {
        let (black, white) = match rng.weighted_index(&[0.4, 0.35, 0.25]) {
            // Washed out, as through haze or by a cheap sensor.
            0 => (rng.uniform(0.0, 0.3), rng.uniform(0.75, 1.0)),
            // Crushed: shadows and highlights are lost.
            1 => (rng.uniform(-0.3, 0.0), rng.uniform(1.0, 1.3)),
            _ => (0.0, rng.uniform(0.55, 0.9)),
        };
        Self::Curve {
            black: black as f32,
            white: white as f32,
            gamma: rng.log_uniform(0.65, 1.6) as f32,
        }
    }

    pub fn grain(rng: &mut SeededRng) -> Self {
        // Most cameras smooth noise away; coarse noise is what remains of strong noise.
        let (deviation, coarse) = match rng.weighted_index(&[0.66, 0.2, 0.14]) {
            0 => (rng.log_uniform(0.002, 0.015), false),
            1 => (rng.log_uniform(0.012, 0.06), false),
            _ => (rng.log_uniform(0.004, 0.03), true),
        };
        Self::Grain {
            deviation: deviation as f32,
            dark: rng.uniform(0.7, 1.8) as f32,
            cell: if coarse {
                rng.uniform(1.3, 3.5) as f32
            } else {
                0.0
            },
        }
    }

    pub fn faint_grain(rng: &mut SeededRng) -> Self {
        Self::Grain {
            deviation: rng.log_uniform(0.003, 0.02) as f32,
            dark: 1.0,
            cell: 0.0,
        }
    }

    pub fn sharpen(rng: &mut SeededRng) -> Self {
        Self::Sharpen {
            deviation: rng.log_uniform(0.7, 3.0) as f32,
            strength: rng.uniform(0.3, 1.8) as f32,
        }
    }

    pub fn flatten(rng: &mut SeededRng) -> Self {
        Self::Flatten {
            radius: rng.uniform(0.8, 2.0) as f32,
            gain: rng.uniform(1.0, 1.15) as f32,
        }
    }

    pub fn threshold(rng: &mut SeededRng) -> Self {
        Self::Threshold(rng.approx_normal(0.04) as f32)
    }

    pub fn local_threshold(rng: &mut SeededRng) -> Self {
        Self::LocalThreshold {
            radius: rng.uniform(0.3, 1.2) as f32,
            below: rng.log_uniform(0.06, 0.2) as f32,
        }
    }

    pub fn posterize(rng: &mut SeededRng) -> Self {
        Self::Posterize(rng.log_uniform(3.0, 10.0).round() as f32)
    }

    pub fn jpeg(rng: &mut SeededRng) -> Self {
        Self::Jpeg(rng.uniform(15.0, 96.0) as u8)
    }

    pub fn specks(rng: &mut SeededRng) -> Self {
        Self::Specks(rng.log_uniform(0.0005, 0.2) as f32)
    }

    pub fn dust(rng: &mut SeededRng) -> Self {
        Self::Dust(1 + rng.below(12))
    }

    pub fn bands(rng: &mut SeededRng) -> Self {
        Self::Bands {
            deviation: rng.log_uniform(0.008, 0.05) as f32,
            down: rng.random_bool(0.5),
        }
    }

    pub fn scanlines(rng: &mut SeededRng) -> Self {
        Self::Scanlines {
            distance: rng.uniform(2.0, 5.0) as f32,
            strength: rng.uniform(0.05, 0.3) as f32,
        }
    }

    pub fn selection(rng: &mut SeededRng) -> Self {
        match rng.weighted_index(&[0.4, 0.3, 0.3]) {
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

    pub fn spatter(rng: &mut SeededRng) -> Self {
        Self::Spatter(3 + rng.below(30))
    }

    pub fn haze(rng: &mut SeededRng) -> Self {
        Self::Haze(rng.uniform(0.3, 0.9) as f32)
    }

    pub fn moire(rng: &mut SeededRng) -> Self {
        Self::Moire {
            length: rng.log_uniform(2.3, 30.0) as f32,
            angle: rng.uniform(0.0, std::f64::consts::PI) as f32,
            strength: rng.log_uniform(0.015, 0.12) as f32,
        }
    }
}
