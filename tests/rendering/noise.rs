//! Smooth random fields: the grain of paper, pencil and wood, and the varying pressure of a pen.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// A random field, determined by its seed.
#[derive(Clone, Copy)]
pub struct Noise(u64);

impl Noise {
    pub fn new(rng: &mut ChaCha8Rng) -> Self {
        Self(rng.random())
    }

    /// From -1 to 1; changes over distances of about 1.
    pub fn at(self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let ease = |share: f32| share * share * (3.0 - 2.0 * share);
        let (across, down) = (ease(x - left), ease(y - top));
        let (left, top) = (left as i32, top as i32);
        let row = |y| {
            let (a, b) = (self.knot(left, y), self.knot(left.wrapping_add(1), y));
            a + (b - a) * across
        };
        let (a, b) = (row(top), row(top.wrapping_add(1)));
        a + (b - a) * down
    }

    /// The sum of three octaves, from -1 to 1.
    pub fn rough(self, x: f32, y: f32) -> f32 {
        let octave = |times: f32| self.at(x * times, y * times) / times;
        (octave(1.0) + octave(2.1) + octave(4.3)) / 1.7
    }

    /// The value at an integer point.
    fn knot(self, x: i32, y: i32) -> f32 {
        let place = u64::from(x as u32) << 32 | u64::from(y as u32);
        // The finaliser of SplitMix64: each bit of the input changes half of the output's bits.
        let mut bits = place.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}
