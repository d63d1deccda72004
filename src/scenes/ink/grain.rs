//! The unevenness of ink on a rough surface.

/// Where the surface takes ink and where it does not.
pub struct Grain {
    /// How much of the unevenness shows, 0 to 1.
    pub amount: f32,
    /// Share of the surface that takes little ink.
    pub bare: f32,
    /// Width of the transition from bare to inked: small is abrupt.
    pub blend: f32,
    /// Size of the grains in pixels.
    pub size: f32,
    /// Seed of the pattern.
    pub seed: u32,
}

impl Grain {
    /// The share of the ink that stays on a pixel.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        if self.amount <= 0.0 {
            return 1.0;
        }
        let coarse = self.smooth(x as f32 / self.size, y as f32 / self.size);
        let fine = unit(self.seed ^ 0x5bd1_e995, x as u32, y as u32);
        let height = 0.8 * coarse + 0.2 * fine;
        let share = ((height - self.bare) / self.blend + 0.5).clamp(0.0, 1.0);
        1.0 - self.amount * (1.0 - share)
    }

    /// Interpolates between the four grains around a point.
    fn smooth(&self, x: f32, y: f32) -> f32 {
        let (column, row) = (x.floor(), y.floor());
        let (across, down) = (ease(x - column), ease(y - row));
        let at =
            |right: u32, below: u32| unit(self.seed, column as u32 + right, row as u32 + below);
        let above = at(0, 0) * (1.0 - across) + at(1, 0) * across;
        let under = at(0, 1) * (1.0 - across) + at(1, 1) * across;
        above * (1.0 - down) + under * down
    }
}

fn ease(share: f32) -> f32 {
    share * share * (3.0 - 2.0 * share)
}

/// A number from 0 to 1 that depends only on a seed and a position (a multiply-and-shift hash).
fn unit(seed: u32, x: u32, y: u32) -> f32 {
    let mut hash = seed ^ x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    hash = (hash ^ (hash >> 12)).wrapping_mul(0x297a_2d39);
    (hash ^ (hash >> 15)) as f32 / u32::MAX as f32
}
