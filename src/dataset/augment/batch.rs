//! The same distortion for many images at once, with tensor operations, for devices that would wait
//! for the CPU otherwise.

use tch::{Device, Kind, TchError, Tensor};

use super::Distortion;
use super::ink::{GAPS, Hole};
use super::values::MIDDLE;
use super::warp::{BENDS, SHARES};
use crate::tensors::SIDE;

/// The distortions of several images, on the device.
#[derive(Debug)]
pub struct Batch {
    /// `f32 [B, 2, 3]`
    maps: Tensor,
    bends: Option<Bends>,
    pens: Option<Pens>,
}

#[derive(Debug)]
struct Bends {
    /// `f32 [B, 2, BENDS, BENDS]`
    coarse: Tensor,
    /// Interpolation weight of each coarse grid point for each pixel of a row: `f32 [28, BENDS]`.
    shares: Tensor,
}

#[derive(Debug)]
struct Pens {
    /// Widening, thinning, blur, strength, and whether only the outline is drawn: `f32 [B, 5]`.
    strokes: Tensor,
    /// Centres and radii: `f32 [B, 3·GAPS]`.
    holes: Tensor,
}

// libtorch's values for the interpolation and padding modes of `grid_sampler`.
const BILINEAR: i64 = 0;
const ZEROS: i64 = 0;

/// A hole that removes nothing.
const NO_HOLE: Hole = Hole {
    x: 0.0,
    y: 0.0,
    radius: -1.0,
};

impl Batch {
    /// Copies distortions drawn from one [`Augmentation`](super::Augmentation) to a device.
    ///
    /// # Errors
    /// When the device is out of memory.
    pub fn new(amounts: &[Distortion], device: Device) -> Result<Self, TchError> {
        let sent = |values: &[f32], shape: &[i64]| {
            Tensor::f_from_slice(values)?.f_view(shape)?.f_to(device)
        };
        let side = BENDS as i64;
        let maps: Vec<f32> = amounts.iter().flat_map(|amounts| amounts.map).collect();
        let bends: Option<Vec<_>> = amounts.iter().map(|amounts| amounts.bends).collect();
        let bends = bends.map(|bends| {
            let coarse = bends.as_flattened().as_flattened().as_flattened();
            Ok::<_, TchError>(Bends {
                coarse: sent(coarse, &[-1, 2, side, side])?,
                shares: sent(SHARES.as_flattened(), &[-1, side])?,
            })
        });
        let pens: Option<Vec<_>> = amounts.iter().map(|amounts| amounts.pen.as_ref()).collect();
        let pens = pens.map(|pens| {
            let strokes = pens.iter().flat_map(|pen| {
                let [wider, thinner] = [pen.width, -pen.width].map(|share| share.max(0.0));
                let hollow = f32::from(u8::from(pen.hollow));
                [wider, thinner, pen.blur, pen.strength, hollow]
            });
            let holes = pens
                .iter()
                .flat_map(|pen| pen.holes.unwrap_or([NO_HOLE; GAPS]))
                .flat_map(|hole| [hole.x, hole.y, hole.radius]);
            Ok::<_, TchError>(Pens {
                strokes: sent(&strokes.collect::<Vec<_>>(), &[-1, 5])?,
                holes: sent(&holes.collect::<Vec<_>>(), &[-1, 3 * GAPS as i64])?,
            })
        });
        Ok(Self {
            maps: sent(&maps, &[-1, 2, 3])?,
            bends: bends.transpose()?,
            pens: pens.transpose()?,
        })
    }

