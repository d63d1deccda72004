//! Maps from one plane to another: homographies, as between two pictures of one flat sheet.

use nalgebra::{Matrix3, Vector3};

/// A map of points of the reference to points of a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaneMap(Matrix3<f64>);

impl PlaneMap {
    /// The map with these elements, row by row; none that cannot be inverted.
    pub(super) fn new(elements: [f64; 9]) -> Option<Self> {
        let matrix = Matrix3::from_row_slice(&elements);
        let can_be_inverted = matrix.iter().all(|element| element.is_finite())
            && matrix.determinant().abs() > f64::EPSILON;
        can_be_inverted.then_some(Self(matrix))
    }

    /// Turns by `angle` radians clockwise, scales, and shifts.
    pub(super) fn similarity(angle: f64, scale: f64, shift: [f64; 2]) -> Self {
        let (sine, cosine) = angle.sin_cos();
        Self(Matrix3::new(
            scale * cosine,
            -scale * sine,
            shift[0],
            scale * sine,
            scale * cosine,
            shift[1],
            0.0,
            0.0,
            1.0,
        ))
    }

    /// Scales both axes alike.
    pub(super) fn scaling(factor: f64) -> Self {
        Self::similarity(0.0, factor, [0.0, 0.0])
    }

    /// First `self`, then `next`.
    pub(super) fn then(&self, next: &Self) -> Self {
        Self(next.0 * self.0)
    }

    /// The map back; the same map where there is none.
    pub fn inverse(&self) -> Self {
        Self(self.0.try_inverse().unwrap_or(self.0))
    }

    /// Where a point comes to lie.
    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let mapped = self.0 * Vector3::new(x, y, 1.0);
        [mapped.x / mapped.z, mapped.y / mapped.z]
    }

    /// Its elements, row by row, the last of them 1.
    pub(super) fn elements(&self) -> [f64; 9] {
        let last = self.0[(2, 2)];
        std::array::from_fn(|at| self.0[(at / 3, at % 3)] / last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_and_its_inverse_lead_back() {
        let map = PlaneMap::new([1.1, 0.2, 5.0, -0.1, 0.9, 7.0, 1e-4, -2e-4, 1.0]).unwrap();
        let [x, y] = map.inverse().at(map.at([120.0, 80.0]));
        assert!((x - 120.0).abs() < 1e-6 && (y - 80.0).abs() < 1e-6);
        let turned = PlaneMap::similarity(std::f64::consts::FRAC_PI_2, 2.0, [10.0, 0.0]);
        let [x, y] = turned.at([3.0, 0.0]);
        assert!((x - 10.0).abs() < 1e-9 && (y - 6.0).abs() < 1e-9);
        let both = turned.then(&PlaneMap::scaling(0.5));
        assert!((both.at([3.0, 0.0])[1] - 3.0).abs() < 1e-9);
        assert!(PlaneMap::new([1.0, 2.0, 3.0, 2.0, 4.0, 6.0, 0.0, 0.0, 1.0]).is_none());
    }
}
