//! The local mean brightness of a picture.

use super::super::Plane;
use super::blur::box_mean;
use super::scale::{enlarged, shrunk};

/// The mean brightness around each pixel.
pub fn local_mean(plane: &Plane, radius: f32) -> Plane {
    enlarged(
        &coarse_local_mean(plane, radius),
        plane.width,
        plane.height,
        true,
    )
}

/// The mean brightness within `radius` pixels around each square of 4 by 4 pixels.
pub fn coarse_local_mean(plane: &Plane, radius: f32) -> Plane {
    let mut small = shrunk(plane, plane.width.div_ceil(4), plane.height.div_ceil(4));
    box_mean(&mut small, (radius / 4.0).round().max(1.0) as usize);
    small
}
