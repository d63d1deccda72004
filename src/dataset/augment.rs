//! Distortion of training images: a hand that leans, shrinks, wanders and bends, and other pens.

mod ink;

pub use ink::Ink;

use rand::{Rng, RngExt};
use serde::Serialize;
use tch::Tensor;

use crate::tensors::SIDE;

/// Places in a row, and rows, whose shifts are drawn; those between follow smoothly.
const BENDS: usize = 6;

/// How far an image is distorted at most; amounts are drawn evenly, on both sides of none where
/// both make sense.
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
    /// Bends of the strokes in pixels: the standard deviation of a smooth field of shifts in the
    /// image that is bent most; others are bent less, all amounts alike.
    pub bend: f64,
    /// Another pen; `None` leaves the ink as it is.
    pub ink: Option<Ink>,
}

impl Augmentation {
    /// What `--augment` means, and the cnn's default; chosen on the validation split.
    pub const LIGHT: Self = Self {
        rotation: 10.0,
        scale: 0.1,
        shear: 0.1,
        shift: 2.0,
        bend: 0.0,
        ink: None,
    };

    /// What people's own pictures differ by from MNIST's, once they have been fitted as MNIST was.
    pub const WIDE: Self = Self {
        rotation: 12.0,
        scale: 0.12,
        shear: 0.15,
        shift: 2.0,
        bend: 0.9,
        ink: Some(Ink::WIDE),
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
        let mut grid = Tensor::affine_grid_generator(&maps, &size, false);
        if self.bend > 0.0 {
            grid += self.bends(count, rng).to_device(images.device());
        }
        let distorted = images.grid_sampler(&grid, 0, 0, false);
        match &self.ink {
            Some(ink) => ink.apply(&distorted, rng),
            None => distorted,
        }
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

    /// Smooth shifts for each pixel, `[count, 28, 28, 2]` in coordinates of -1..1: noise on a
    /// coarse grid, interpolated (elastic distortion, Simard and others, 2003).
    fn bends(&self, count: usize, rng: &mut impl Rng) -> Tensor {
        // Evenly drawn numbers in -a..a have the standard deviation a / √3.
        let most = self.bend * 3f64.sqrt() / (SIDE as f64 / 2.0);
        let mut noise = Vec::with_capacity(count * 2 * BENDS * BENDS);
        for _ in 0..count {
            let most = most * rng.random::<f64>();
            let shifts = (0..2 * BENDS * BENDS).map(|_| most * (rng.random::<f64>() * 2.0 - 1.0));
            noise.extend(shifts.map(|shift| shift as f32));
        }
        let side = SIDE as i64;
        Tensor::from_slice(&noise)
            .view([count as i64, 2, BENDS as i64, BENDS as i64])
            .upsample_bicubic2d([side, side], true, None, None)
            .permute([0, 2, 3, 1])
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
        bend: 0.0,
        ink: None,
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

    #[test]
    fn bends_move_parts_of_an_image_on_their_own() {
        let bend = Augmentation { bend: 1.0, ..NONE };
        let count = 64;
        let lines = Tensor::zeros([count, 1, 28, 28], (Kind::Float, Device::Cpu));
        let _ = lines.narrow(3, 13, 2).fill_(1.0);
        let bent = bend.apply(&lines, &mut ChaCha8Rng::seed_from_u64(5));
        // The ends of a line may have been bent out of the image.
        let bent = bent.narrow(2, 4, 20);
        let columns = Tensor::arange(28, (Kind::Float, Device::Cpu)) - 13.5;
        let middle = (&bent * columns).sum_dim_intlist([3].as_slice(), false, Kind::Float)
            / bent.sum_dim_intlist([3].as_slice(), false, Kind::Float);
        let along = middle.std_dim([2].as_slice(), true, false);
        let least = along.min().double_value(&[]);
        assert!(least > 0.0, "a line stayed straight");
        assert!(along.mean(Kind::Float).double_value(&[]) > 0.2);
        assert!(middle.abs().max().double_value(&[]) < 3.0);
    }
}
