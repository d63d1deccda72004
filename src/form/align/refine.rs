//! A map from a form to a photo made exact: the correlation of their ink is maximised step by step
//! (enhanced correlation coefficient: Evangelidis and Psarakis, 2008).

use nalgebra::{DMatrix, DVector};

use super::ink_map::InkMap;
use crate::form::plane_map::PlaneMap;

/// Most points of the reference that are compared: those where its ink changes most.
const MAX_POINTS: usize = 12_000;

/// The least share of the points that must lie in the photo.
const MIN_INSIDE: f64 = 0.6;

/// Movement of the form's corners in pixels below which the steps end.
const STILL: f64 = 0.02;

/// What a map may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freedom {
    /// Shift, turn, scale and shear: parallels stay parallel.
    Affine = 6,
    /// Perspective too.
    Full = 8,
}

/// The reference at one size, as points to compare.
pub(super) struct Points {
    places: Vec<([f64; 2], f64)>,
    corners: [[f64; 2]; 4],
    middle: [f64; 2],
    half: f64,
}

impl Points {
    pub(super) fn new(reference: &InkMap) -> Self {
        let (width, height) = (reference.width, reference.height);
        let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let mut ranked: Vec<(f32, (usize, usize))> =
            all.map(|(x, y)| (reference.edge(x, y), (x, y))).collect();
        if ranked.len() > MAX_POINTS {
            ranked.select_nth_unstable_by(MAX_POINTS, |(a, _), (b, _)| b.total_cmp(a));
            ranked.truncate(MAX_POINTS);
        }
        let place = |&(_, (x, y)): &(f32, (usize, usize))| {
            ([x as f64, y as f64], f64::from(reference.at(x, y)))
        };
        let [right, bottom] = [width, height].map(|length| length as f64 - 1.0);
        Self {
            places: ranked.iter().map(place).collect(),
            corners: [[0.0, 0.0], [right, 0.0], [right, bottom], [0.0, bottom]],
            middle: [right / 2.0, bottom / 2.0],
            half: right.max(bottom).max(2.0) / 2.0,
        }
    }

    /// The map after at most `steps` steps, and the correlation of the ink, -1 to 1; none where the
    /// form leaves the photo.
    pub(super) fn refine(
        &self,
        photo: &InkMap,
        start: &PlaneMap,
        freedom: Freedom,
        steps: usize,
    ) -> Option<(PlaneMap, f64)> {
        // Coordinates of the reference from -1 to 1 make the equations well conditioned.
        let unit = PlaneMap::similarity(0.0, self.half, self.middle);
        let mut map = unit.then(start);
        let mut correlation = None;
        for _ in 0..steps {
            let (step, now) = self.step(photo, &map, freedom)?;
            correlation = Some(now);
            let mut elements = map.elements();
            for (element, change) in elements.iter_mut().zip(step.iter()) {
                *element += change;
            }
            let next = PlaneMap::new(elements)?;
            let moved = self.corners.map(|corner| {
                let ([x, y], [u, v]) = (map.at(self.unit(corner)), next.at(self.unit(corner)));
                (x - u).hypot(y - v)
            });
            map = next;
            if moved.into_iter().fold(0.0, f64::max) < STILL {
                break;
            }
        }
        Some((unit.inverse().then(&map), correlation?))
    }

    fn unit(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [
            (x - self.middle[0]) / self.half,
            (y - self.middle[1]) / self.half,
        ]
    }

    /// The change of the map's elements that increases the correlation most, and the correlation
    /// before it.
    fn step(
        &self,
        photo: &InkMap,
        map: &PlaneMap,
        freedom: Freedom,
    ) -> Option<(DVector<f64>, f64)> {
        let unknowns = freedom as usize;
        let [_, _, _, _, _, _, g, h, _] = map.elements();
        let (mut expected, mut seen, mut slopes) = (vec![], vec![], vec![]);
        for &(place, ink) in &self.places {
            let [x, y] = self.unit(place);
            let [u, v] = map.at([x, y]);
            let Some((value, [across, down])) = photo.sample([u, v]) else {
                continue;
            };
            let depth = g * x + h * y + 1.0;
            let (across, down) = (across / depth, down / depth);
            let along = -(across * u + down * v);
            let slope = [
                across * x,
                across * y,
                across,
                down * x,
                down * y,
                down,
                along * x,
                along * y,
            ];
            expected.push(ink);
            seen.push(value);
            slopes.extend_from_slice(&slope[..unknowns]);
        }
        let count = expected.len();
        if (count as f64) < MIN_INSIDE * self.places.len() as f64 || count < 4 * unknowns {
            return None;
        }
        let centred = |values: Vec<f64>| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            DVector::from_iterator(count, values.into_iter().map(|value| value - mean))
        };
        let (expected, seen) = (centred(expected), centred(seen));
        let mut slopes = DMatrix::from_row_slice(count, unknowns, &slopes);
        for mut column in slopes.column_iter_mut() {
            let mean = column.mean();
            column.add_scalar_mut(-mean);
        }
        let correlation = expected.dot(&seen) / (expected.norm() * seen.norm()).max(1e-12);
        let normal = slopes.tr_mul(&slopes).cholesky()?;
        let (of_seen, of_expected) = (slopes.tr_mul(&seen), slopes.tr_mul(&expected));
        let solved = normal.solve(&of_seen);
        let gain = (seen.norm_squared() - of_seen.dot(&solved))
            / (expected.dot(&seen) - of_expected.dot(&solved));
        let gain = if gain.is_finite() && gain > 0.0 {
            gain
        } else {
            1.0
        };
        let error = expected * gain - seen;
        Some((normal.solve(&slopes.tr_mul(&error)), correlation))
    }
}
