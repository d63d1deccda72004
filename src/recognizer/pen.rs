//! How wide the pen was, by how deep its strokes are.

use std::iter;

use image::GrayImage;

/// Mean distance from a pixel of ink (`level` or brighter) to the nearest pixel of paper, in pixels: a
/// quarter of the width of the strokes. 0 where there is no ink, infinite where there is no paper.
///
/// Exact, by columns and then by rows, as Felzenszwalb and Huttenlocher (2012) take it apart; along a
/// row only as far as something nearer can be, which is a pen's width.
pub(super) fn mean_depth(picture: &GrayImage, level: u8) -> f64 {
    if picture.iter().all(|&value| value >= level) {
        return if picture.is_empty() {
            0.0
        } else {
            f64::INFINITY
        };
    }
    let columns = squared_column_distances(picture, level);
    let mut nearest = vec![0.0f32; picture.width() as usize];
    let (mut count, mut sum) = (0u32, 0.0);
    for row in columns.chunks_exact(nearest.len()) {
        for run in runs(row) {
            let nearest = &mut nearest[..run.len()];
            squared_distances(run, nearest);
            for &squared in nearest.iter().filter(|squared| **squared > 0.0) {
                count += 1;
                sum += f64::from(squared).sqrt();
            }
        }
    }
    sum / f64::from(count.max(1))
}

/// The stretches of ink in a row of distances, each with the pixel of paper on either side: nothing
/// beyond that is nearer.
fn runs(row: &[f32]) -> impl Iterator<Item = &[f32]> {
    let is_ink = |squared: &f32| *squared > 0.0;
    let mut next = 0;
    iter::from_fn(move || {
        let start = next + row[next..].iter().position(is_ink)?;
        let length = row[start..].iter().position(|squared| !is_ink(squared));
        next = length.map_or(row.len(), |length| start + length);
        Some(&row[start.saturating_sub(1)..(next + 1).min(row.len())])
    })
}

/// Of each pixel the distance to the nearest paper above or below it, squared; infinite where there is
/// none. 32 bits hold the squares of whole distances exactly, up to 4096 pixels.
fn squared_column_distances(picture: &GrayImage, level: u8) -> Vec<f32> {
    let width = picture.width() as usize;
    let depth = |&value: &u8| if value >= level { f32::INFINITY } else { 0.0 };
    let mut distances: Vec<f32> = picture.iter().map(depth).collect();
    let rows = (width..distances.len()).step_by(width.max(1));
    for row in rows.clone() {
        let (above, below) = distances.split_at_mut(row);
        lower(&mut below[..width], &above[row - width..], 1.0);
    }
    for row in rows.rev() {
        let (above, below) = distances.split_at_mut(row);
        lower(&mut above[row - width..], &below[..width], 1.0);
    }
    for distance in &mut distances {
        *distance *= *distance;
    }
    distances
}

/// Makes of a run's squared distances along the columns those in any direction.
fn squared_distances(columns: &[f32], nearest: &mut [f32]) {
    nearest.copy_from_slice(columns);
    let deepest = columns.iter().copied().fold(0.0, f32::max);
    for aside in 1..columns.len() {
        let far = (aside * aside) as f32;
        // Where there is paper at both ends, nothing in between is farther than half of the run.
        let is_between = columns.first() == Some(&0.0) && columns.last() == Some(&0.0);
        if far >= deepest || is_between && 2 * aside > columns.len() {
            break;
        }
        let rest = columns.len() - aside;
        lower(&mut nearest[..rest], &columns[aside..], far);
        lower(&mut nearest[aside..], &columns[..rest], far);
    }
}

/// Takes for each distance the other one where that is nearer, `far` to the side.
fn lower(nearest: &mut [f32], others: &[f32], far: f32) {
    for (nearest, other) in nearest.iter_mut().zip(others) {
        // Not `min`, which minds what is no number, one value at a time.
        let other = other + far;
        *nearest = if other < *nearest { other } else { *nearest };
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;
    use imageproc::distance_transform::euclidean_squared_distance_transform;
    use imageproc::map::map_subpixels;

    use super::*;

    /// The same by another's transform of the whole picture.
    fn expected(picture: &GrayImage) -> f64 {
        let paper = map_subpixels(picture, |value| u8::from(value < 128));
        let squared = euclidean_squared_distance_transform(&paper);
        let inside: Vec<f64> = squared.iter().copied().filter(|d| *d > 0.0).collect();
        inside.iter().map(|d| d.sqrt()).sum::<f64>() / inside.len().max(1) as f64
    }

    #[test]
    fn depths_are_those_of_a_distance_transform() {
        let mut state = 1u32;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for (width, height) in [(1, 1), (1, 9), (9, 1), (40, 31), (64, 64)] {
            for share in [0, 3, 40, 200, 255] {
                let dots = GrayImage::from_fn(width, height, |_, _| {
                    Luma([if random() <= share { 0 } else { 255 }])
                });
                assert_eq!(mean_depth(&dots, 128), expected(&dots), "{share}: {dots:?}");
            }
        }
        let disc = GrayImage::from_fn(90, 70, |x, y| {
            let distance = (f64::from(x) - 40.0).hypot(f64::from(y) - 30.0);
            Luma([if distance < 25.0 { 200 } else { 100 }])
        });
        assert_eq!(mean_depth(&disc, 128), expected(&disc));
    }

    #[test]
    fn without_ink_there_is_no_depth_and_without_paper_no_end() {
        assert_eq!(mean_depth(&GrayImage::new(5, 5), 128), 0.0);
        let ink = GrayImage::from_pixel(5, 5, Luma([255]));
        assert_eq!(mean_depth(&ink, 128), f64::INFINITY);
    }
}
