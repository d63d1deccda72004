//! Random values for single pixels and smooth random fields, fast enough for every pixel of a
//! scene.

use super::Plane;
use crate::chance::Chance;

/// Unevenness of single pixels: a stream of numbers, each a hash of its place in it (SplitMix64).
pub struct Static(u64);

impl Static {
    /// A stream that `chance` seeds.
    pub fn new(chance: &mut Chance) -> Self {
        let half = |chance: &mut Chance| u64::from(chance.below(u32::MAX));
        Self(half(chance) << 32 | half(chance))
    }

    /// 64 random bits.
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Uniform on 0..1.
    pub fn share(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 24) as f32
    }

    /// Two bell-shaped numbers around zero with deviation 1, never beyond 3.5.
    pub fn bells(&mut self) -> [f32; 2] {
        let bits = self.bits();
        // The sum of four bytes has the mean 510 and the deviation 147.8.
        let bell = |half: u32| {
            let pairs = (half & 0x00ff_00ff) + ((half >> 8) & 0x00ff_00ff);
            (((pairs & 0xffff) + (pairs >> 16)) as f32 - 510.0) * (1.0 / 147.8)
        };
        [bell(bits as u32), bell((bits >> 32) as u32)]
    }

    /// Adds independent noise of a `deviation` to all pixels.
    pub fn add(&mut self, plane: &mut Plane, deviation: f32) {
        for pair in plane.values.chunks_mut(2) {
            for (value, bell) in pair.iter_mut().zip(self.bells()) {
                *value += deviation * bell;
            }
        }
    }
}

/// A smooth random field with mean 0 and deviation about 1 that changes over `cell` pixels across
/// and down: random knots, joined by cubic B-splines.
pub fn clouds(width: usize, height: usize, cell: [f32; 2], chance: &mut Chance) -> Plane {
    let cell = cell.map(|length| length.max(1.0));
    let columns = (width as f32 / cell[0]) as usize + 5;
    let mut knots = Static::new(chance);
    let mut row_of_knots = vec![0.0; columns];
    let offset = [knots.share(), knots.share()];
    let across: Vec<(usize, [f32; 4])> = (0..width)
        .map(|x| spline(x as f32 / cell[0] + offset[0]))
        .collect();
    let rows = (height as f32 / cell[1]) as usize + 5;
    // Each row of knots is spread across once; pixels then need only the way down.
    let mut spread = vec![0.0; rows * width];
    for row in spread.chunks_mut(width.max(1)) {
        for pair in row_of_knots.chunks_mut(2) {
            for (knot, bell) in pair.iter_mut().zip(knots.bells()) {
                *knot = bell;
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
        // Splines average over knots, which leaves 0.479 of their deviation.
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

/// Adds [`clouds`] of a `deviation` to a plane.
pub fn add_clouds(plane: &mut Plane, cell: [f32; 2], deviation: f32, chance: &mut Chance) {
    let field = clouds(plane.width, plane.height, cell, chance);
    for (value, cloud) in plane.values.iter_mut().zip(&field.values) {
        *value += deviation * cloud;
    }
}

/// The first of four knots around a place and their weights in a cubic B-spline.
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

/// Smooth random values along a line, which repeat after 256.
pub struct Profile([f32; 257]);

impl Profile {
    /// Values in -1..1 at whole places.
    pub fn new(chance: &mut Chance) -> Self {
        let mut knots = Static::new(chance);
        let mut values = [0.0; 257];
        for value in &mut values {
            *value = 2.0 * knots.share() - 1.0;
        }
        values[256] = values[0];
        Self(values)
    }

    /// The value at a place, linear in between.
    pub fn at(&self, place: f32) -> f32 {
        let whole = whole_below(place);
        let index = (whole as i32 & 255) as usize;
        self.0[index] + (self.0[index + 1] - self.0[index]) * (place - whole)
    }
}

/// The distance to the nearest whole number, with its sign: -0.5..0.5. For magnitudes below 4
/// million.
pub fn from_nearest(value: f32) -> f32 {
    // Beyond 2^23 a float has no fraction, so adding and subtracting rounds; `round` is a slow
    // call.
    const ROUNDER: f32 = 12_582_912.0;
    value - ((value + ROUNDER) - ROUNDER)
}

/// The whole number at or below; for magnitudes below 2 billion.
pub fn whole_below(value: f32) -> f32 {
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
    fn noise_has_the_deviation_it_is_asked_for() {
        let mut plane = Plane::new(200, 200, 0.5);
        Static::new(&mut Chance::new(1, 1)).add(&mut plane, 0.1);
        assert!((deviation(&plane.values) - 0.1).abs() < 0.005);
        let field = clouds(400, 400, [5.0, 9.0], &mut Chance::new(1, 2));
        assert!((deviation(&field.values) - 1.0).abs() < 0.1);
    }

    #[test]
    fn the_same_chance_gives_the_same_clouds() {
        let draw = |index| clouds(33, 17, [4.0, 4.0], &mut Chance::new(3, index));
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn places_are_split_into_whole_and_rest() {
        assert_eq!(whole_below(-0.25), -1.0);
        assert_eq!(whole_below(3.75), 3.0);
        assert!((from_nearest(7.75) + 0.25).abs() < 1e-5);
        assert!((from_nearest(-7.75) - 0.25).abs() < 1e-5);
    }
}