    /// The distortions of `count` images from `start` on, as a view.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn range(&self, start: usize, count: usize) -> Result<Self, TchError> {
        let range = |tensor: &Tensor| tensor.f_narrow(0, start as i64, count as i64);
        let bends = self.bends.as_ref().map(|bends| {
            Ok::<_, TchError>(Bends {
                coarse: range(&bends.coarse)?,
                shares: bends.shares.shallow_clone(),
            })
        });
        let pens = self.pens.as_ref().map(|pens| {
            Ok::<_, TchError>(Pens {
                strokes: range(&pens.strokes)?,
                holes: range(&pens.holes)?,
            })
        });
        Ok(Self {
            maps: range(&self.maps)?,
            bends: bends.transpose()?,
            pens: pens.transpose()?,
        })
    }

    /// Distorts images as [`Distortion::apply`] does, up to rounding.
    ///
    /// # Shapes
    /// `u8 [B, 28, 28]` to the same, on this device.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn apply(&self, images: &Tensor) -> Result<Tensor, TchError> {
        let values = images
            .unsqueeze(1)
            .f_to_kind(Kind::Float)?
            .f_div_scalar(255.0)?;
        let mut values = values.f_grid_sampler(&self.grid()?, BILINEAR, ZEROS, true)?;
        if let Some(pens) = &self.pens {
            values = pens.apply(&values)?;
        }
        let bytes = (values.f_mul_scalar(255.0)?.f_add_scalar(0.5)?).f_to_kind(Kind::Uint8)?;
        Ok(bytes.squeeze_dim(1))
    }

    /// The source coordinates of each pixel, `[B, 28, 28, 2]`: horizontal and vertical, from -1 at
    /// the first pixel to 1 at the last.
    fn grid(&self) -> Result<Tensor, TchError> {
        let (device, side) = (self.maps.device(), SIDE as i64);
        let middle = f64::from(MIDDLE);
        let along = coordinates(device)?.f_sub_scalar(middle)?;
        let across = along.view([1, side]).expand([side, side], false);
        let down = along.view([side, 1]).expand([side, side], false);
        let places = Tensor::f_stack(&[&across, &down, &across.f_ones_like()?], 2)?;
        let mut grid = places
            .f_view([1, side * side, 3])?
            .f_matmul(&self.maps.transpose(1, 2))?; // [B, 784, 2]
        if let Some(Bends { coarse, shares }) = &self.bends {
            let fine = shares.f_matmul(coarse)?.f_matmul(&shares.transpose(0, 1))?; // [B, 2, 28, 28]
            grid = grid.f_add(&fine.flatten(2, -1).transpose(1, 2))?;
        }
        grid.f_div_scalar(middle)?.f_view([-1, side, side, 2])
    }
}

impl Pens {
    /// `f32 [B, 1, 28, 28]` to the same.
    fn apply(&self, values: &Tensor) -> Result<Tensor, TchError> {
        let of_each = |column| self.strokes.select(1, column).view([-1, 1, 1, 1]);
        let most = |values: &Tensor| values.f_max_pool2d([3; 2], [1; 2], [1; 2], [1; 2], false);
        let wide = most(values)?;
        let thin = most(&values.f_neg()?)?.f_neg()?;
        let mut inked = values
            .f_lerp_tensor(&wide, &of_each(0))?
            .f_add(&thin.f_sub(values)?.f_mul(&of_each(1))?)?;
        let outline = most(&inked)?.f_add(&most(&inked.f_neg()?)?)?;
        inked = inked.f_lerp_tensor(&outline, &of_each(4))?;
        let soft = inked.f_avg_pool2d([3; 2], [1; 2], [1; 2], false, true, None)?;
        inked = inked.f_lerp_tensor(&soft, &of_each(2))?;
        inked = inked.f_mul(&of_each(3))?.f_clamp(0.0, 1.0)?;
        let along = coordinates(values.device())?;
        for hole in self.holes.f_chunk(GAPS as i64, 1)? {
            let at = |column| hole.select(1, column).view([-1, 1, 1, 1]);
            let across = along.view([1, 1, 1, -1]).f_sub(&at(0))?;
            let down = along.view([1, 1, -1, 1]).f_sub(&at(1))?;
            let left = across.f_hypot(&down)?.f_sub(&at(2))?.f_add_scalar(0.5)?;
            inked = inked.f_mul(&left.f_clamp(0.0, 1.0)?)?;
        }
        Ok(inked)
    }
}

