//! Resampling of an image.

use std::array;
use std::sync::LazyLock;

use super::values::{MIDDLE, Values};
use crate::tensors::{PIXELS, SIDE};

/// Rows and columns of the coarse grid of displacements, which is interpolated smoothly.
pub(super) const BENDS: usize = 6;

/// One value for each point of a coarse grid over the image.
pub(super) type Coarse = [[f32; BENDS]; BENDS];

/// Zero padding around an image that is sampled, so that samples need no bounds checks.
const MARGIN: usize = 2;
const PADDED: usize = SIDE + 2 * MARGIN;

/// Samples the image at the mapped coordinates, displaced by the bends.
pub(super) fn sample(pixels: &[u8; PIXELS], map: &[f32; 6], bends: Option<&[Values; 2]>) -> Values {
    let mut padded = [[0f32; PADDED]; PADDED];
    for (row, values) in pixels.chunks_exact(SIDE).enumerate() {
        for (column, &value) in values.iter().enumerate() {
            padded[row + MARGIN][column + MARGIN] = f32::from(value) / 255.0;
        }
    }
    // Everything outside of the image is 0.
    let place = |value: f32| {
        let within = (value + MIDDLE).clamp(-1.0, SIDE as f32) + MARGIN as f32;
        let whole = within as i32;
        (whole as usize, within - whole as f32)
    };
    let mut sampled = [0.0; PIXELS];
    for row in 0..SIDE {
        let y = row as f32 - MIDDLE;
        for column in 0..SIDE {
            let (x, pixel) = (column as f32 - MIDDLE, row * SIDE + column);
            let (mut across, mut down) = (
                map[0] * x + map[1] * y + map[2],
                map[3] * x + map[4] * y + map[5],
            );
            if let Some([right, low]) = bends {
                across += right[pixel];
                down += low[pixel];
            }
            let ((left, x), (top, y)) = (place(across), place(down));
            let between = |row: &[f32; PADDED]| row[left] + x * (row[left + 1] - row[left]);
            let (above, below) = (between(&padded[top]), between(&padded[top + 1]));
            sampled[pixel] = above + y * (below - above);
        }
    }
    sampled
}

/// Interpolates a coarse grid, which spans the image from corner to corner, at each pixel.
pub(super) fn interpolate(coarse: &Coarse) -> Values {
    let shares = &*SHARES;
    let rows: [[f32; BENDS]; SIDE] = array::from_fn(|y| {
        array::from_fn(|column| {
            (0..BENDS)
                .map(|row| shares[y][row] * coarse[row][column])
                .sum()
        })
    });
    array::from_fn(|pixel| {
        let (x, y) = (pixel % SIDE, pixel / SIDE);
        (0..BENDS)
            .map(|column| shares[x][column] * rows[y][column])
            .sum()
    })
}

/// Interpolation weight of each coarse grid point for each pixel of a row.
pub(super) static SHARES: LazyLock<[[f32; BENDS]; SIDE]> = LazyLock::new(|| array::from_fn(shares));

/// Interpolation weight of each coarse grid point for one pixel of a row: cubic convolution (Keys,
/// 1981) with the first and last point repeated beyond the ends.
fn shares(pixel: usize) -> [f32; BENDS] {
    let last = BENDS as i64 - 1;
    let at = pixel as f32 * last as f32 / (SIDE as f32 - 1.0);
    let mut shares = [0.0; BENDS];
    let first = at.floor() as i64 - 1;
    for place in first..first + 4 {
        shares[place.clamp(0, last) as usize] += cubic((at - place as f32).abs());
    }
    shares
}

/// The kernel of cubic convolution at a distance, with a slope of -0.75 at 1.
fn cubic(distance: f32) -> f32 {
    const SLOPE: f32 = -0.75;
    let d = distance;
    if d <= 1.0 {
        ((SLOPE + 2.0) * d - (SLOPE + 3.0)) * d * d + 1.0
    } else if d < 2.0 {
        SLOPE * (((d - 5.0) * d + 8.0) * d - 4.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Solid ink in a rectangle of these columns and rows.
    fn block(columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> [u8; PIXELS] {
        array::from_fn(|pixel| {
            let inside = columns.contains(&(pixel % SIDE)) && rows.contains(&(pixel / SIDE));
            if inside { 255 } else { 0 }
        })
    }

    #[test]
    fn images_rotate_and_stretch_about_their_centre() {
        let upright = block(13..15, 4..24);
        let turned = sample(&upright, &[0.0, -1.0, 0.0, 1.0, 0.0, 0.0], None);
        let lying = block(4..24, 13..15).map(|value| f32::from(value) / 255.0);
        assert_eq!(turned, lying);
        let halved = sample(&upright, &[1.0, 0.0, 0.0, 0.0, 2.0, 0.0], None);
        assert!((halved.iter().sum::<f32>() - 20.0).abs() < 0.1);
    }

    #[test]
    fn interpolation_is_exact_at_the_corners_and_keeps_constants() {
        let mut coarse = [[0.0; BENDS]; BENDS];
        (coarse[0][0], coarse[5][5]) = (1.0, -2.0);
        let fine = interpolate(&coarse);
        assert!((fine[0] - 1.0).abs() < 1e-5 && (fine[PIXELS - 1] + 2.0).abs() < 1e-5);
        let constant = interpolate(&[[0.7; BENDS]; BENDS]);
        assert!(constant.iter().all(|value| (value - 0.7).abs() < 1e-5));
    }
}
