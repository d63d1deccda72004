//! From a seed and an index to a picture with its labels.

pub(super) mod inking;
pub(super) mod medium;
pub(super) mod readability;

use std::sync::Arc;

use image::GrayImage;

use super::camera::View;
use super::light;
use super::material::Material;
use super::page::Page;
use super::surface::Surface;
use super::{Digit, Scene, Split};
use crate::random::SeededRng;
use inking::Inking;
use medium::Medium;

/// Most attempts at a scene whose digits cannot be read.
const MAX_ATTEMPTS: u64 = 3;

/// How often a picture is letterboxed, as if it had not been square.
const LETTERBOX_SHARE: f64 = 0.08;

/// An unlimited number of scenes, the same for the same material, split, side, seed and index.
pub struct Scenes {
    material: Arc<Material>,
    split: Split,
}

impl Scenes {
    /// Scenes from one split of the material, which may be shared with other `Scenes`.
    pub fn new(material: Arc<Material>, split: Split) -> Self {
        Self { material, split }
    }

    /// Scene `index` for this `seed`: a square picture of `side` pixels, 64 to 1024.
    pub fn render(&self, side: usize, seed: u64, index: u64) -> Scene {
        let mut rng = SeededRng::new(seed, index);
        let mut scene = self.attempt(side, &mut rng);
        for _ in 1..MAX_ATTEMPTS {
            let lost = scene.digits.iter().filter(|digit| !digit.readable).count();
            if 2 * lost <= scene.digits.len() {
                break;
            }
            scene = self.attempt(side, &mut rng);
        }
        scene
    }

    fn attempt(&self, side: usize, rng: &mut SeededRng) -> Scene {
        let (mut medium, pens) = Medium::new(rng);
        let mut page = Page::compose(&self.material, self.split, side, pens.first.width(), rng);
        if page.marks.is_empty() && rng.random_bool(0.6) {
            medium = Medium::scenery(rng);
        }
        let view = match medium.straight {
            true => View::straight(side, side),
            false => View::new(side, side, rng),
        };
        let texture = self.material.texture(self.split, rng);
        let line_height = page.line_height;
        let mut surface =
            Surface::paint(medium.surface, side, side, &view, line_height, texture, rng);
        page.squeeze(&surface.room, side);
        let pens = pens.fit(&page, rng);
        let inking = Inking::draw(&page, &pens, &view, side, rng);
        inking.write_on(&mut surface, rng);
        let mut plane = surface.plane;
        if medium.lit {
            light::shine(&mut plane, rng);
        }
        let (height, stroke) = inking.finest();
        let camera = (medium.camera)(rng);
        let mut grey = camera.take(plane, height, stroke, rng);
        let digits = inking.digits.iter().map(|inked| Digit {
            class: inked.class,
            bounds: inked.bounds,
            centre: inked.centre,
            readable: readability::readable(&grey, inked, &inking),
        });
        // Judged before the bands are added, which hide nothing but would count as noise.
        let digits = digits.collect();
        if rng.random_bool(LETTERBOX_SHARE) {
            letterbox(&mut grey, &inking, rng);
        }
        Scene {
            digits,
            grey,
            digit_ink: inking.digit_ink,
            other_ink: inking.other_ink,
        }
    }
}

