//! How bright it is around each place of a picture.

use super::super::Plane;
use super::blur::mean_around;
use super::scale::{enlarged, shrunk};

/// The mean brightness around each pixel.
pub fn surroundings(plane: &Plane, radius: f32) -> Plane {
    enlarged(
        &coarse_surroundings(plane, radius),
        plane.width,
        plane.height,
        true,
    )
}

/// The mean brightness within `radius` pixels around each square of 4 by 4 pixels.
pub fn coarse_surroundings(plane: &Plane, radius: f32) -> Plane {
    let mut small = shrunk(plane, plane.width.div_ceil(4), plane.height.div_ceil(4));
    mean_around(&mut small, (radius / 4.0).round().max(1.0) as usize);
    small
}
