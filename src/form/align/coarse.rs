//! Where a form may lie in a photo: all angles, sizes and places are tried on small maps of ink.

use rayon::prelude::*;

use super::ink_map::InkMap;
use crate::form::plane_map::PlaneMap;

/// Greatest rotation that is tried, and the distance between two, in degrees.
const MAX_DEGREES: i32 = 24;
const DEGREES: usize = 4;

/// Smallest and greatest size of the form, as a share of the photo's longer side, and the factor
/// between two sizes.
const SMALLEST: f64 = 0.4;
const LARGEST: f64 = 1.15;
const FACTOR: f64 = 1.1;

/// Distance between two places, in pixels of the small maps, which are blurred by as much.
const STEP: usize = 2;

/// The share of the form that must lie in the photo.
const MIN_INSIDE: f64 = 0.75;

/// How many of the best starts are returned.
const KEPT: usize = 16;

/// The most promising maps from pixels of `reference` to pixels of `photo`, the best first.
pub(super) fn starts(reference: &InkMap, photo: &InkMap) -> Vec<PlaneMap> {
    let longer = |map: &InkMap| map.width.max(map.height) as f64;
    let whole = longer(photo) / longer(reference);
    let sizes = (0..)
        .map(|step| SMALLEST * FACTOR.powi(step))
        .take_while(|&size| size <= LARGEST);
    let angles = (-MAX_DEGREES..=MAX_DEGREES).step_by(DEGREES);
    let poses: Vec<(f64, f64)> = sizes
        .flat_map(|size| angles.clone().map(move |degrees| (size * whole, degrees)))
        .map(|(scale, degrees)| (scale, f64::from(degrees).to_radians()))
        .collect();
    let template = Template::new(reference);
    let mut found: Vec<(f64, PlaneMap)> = poses
        .into_par_iter()
        .flat_map_iter(|(scale, angle)| template.best_places(photo, scale, angle))
        .collect();
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    found.into_iter().take(KEPT).map(|(_, map)| map).collect()
}

/// Points of the reference, relative to its centre, with their ink.
struct Template {
    centre: [f64; 2],
    points: Vec<([f64; 2], f32)>,
}

impl Template {
    fn new(reference: &InkMap) -> Self {
        let centre = [reference.width, reference.height].map(|length| (length as f64 - 1.0) / 2.0);
        let rows = (0..reference.height).step_by(STEP);
        let points = rows.flat_map(|y| {
            let columns = (0..reference.width).step_by(STEP);
            columns.map(move |x| {
                let place = [x as f64 - centre[0], y as f64 - centre[1]];
                (place, reference.at(x, y))
            })
        });
        Self {
            centre,
            points: points.collect(),
        }
    }

    /// The best two places for one size and angle, with their scores.
    fn best_places(&self, photo: &InkMap, scale: f64, angle: f64) -> Vec<(f64, PlaneMap)> {
        let (sine, cosine) = angle.sin_cos();
        let turned: Vec<([i32; 2], f32)> = self
            .points
            .iter()
            .map(|&([x, y], ink)| {
                let place = [
                    scale * (x * cosine - y * sine),
                    scale * (x * sine + y * cosine),
                ];
                (place.map(|at| at.round() as i32), ink)
            })
            .collect();
        let mut places: Vec<(f64, [f64; 2])> = vec![];
        for y in (0..photo.height).step_by(STEP) {
            for x in (0..photo.width).step_by(STEP) {
                if let Some(score) = score(&turned, photo, [x as i32, y as i32]) {
                    places.push((score, [x as f64, y as f64]));
                }
            }
        }
        places.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let to_map = |(score, [x, y]): (f64, [f64; 2])| {
            let [left, top] = self.centre;
            let shift = [
                x - scale * (left * cosine - top * sine),
                y - scale * (left * sine + top * cosine),
            ];
            (score, PlaneMap::similarity(angle, scale, shift))
        };
        places.into_iter().take(2).map(to_map).collect()
    }
}

/// The correlation of the template's ink with the photo's when its centre lies at a place, -1 to 1;
/// none where too much of it lies outside.
fn score(template: &[([i32; 2], f32)], photo: &InkMap, [x, y]: [i32; 2]) -> Option<f64> {
    let (width, height) = (photo.width as i32, photo.height as i32);
    let (mut count, mut own, mut other) = (0.0_f64, [0.0_f64; 2], [0.0_f64; 2]);
    let mut both = 0.0_f64;
    for &([across, down], ink) in template {
        let (column, row) = (x + across, y + down);
        if (0..width).contains(&column) && (0..height).contains(&row) {
            let (ink, seen) = (
                f64::from(ink),
                f64::from(photo.at(column as usize, row as usize)),
            );
            count += 1.0;
            own[0] += ink;
            own[1] += ink * ink;
            other[0] += seen;
            other[1] += seen * seen;
            both += ink * seen;
        }
    }
    if count < MIN_INSIDE * template.len() as f64 {
        return None;
    }
    let spread = |[sum, squares]: [f64; 2]| squares - sum * sum / count;
    let product = spread(own) * spread(other);
    (product > 0.0).then(|| (both - own[0] * other[0] / count) / product.sqrt())
}
