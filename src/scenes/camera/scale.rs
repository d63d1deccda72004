//! Scaling of pictures.

use super::super::Plane;

/// A smaller plane: each pixel is the mean of the area it covers.
pub fn shrunk(plane: &Plane, width: usize, height: usize) -> Plane {
    let rows = area_rows(plane, height);
    let mut out = Plane::new(width, height, 0.0);
    let scale = plane.width as f32 / width as f32;
    for y in 0..height {
        let source = &rows.values[y * rows.width..][..rows.width];
        for (x, value) in out.row_mut(y).iter_mut().enumerate() {
            let mut sum = 0.0;
            for (from, weight) in area(x, scale, rows.width) {
                sum += weight * source[from];
            }
            *value = sum;
        }
    }
    out
}

/// A plane reduced to `height` rows, each the mean of those it covers.
fn area_rows(plane: &Plane, height: usize) -> Plane {
    let mut out = Plane::new(plane.width, height, 0.0);
    let scale = plane.height as f32 / height as f32;
    for y in 0..height {
        for (from, weight) in area(y, scale, plane.height) {
            let source = &plane.values[from * plane.width..][..plane.width];
            for (value, part) in out.row_mut(y).iter_mut().zip(source) {
                *value += weight * part;
            }
        }
    }
    out
}

/// The pixels that a pixel of a smaller picture covers, with their weights.
fn area(place: usize, scale: f32, limit: usize) -> impl Iterator<Item = (usize, f32)> {
    let (start, end) = (place as f32 * scale, (place + 1) as f32 * scale);
    let last = (end.ceil() as usize).min(limit);
    (start as usize..last).map(move |from| {
        let covered = end.min(from as f32 + 1.0) - start.max(from as f32);
        (from, covered.max(0.0) / scale)
    })
}

/// A larger plane: smooth (bilinear), or with pixels as blocks (nearest neighbour).
pub fn enlarged(plane: &Plane, width: usize, height: usize, smooth: bool) -> Plane {
    let mut out = Plane::new(width, height, 0.0);
    let across: Vec<_> = (0..width)
        .map(|x| source(x, plane.width as f32 / width as f32, plane.width, smooth))
        .collect();
    let mut row = vec![0.0; plane.width];
    for y in 0..height {
        let scale = plane.height as f32 / height as f32;
        let (above, below, share) = source(y, scale, plane.height, smooth);
        let above = &plane.values[above * plane.width..][..plane.width];
        let below = &plane.values[below * plane.width..][..plane.width];
        for (x, value) in row.iter_mut().enumerate() {
            *value = above[x] + (below[x] - above[x]) * share;
        }
        for (value, (left, right, share)) in out.row_mut(y).iter_mut().zip(&across) {
            *value = row[*left] + (row[*right] - row[*left]) * share;
        }
    }
    out
}

/// The two source pixels around a pixel of a larger picture, and the weight of the second.
fn source(place: usize, scale: f32, limit: usize, smooth: bool) -> (usize, usize, f32) {
    let middle = (place as f32 + 0.5) * scale;
    if !smooth {
        let nearest = (middle as usize).min(limit - 1);
        return (nearest, nearest, 0.0);
    }
    let middle = (middle - 0.5).clamp(0.0, limit as f32 - 1.0);
    let first = middle as usize;
    (first, (first + 1).min(limit - 1), middle - first as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_keeps_mean_and_position() {
        let mut plane = Plane::new(60, 40, 0.0);
        for y in 10..20 {
            plane.row_mut(y)[15..30].fill(1.0);
        }
        let mean = |plane: &Plane| plane.values.iter().sum::<f32>() / plane.values.len() as f32;
        let small = shrunk(&plane, 17, 13);
        assert!((mean(&small) - mean(&plane)).abs() < 1e-4);
        for smooth in [true, false] {
            let again = enlarged(&small, 60, 40, smooth);
            assert!(again.at(22, 15) > 0.9 && again.at(8, 15) < 0.1 && again.at(22, 26) < 0.1);
        }
        assert_eq!(enlarged(&shrunk(&plane, 60, 40), 60, 40, false), plane);
    }
}
