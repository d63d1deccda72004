//! Lays a form over a photo of it: found roughly on small maps of ink, then exactly on larger ones.

mod coarse;
mod ink_map;
mod refine;

use super::plane_map::PlaneMap;

use image::GrayImage;
use rayon::prelude::*;

use ink_map::InkMap;
use refine::{Freedom, Points};

/// Longer sides of the maps, in pixels, and the blur on each, from rough to exact. The last tells the
/// place best, the one before it how alike both are: what is written in the form, and how sharp the
/// photo is, matter less there.
const ROUGH: (u32, f32) = (96, 2.0);
const LEVELS: [(u32, f32); 3] = [(96, 1.5), (192, 1.5), (384, 1.5)];
const EXACT: (u32, f32) = (768, 1.5);

/// Most steps on a level.
const STEPS: usize = 30;

/// Where a form lies in a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// From pixels of the form's reference picture to pixels of the photo.
    pub map: PlaneMap,
    /// How alike both are, at most 1: the correlation of their ink, where the form has any.
    pub similarity: f64,
}

/// Lays a form, given its reference picture, over a photo; none where it fits nowhere.
pub fn align(reference: &GrayImage, photo: &GrayImage) -> Option<Alignment> {
    let maps = |(side, blur): (u32, f32)| {
        [reference, photo].map(|picture| InkMap::new(picture, side, blur))
    };
    let [form, seen] = maps(ROUGH);
    let scaled = |map: &PlaneMap, form: &InkMap, seen: &InkMap| {
        let to_reference = PlaneMap::scaling(1.0 / form.scale);
        to_reference.then(map).then(&PlaneMap::scaling(seen.scale))
    };
    let full = |map: &PlaneMap, form: &InkMap, seen: &InkMap| {
        let from_reference = PlaneMap::scaling(form.scale);
        from_reference
            .then(map)
            .then(&PlaneMap::scaling(1.0 / seen.scale))
    };
    let starts = coarse::starts(&form, &seen);
    let starts: Vec<PlaneMap> = starts.iter().map(|map| full(map, &form, &seen)).collect();

    let [form, seen] = maps(LEVELS[0]);
    let points = Points::new(&form);
    let refined = starts.par_iter().filter_map(|start| {
        let start = scaled(start, &form, &seen);
        let (affine, _) = points.refine(&seen, &start, Freedom::Affine, STEPS)?;
        let (map, similarity) = points.refine(&seen, &affine, Freedom::Full, STEPS)?;
        Some(Alignment {
            map: full(&map, &form, &seen),
            similarity,
        })
    });
    let rough = refined.max_by(|a, b| a.similarity.total_cmp(&b.similarity))?;
    let finer = |start: &Alignment, level: (u32, f32)| {
        let [form, seen] = maps(level);
        let start = scaled(&start.map, &form, &seen);
        let points = Points::new(&form);
        let (map, similarity) = points.refine(&seen, &start, Freedom::Full, STEPS)?;
        Some(Alignment {
            map: full(&map, &form, &seen),
            similarity,
        })
    };
    let compared = LEVELS[1..]
        .iter()
        .try_fold(rough, |start, &level| finer(&start, level))?;
    let exact = finer(&compared, EXACT)?;
    Some(Alignment {
        similarity: compared.similarity,
        ..exact
    })
}

#[cfg(test)]
mod tests;
