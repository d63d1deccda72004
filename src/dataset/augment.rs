//! Light distortion of training images: a hand that leans, shrinks and wanders a little.

use rand::{Rng, RngExt};
use serde::Serialize;
use tch::Tensor;

use crate::tensors::SIDE;

/// How far an image is distorted at most; each amount is drawn evenly on both sides of none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Augmentation {
    /// Rotation in degrees.
    pub rotation: f64,
    /// Change of size, as a fraction, of width and height each.
    pub scale: f64,
    /// Slant, as a fraction of the height.
    pub shear: f64,
    /// Shift in pixels, across and down.
    pub shift: f64,
}

impl Augmentation {
    /// What `--augment` means, and the cnn's default; chosen on the validation split.
    pub const LIGHT: Self = Self {
        rotation: 10.0,
        scale: 0.1,
        shear: 0.1,
        shift: 2.0,
    };

    /// Distorts each image of a batch in its own way, by bilinear sampling; beyond the edge is 0.
    ///
    /// # Shapes
    /// `f32 [B, 1, 28, 28]` in 0..1 to the same. The amounts come from `rng` alone: the same on
    /// every device.
    pub fn apply(&self, images: &Tensor, rng: &mut impl Rng) -> Tensor {
        let size = images.size();
        let count = size.first().map_or(0, |&count| count as usize);
        let maps: Vec<f32> = (0..count).flat_map(|_| self.draw(rng)).collect();
        let maps = Tensor::from_slice(&maps)
            .view([-1, 2, 3])
            .to_device(images.device());
        let grid = Tensor::affine_grid_generator(&maps, &size, false);
        images.grid_sampler(&grid, 0, 0, false)
    }

    /// One image's map from output to input coordinates, both in -1..1, as a 2×3 matrix.
    fn draw(&self, rng: &mut impl Rng) -> [f32; 6] {
        let mut within = |most: f64| most * (rng.random::<f64>() * 2.0 - 1.0);
        let (sin, cos) = within(self.rotation).to_radians().sin_cos();
        let (width, height) = (1.0 + within(self.scale), 1.0 + within(self.scale));
        let shear = within(self.shear);
        let half = SIDE as f64 / 2.0;
        let (across, down) = (within(self.shift) / half, within(self.shift) / half);
        let map = [
            cos / width,
            shear - sin / width,
            across,
            sin / height,
            cos / height,
            down,
        ];
        map.map(|entry| entry as f32)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use tch::{Device, Kind};

    use super::*;

    const NONE: Augmentation = Augmentation {
        rotation: 0.0,
        scale: 0.0,
        shear: 0.0,
        shift: 0.0,
    };

    fn dots(count: i64) -> Tensor {
        let images = Tensor::zeros([count, 1, 28, 28], (Kind::Float, Device::Cpu));
        let _ = images.narrow(2, 13, 2).narrow(3, 13, 2).fill_(1.0);
        images
    }

    #[test]
    fn no_distortion_changes_nothing() {
        let images = dots(3);
        let same = NONE.apply(&images, &mut ChaCha8Rng::seed_from_u64(1));
        assert!((same - images).abs().max().double_value(&[]) < 1e-5);
    }

    #[test]
    fn the_seed_decides() {
        let distort =
            |seed| Augmentation::LIGHT.apply(&dots(8), &mut ChaCha8Rng::seed_from_u64(seed));
        assert_eq!(distort(1), distort(1));
        assert_ne!(distort(1), distort(2));
    }

    #[test]
    fn shifts_reach_both_sides_and_centre_on_none() {
        let wander = Augmentation { shift: 2.0, ..NONE };
        let count = 512;
        let moved = wander.apply(&dots(count), &mut ChaCha8Rng::seed_from_u64(3));
        let columns = Tensor::arange(28, (Kind::Float, Device::Cpu)) - 13.5;
        let ink = moved.sum_dim_intlist([1, 2].as_slice(), false, Kind::Float);
        let shifts = (&ink * columns).sum_dim_intlist([1].as_slice(), false, Kind::Float)
            / ink.sum_dim_intlist([1].as_slice(), false, Kind::Float);
        assert!(shifts.max().double_value(&[]) > 1.8);
        assert!(shifts.min().double_value(&[]) < -1.8);
        assert!(shifts.mean(Kind::Float).double_value(&[]).abs() < 0.2);
    }
}
