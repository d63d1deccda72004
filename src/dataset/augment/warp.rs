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

/// The kernel of cubic convolution at a distance of at most 2, with a slope of -0.75 at 1.
fn cubic(distance: f32) -> f32 {
    const SLOPE: f32 = -0.75;
    let d = distance;
    if d <= 1.0 {
        ((SLOPE + 2.0) * d - (SLOPE + 3.0)) * d * d + 1.0
    } else {
        SLOPE * (((d - 5.0) * d + 8.0) * d - 4.0)
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

    const STAY: [f32; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];

    fn assert_close(found: f32, expected: f32, what: &str) {
        let off = (found - expected).abs();
        assert!(off < 1e-4, "{what}: {found}, not {expected}");
    }

    /// A slope, which is between its pixels what the formula says: 10 + 4 per column + 5 per row.
    fn slope() -> [u8; PIXELS] {
        array::from_fn(|pixel| (10 + 4 * (pixel % SIDE) + 5 * (pixel / SIDE)) as u8)
    }

    #[test]
    fn a_slope_is_sampled_where_the_map_and_the_bends_point() {
        let map = [0.5, 0.25, 1.0, -0.25, 0.5, -2.0];
        let bends: [Values; 2] = [
            array::from_fn(|pixel| 0.04 * (pixel % SIDE) as f32),
            array::from_fn(|pixel| 0.03 * (pixel / SIDE) as f32 + 0.5),
        ];
        let straight = sample(&slope(), &map, None);
        let bent = sample(&slope(), &map, Some(&bends));
        for pixel in 0..PIXELS {
            let (column, row) = ((pixel % SIDE) as f32, (pixel / SIDE) as f32);
            let (x, y) = (column - 13.5, row - 13.5);
            let (across, down) = (14.5 + 0.5 * x + 0.25 * y, 11.5 - 0.25 * x + 0.5 * y);
            let value = |column: f32, row: f32| (10.0 + 4.0 * column + 5.0 * row) / 255.0;
            let what = format!("column {column}, row {row}");
            assert_close(straight[pixel], value(across, down), &what);
            let bent_to = value(across + 0.04 * column, down + 0.03 * row + 0.5);
            assert_close(bent[pixel], bent_to, &what);
        }
    }

    #[test]
    fn a_pixel_between_four_is_their_weighted_mean() {
        let mut pixels = [0; PIXELS];
        (pixels[5 * SIDE + 8], pixels[5 * SIDE + 9]) = (100, 200);
        (pixels[6 * SIDE + 8], pixels[6 * SIDE + 9]) = (40, 250);
        // A quarter of a pixel to the right and half a pixel down.
        let sampled = sample(&pixels, &[1.0, 0.0, 0.25, 0.0, 1.0, 0.5], None);
        // Of each row 3/4 of the left and 1/4 of the right: 125 and 92.5.
        assert_close(sampled[5 * SIDE + 8] * 255.0, 108.75, "between all four");
        assert_close(sampled[4 * SIDE + 8] * 255.0, 62.5, "above them");
        assert_close(sampled[6 * SIDE + 8] * 255.0, 46.25, "below them");
        assert_close(
            sampled[5 * SIDE + 9] * 255.0,
            168.75,
            "to the right of them",
        );
        let lit = sampled.iter().filter(|value| **value > 0.0).count();
        assert_eq!(lit, 9);
    }

    #[test]
    fn everything_beyond_the_edge_is_black() {
        let white = [255; PIXELS];
        assert_eq!(sample(&white, &STAY, None), [1.0; PIXELS]);
        for (across, down) in [(0.5, 0.25), (-0.5, -0.25)] {
            let shifted = sample(&white, &[1.0, 0.0, across, 0.0, 1.0, down], None);
            let (column, row) = if across > 0.0 { (27, 27) } else { (0, 0) };
            assert_close(shifted[14 * SIDE + column], 0.5, "half beyond the edge");
            assert_close(shifted[row * SIDE + 14], 0.75, "a quarter beyond the edge");
            assert_close(shifted[row * SIDE + column], 0.375, "the corner");
            assert_eq!(shifted[14 * SIDE + 14], 1.0);
        }
        for far in [-1e6, -29.0, 29.0, 1e6] {
            let gone = sample(&white, &[1.0, 0.0, far, 0.0, 1.0, 0.0], None);
            assert_eq!(gone, [0.0; PIXELS], "{far} to the right");
            let gone = sample(&white, &[1.0, 0.0, 0.0, 0.0, 1.0, far], None);
            assert_eq!(gone, [0.0; PIXELS], "{far} down");
        }
    }

    #[test]
    fn the_kernel_is_that_of_cubic_convolution() {
        for (distance, weight) in [
            (0.0, 1.0),
            (0.25, 0.87890625),
            (0.5, 0.59375),
            (0.75, 0.26171875),
            (1.0, 0.0),
            (1.25, -0.10546875),
            (1.5, -0.09375),
            (1.75, -0.03515625),
            (2.0, 0.0),
        ] {
            assert_eq!(cubic(distance), weight, "at {distance}");
        }
    }

    #[test]
    fn each_pixel_is_interpolated_between_its_four_nearest_points() {
        let close = |pixel: usize, expected: [f32; BENDS]| {
            for (point, (found, expected)) in shares(pixel).into_iter().zip(expected).enumerate() {
                let what = format!("the share of point {point} in pixel {pixel}");
                assert_close(found, expected, &what);
            }
        };
        // At 5/3 of the distance between two points.
        let thirds = [-1.5, 10.0, 21.5, -3.0, 0.0, 0.0].map(|share| share / 27.0);
        close(9, thirds);
        let mut mirrored = thirds;
        mirrored.reverse();
        close(18, mirrored);
        close(0, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        close(27, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        // At 5/9: the first point is repeated to the left of itself.
        let near = [cubic(14.0 / 9.0) + cubic(5.0 / 9.0), cubic(4.0 / 9.0)];
        close(3, [near[0], near[1], cubic(13.0 / 9.0), 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_point_of_the_coarse_grid_moves_the_pixels_around_it() {
        let mut coarse = [[0.0; BENDS]; BENDS];
        coarse[2][4] = 2.0;
        let fine = interpolate(&coarse);
        let at = |column: usize, row: usize| fine[row * SIDE + column];
        assert_close(
            at(18, 9),
            2.0 * (10.0 / 27.0) * (21.5 / 27.0),
            "to the left",
        );
        assert_close(at(9, 18), 0.0, "far from it");
        assert_close(at(9, 9), 0.0, "beyond its reach");
        assert_close(at(18, 18), 2.0 * (10.0 / 27.0) * (-3.0 / 27.0), "below");
        assert!(at(22, 11) > 1.9, "{}", at(22, 11));
    }
}
