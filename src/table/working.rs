//! The picture in which lines and unread writing are looked for: small, with dark ink.

use image::GrayImage;
use image::imageops;
use imageproc::filter::box_filter;

use super::settings::{INK_CONTRAST, SURROUNDINGS, WORKING_SIDE};

/// A picture of bounded size, whose ink is darker than its paper.
pub(super) struct Working {
    pub(super) picture: GrayImage,
    /// The mean of each pixel's surroundings.
    surroundings: GrayImage,
    /// Pixels of the original per pixel of this, along one side.
    pub(super) scale: f32,
}

impl Working {
    pub(super) fn of(grey: &GrayImage) -> Self {
        let longest = grey.width().max(grey.height()).max(1);
        let (mut picture, scale) = if longest > WORKING_SIDE {
            let side = |length: u32| {
                let side = u64::from(length) * u64::from(WORKING_SIDE) / u64::from(longest);
                (side as u32).max(1)
            };
            let small = imageops::thumbnail(grey, side(grey.width()), side(grey.height()));
            (small, longest as f32 / WORKING_SIDE as f32)
        } else {
            (grey.clone(), 1.0)
        };
        let mut surroundings = box_filter(&picture, SURROUNDINGS, SURROUNDINGS);
        // Ink is what differs much from its surroundings: cubes make it outweigh the paper's
        // texture and the edges of things, which lie on both sides.
        let cube = |(&tone, &mean): (&u8, &u8)| (i64::from(mean) - i64::from(tone)).pow(3);
        let darkness: i64 = picture.iter().zip(surroundings.iter()).map(cube).sum();
        if darkness < 0 {
            imageops::invert(&mut picture);
            imageops::invert(&mut surroundings);
        }
        Self {
            picture,
            surroundings,
            scale,
        }
    }

    /// Width and height, in its pixels.
    pub(super) fn size(&self) -> [f32; 2] {
        [self.picture.width() as f32, self.picture.height() as f32]
    }

    /// The pixels with ink.
    pub(super) fn ink(&self) -> impl Iterator<Item = [f32; 2]> {
        let width = self.picture.width().max(1) as usize;
        let tones = self.picture.iter().zip(self.surroundings.iter());
        let is_ink = |(tone, mean): (&u8, &u8)| i16::from(*mean) - i16::from(*tone) >= INK_CONTRAST;
        tones
            .enumerate()
            .filter(move |&(_, tones)| is_ink(tones))
            .map(move |(at, _)| [(at % width) as f32 + 0.5, (at / width) as f32 + 0.5])
    }
}