/// Letterboxes the picture: adds bands of one tone outside all writing, above and below or at both
/// sides.
fn letterbox(picture: &mut GrayImage, inking: &Inking, rng: &mut SeededRng) {
    let side = picture.width();
    let level = rng.random_bool(0.5);
    let (mut start, mut end) = (side, 0);
    let inks = [&inking.digit_ink, &inking.other_ink];
    for (x, y, _) in inks.iter().flat_map(|ink| {
        let pixels = ink.enumerate_pixels();
        pixels.filter(|(_, _, pixel)| pixel[0] > 0)
    }) {
        let at = if level { y } else { x };
        start = start.min(at);
        end = end.max(at + 1);
    }
    if start >= end {
        (start, end) = (side * 2 / 5, side * 3 / 5);
    }
    let first = (f64::from(start) * rng.uniform(0.2, 0.95)) as u32;
    let last = side - (f64::from(side - end) * rng.uniform(0.2, 0.95)) as u32;
    let tone = *rng.choose(&[0, 0, 128, 255, 255]);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let at = if level { y } else { x };
        if at < first || at >= last {
            pixel.0 = [tone];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::characters::{CHARACTERS, is_digit};
    use crate::scenes::Bounds;
    use rayon::prelude::*;

    fn scenes(split: Split) -> Scenes {
        Scenes::new(Arc::new(Material::builtin()), split)
    }

    #[test]
    fn a_scene_depends_on_its_seed_and_index_alone() {
        let scenes = scenes(Split::Training);
        let alone: Vec<_> = (0..24).map(|index| scenes.render(128, 5, index)).collect();
        let threads = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        let together: Vec<_> = threads.unwrap().install(|| {
            let indices = (0..24).into_par_iter();
            indices.map(|index| scenes.render(128, 5, index)).collect()
        });
        for (a, b) in alone.iter().zip(&together) {
            assert_eq!(a.grey, b.grey);
            assert_eq!(a.digits, b.digits);
            assert_eq!(a.digit_ink, b.digit_ink);
        }
        assert_ne!(alone[0].grey, scenes.render(128, 6, 0).grey);
    }

    #[test]
    fn boxes_lie_in_the_picture_and_hold_the_ink() {
        let scenes = scenes(Split::Validation);
        for index in 0..60 {
            let scene = scenes.render(256, 1, index);
            for (x, y, pixel) in scene.digit_ink.enumerate_pixels() {
                let [x, y] = [x as f32, y as f32];
                let held = scene.digits.iter().any(|digit| {
                    let bounds = &digit.bounds;
                    (bounds.left..bounds.right).contains(&x)
                        && (bounds.top..bounds.bottom).contains(&y)
                });
                assert!(pixel[0] == 0 || held, "scene {index}: ink at {x}, {y}");
            }
            for digit in &scene.digits {
                let bounds = digit.bounds;
                assert_eq!(bounds, bounds.clipped(256, 256));
                assert!(bounds.width() > 0.0 && bounds.height() > 0.0);
            }
        }
    }

    #[test]
    fn the_box_of_a_sign_holds_its_ink_and_is_as_high_as_the_digits_around() {
        let scenes = scenes(Split::Training);
        let (mut signs, mut alike) = (0, 0);
        for index in 0..300 {
            let scene = scenes.render(256, 3, index);
            let digits = scene.digits.iter().filter(|digit| is_digit(digit.class));
            let mut heights: Vec<f32> = digits.map(|digit| digit.bounds.height()).collect();
            heights.sort_by(f32::total_cmp);
            let Some(&typical) = heights.get(heights.len() / 2) else {
                continue;
            };
            for sign in scene.digits.iter().filter(|digit| !is_digit(digit.class)) {
                let Bounds {
                    left,
                    top,
                    right,
                    bottom,
                } = sign.bounds;
                let [x, y] = sign.centre;
                assert!(
                    (left..right).contains(&x) && (top..bottom).contains(&y),
                    "{sign:?}"
                );
                signs += 1;
                alike += u32::from((0.7..1.6).contains(&(sign.bounds.height() / typical)));
            }
        }
        assert!(signs > 50 && 10 * alike > 8 * signs, "{alike} of {signs}");
    }

    #[test]
    fn digits_of_every_class_can_mostly_be_read() {
        let scenes = scenes(Split::Training);
        let (mut all, mut readable) = ([0_u32; CHARACTERS], [0_u32; CHARACTERS]);
        for digit in (0..900).flat_map(|index| scenes.render(128, 2, index).digits) {
            all[usize::from(digit.class)] += 1;
            readable[usize::from(digit.class)] += u32::from(digit.readable);
        }
        for class in 0..CHARACTERS {
            // Signs are smaller, and lost more often.
            let least = if class < 10 { 8 } else { 4 };
            assert!(
                readable[class] * 10 > all[class] * least,
                "{readable:?} of {all:?}"
            );
        }
    }
}