/// The coordinates of a row of pixels, from 0.
fn coordinates(device: Device) -> Result<Tensor, TchError> {
    Tensor::f_arange(SIDE as i64, (Kind::Float, device))
}

#[cfg(test)]
mod tests {
    use std::array;

    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::dataset::augment::{Augmentation, Ink};
    use crate::tensors::{PIXELS, images_from_bytes};

    /// Different pictures with ink up to the edges.
    fn pictures(count: usize) -> Vec<[u8; PIXELS]> {
        let patch = |pixel: usize| pixel % SIDE / 4 + pixel / SIDE / 4 * 7;
        let picture = |number| array::from_fn(|pixel| (patch(pixel) * (37 + number) % 256) as u8);
        (0..count).map(picture).collect()
    }

    fn assert_like_one_by_one(
        batch: &Batch,
        distortions: &[Distortion],
        pictures: &[[u8; PIXELS]],
    ) {
        let distorted = batch.apply(&images_from_bytes(pictures.as_flattened()));
        let distorted = distorted.unwrap();
        let shape = [pictures.len() as i64, 28, 28];
        assert_eq!(
            (distorted.size(), distorted.kind()),
            (shape.into(), Kind::Uint8)
        );
        let distorted = Vec::<u8>::try_from(distorted.flatten(0, -1)).unwrap();
        for (number, (distortion, picture)) in distortions.iter().zip(pictures).enumerate() {
            let alone = distortion.apply(picture);
            let together = &distorted[number * PIXELS..(number + 1) * PIXELS];
            for (pixel, (alone, together)) in alone.iter().zip(together).enumerate() {
                let what = format!("picture {number}, pixel {pixel}: {together}, not {alone}");
                assert!(alone.abs_diff(*together) <= 1, "{what}");
            }
        }
    }

    fn drawn(augmentation: &Augmentation, count: usize) -> Vec<Distortion> {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        (0..count).map(|_| augmentation.draw(&mut rng)).collect()
    }

    #[test]
    fn a_batch_is_distorted_like_its_images_one_by_one() {
        // Half of them torn, half of them hollow.
        let ink = Ink {
            torn: 0.5,
            hollow: 0.5,
            ..Ink::WIDE
        };
        let all = Augmentation {
            ink: Some(ink),
            ..Augmentation::WIDE
        };
        for augmentation in [Augmentation::LIGHT, Augmentation::STRONG, all] {
            let distortions = drawn(&augmentation, 12);
            let batch = Batch::new(&distortions, Device::Cpu).unwrap();
            assert_like_one_by_one(&batch, &distortions, &pictures(12));
        }
    }

    #[test]
    fn an_image_that_is_not_torn_beside_one_that_is_stays_whole() {
        let pen = |holes| super::super::Pen {
            width: 0.0,
            blur: 0.0,
            strength: 1.0,
            holes,
            hollow: false,
        };
        let hole = Hole {
            x: 14.0,
            y: 9.0,
            radius: 2.0,
        };
        let distortions = [None, Some([hole; GAPS])].map(|holes| Distortion {
            map: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            bends: None,
            pen: Some(pen(holes)),
        });
        let batch = Batch::new(&distortions, Device::Cpu).unwrap();
        let white = images_from_bytes(&[255; 2 * PIXELS]);
        let left = batch.apply(&white).unwrap();
        assert_eq!(left.get(0), white.get(0));
        assert_eq!(left.get(1).int64_value(&[9, 14]), 0);
        assert_eq!(left.get(1).int64_value(&[14, 9]), 255);
    }

    #[test]
    fn a_range_holds_the_distortions_of_those_images_alone() {
        let distortions = drawn(&Augmentation::WIDE, 6);
        let batch = Batch::new(&distortions, Device::Cpu).unwrap();
        let part = batch.range(2, 3).unwrap();
        assert_like_one_by_one(&part, &distortions[2..5], &pictures(3));
        assert!(batch.range(4, 3).is_err());
    }
}
