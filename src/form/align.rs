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

/// A form whose maps are made once for all photos.
pub struct Aligner {
    rough: InkMap,
    levels: Vec<Level>,
    exact: Level,
}

/// A form on one map.
struct Level {
    size: (u32, f32),
    form: InkMap,
    points: Points,
}

impl Level {
    fn new(reference: &GrayImage, size: (u32, f32)) -> Self {
        let form = InkMap::new(reference, size.0, size.1);
        Self {
            size,
            points: Points::new(&form),
            form,
        }
    }

    fn seen(&self, photo: &GrayImage) -> InkMap {
        InkMap::new(photo, self.size.0, self.size.1)
    }

    /// A better alignment from one that is nearly right; none where the form leaves the photo.
    fn refine(&self, seen: &InkMap, start: &PlaneMap, freedom: Freedom) -> Option<Alignment> {
        let [form, photo] = [self.form.scale, seen.scale];
        let start = PlaneMap::scaling(1.0 / form)
            .then(start)
            .then(&PlaneMap::scaling(photo));
        let (map, similarity) = self.points.refine(seen, &start, freedom, STEPS)?;
        let map = PlaneMap::scaling(form)
            .then(&map)
            .then(&PlaneMap::scaling(1.0 / photo));
        Some(Alignment { map, similarity })
    }
}

impl Aligner {
    /// For a form with this reference picture.
    pub fn new(reference: &GrayImage) -> Self {
        Self {
            rough: InkMap::new(reference, ROUGH.0, ROUGH.1),
            levels: LEVELS.map(|size| Level::new(reference, size)).into(),
            exact: Level::new(reference, EXACT),
        }
    }

    /// Lays the form over a photo; none where it fits nowhere.
    pub fn align(&self, photo: &GrayImage) -> Option<Alignment> {
        let seen = InkMap::new(photo, ROUGH.0, ROUGH.1);
        let to_form = PlaneMap::scaling(self.rough.scale);
        let to_photo = PlaneMap::scaling(1.0 / seen.scale);
        let starts = coarse::starts(&self.rough, &seen);
        let (first, finer) = self.levels.split_first()?;
        let seen = first.seen(photo);
        let refined = starts.par_iter().filter_map(|start| {
            let start = to_form.then(start).then(&to_photo);
            let affine = first.refine(&seen, &start, Freedom::Affine)?;
            first.refine(&seen, &affine.map, Freedom::Full)
        });
        let rough = refined.max_by(|a, b| a.similarity.total_cmp(&b.similarity))?;
        let refine = |level: &Level, start: &Alignment| {
            level.refine(&level.seen(photo), &start.map, Freedom::Full)
        };
        let compared = finer
            .iter()
            .try_fold(rough, |start, level| refine(level, &start))?;
        let exact = refine(&self.exact, &compared)?;
        Some(Alignment {
            similarity: compared.similarity,
            ..exact
        })
    }
}

#[cfg(test)]
mod tests;
