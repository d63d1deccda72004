//! Random values for single pixels and smooth random fields, fast enough for every pixel of a
//! scene.

use super::Plane;
use crate::random::SeededRng;

/// A fast random number generator for single pixels (SplitMix64).
pub struct PixelNoise(u64);

impl PixelNoise {
    /// A generator seeded by `rng`.
    pub fn new(rng: &mut SeededRng) -> Self {
        let half = |rng: &mut SeededRng| u64::from(rng.below(u32::MAX));
        Self(half(rng) << 32 | half(rng))
    }

    /// 64 random bits.
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A uniform number in 0..1.
    pub fn uniform(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 24) as f32
    }

    /// Two approximately normal numbers with mean 0 and standard deviation 1, of magnitude 3.5 at
    /// most.
    pub fn normals(&mut self) -> [f32; 2] {
        let bits = self.bits();
        // The sum of four bytes has mean 510 and standard deviation 147.8.
        let normal = |half: u32| {
            let pairs = (half & 0x00ff_00ff) + ((half >> 8) & 0x00ff_00ff);
            (((pairs & 0xffff) + (pairs >> 16)) as f32 - 510.0) * (1.0 / 147.8)
        };
        [normal(bits as u32), normal((bits >> 32) as u32)]
    }

    /// Adds independent noise of a standard `deviation` to all pixels.
    pub fn add(&mut self, plane: &mut Plane, deviation: f32) {
        for pair in plane.values.chunks_mut(2) {
            for (value, normal) in pair.iter_mut().zip(self.normals()) {
                *value += deviation * normal;
            }
        }
    }
}

/// A smooth random field with mean 0 and standard deviation about 1, whose features are about
/// `cell` pixels across and down: random knots, interpolated by cubic B-splines.
pub fn clouds(width: usize, height: usize, cell: [f32; 2], rng: &mut SeededRng) -> Plane {
    let cell = cell.map(|length| length.max(1.0));
    let columns = (width as f32 / cell[0]) as usize + 5;
    let mut knots = PixelNoise::new(rng);
    let mut row_of_knots = vec![0.0; columns];
    let offset = [knots.uniform(), knots.uniform()];
    let across: Vec<(usize, [f32; 4])> = (0..width)
        .map(|x| spline(x as f32 / cell[0] + offset[0]))
        .collect();
    let rows = (height as f32 / cell[1]) as usize + 5;
    // Each row of knots is interpolated across once; pixels then need only interpolation down.
    let mut spread = vec![0.0; rows * width];
    for row in spread.chunks_mut(width.max(1)) {
        for pair in row_of_knots.chunks_mut(2) {
            for (knot, normal) in pair.iter_mut().zip(knots.normals()) {
                *knot = normal;
            }
        }
        for (value, (first, weights)) in row.iter_mut().zip(&across) {
            let near = &row_of_knots[*first..*first + 4];
            *value = near
                .iter()
                .zip(weights)
                .map(|(knot, weight)| knot * weight)
                .sum();
        }
    }
    let mut plane = Plane::new(width, height, 0.0);
    for y in 0..height {
        let (first, weights) = spline(y as f32 / cell[1] + offset[1]);
        // Splines average over knots, which leaves 0.479 of their standard deviation.
        let weights = weights.map(|weight| weight / 0.479);
        let near: [&[f32]; 4] = std::array::from_fn(|k| &spread[(first + k) * width..][..width]);
        for (x, value) in plane.row_mut(y).iter_mut().enumerate() {
            *value = near[0][x] * weights[0]
                + near[1][x] * weights[1]
                + near[2][x] * weights[2]
                + near[3][x] * weights[3];
        }
    }
    plane
}

/// Adds [`clouds`] of a standard `deviation` to a plane.
pub fn add_clouds(plane: &mut Plane, cell: [f32; 2], deviation: f32, rng: &mut SeededRng) {
    let field = clouds(plane.width, plane.height, cell, rng);
    for (value, cloud) in plane.values.iter_mut().zip(&field.values) {
        *value += deviation * cloud;
    }
}

/// The first of the four knots around a position, and their weights in a cubic B-spline.
fn spline(place: f32) -> (usize, [f32; 4]) {
    let first = place as usize;
    let t = place - first as f32;
    let (square, cube) = (t * t, t * t * t);
    let weights = [
        (1.0 - t).powi(3) / 6.0,
        (3.0 * cube - 6.0 * square + 4.0) / 6.0,
        (-3.0 * cube + 3.0 * square + 3.0 * t + 1.0) / 6.0,
        cube / 6.0,
    ];
    (first, weights)
}

/// Continuous random values along a line, with period 256.
pub struct Profile([f32; 257]);

impl Profile {
    /// Random values in -1..1 at whole positions.
    pub fn new(rng: &mut SeededRng) -> Self {
        let mut knots = PixelNoise::new(rng);
        let mut values = [0.0; 257];
        for value in &mut values {
            *value = 2.0 * knots.uniform() - 1.0;
        }
        values[256] = values[0];
        Self(values)
    }

    /// The value at a position, interpolated linearly.
    pub fn at(&self, place: f32) -> f32 {
        let whole = fast_floor(place);
        let index = (whole as i32 & 255) as usize;
        self.0[index] + (self.0[index + 1] - self.0[index]) * (place - whole)
    }
}

/// The signed distance to the nearest whole number, in -0.5..0.5. For magnitudes below 4 million.
pub fn from_nearest(value: f32) -> f32 {
    // Above 2^23 a float has no fraction, so adding and subtracting rounds; `round` is a slow call.
    const ROUNDER: f32 = 12_582_912.0;
    value - ((value + ROUNDER) - ROUNDER)
}

/// The floor, for magnitudes below 2 billion.
pub fn fast_floor(value: f32) -> f32 {
    let cut = value as i32 as f32;
    if cut > value { cut - 1.0 } else { cut }
}

/// 0 below `low`, 1 above `high`, smooth in between.
pub fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deviation(values: &[f32]) -> f32 {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let squares: f32 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / values.len() as f32).sqrt()
    }

    #[test]
    fn noise_has_the_requested_deviation() {
        let mut plane = Plane::new(200, 200, 0.5);
        PixelNoise::new(&mut SeededRng::new(1, 1)).add(&mut plane, 0.1);
        assert!((deviation(&plane.values) - 0.1).abs() < 0.005);
        let field = clouds(400, 400, [5.0, 9.0], &mut SeededRng::new(1, 2));
        assert!((deviation(&field.values) - 1.0).abs() < 0.1);
    }

    #[test]
    fn the_same_chance_gives_the_same_clouds() {
        let draw = |index| clouds(33, 17, [4.0, 4.0], &mut SeededRng::new(3, index));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn positions_are_split_into_whole_and_fraction() {
        assert_eq!(fast_floor(-0.25), -1.0);
        assert_eq!(fast_floor(3.75), 3.0);
        assert!((from_nearest(7.75) + 0.25).abs() < 1e-5);
        assert!((from_nearest(-7.75) - 0.25).abs() < 1e-5);
    }
}
