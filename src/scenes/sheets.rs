//! Photos of whole sheets of numbers, as people take them to have the numbers typed in.

mod frame;
mod overview;

use std::sync::Arc;

use image::GrayImage;
use strum::IntoEnumIterator;

use super::camera::View;
use super::light;
use super::material::Material;
use super::page::{NumberSheet, SheetKind};
use super::scene::inking::Inking;
use super::scene::medium::Medium;
use super::scene::readability::readable;
use super::surface::Surface;
use super::{Split, TrueTable};
use crate::random::SeededRng;
pub use frame::SheetPhoto;
pub use overview::overview;

/// Most attempts at a photo of which a person could read less than [`MIN_READABLE`] of the digits.
const MAX_ATTEMPTS: usize = 4;
const MIN_READABLE: f64 = 0.98;

/// Least reflectance of the paper: on darker paper nobody writes tables.
const MIN_PAPER: f32 = 0.6;

/// An unlimited number of photographed sheets, the same for the same seed and index.
pub struct Sheets {
    material: Arc<Material>,
    split: Split,
    /// Longest side of a picture in pixels, about 512 to 2048; most pictures are a little smaller.
    pub side: usize,
    /// Whether numbers have signs, as in `-3.5` and `12:30`.
    pub has_signs: bool,
    /// Whether pictures may be turned by 90°, 180° and 270°.
    pub has_turns: bool,
}

impl Sheets {
    /// Sheets from one split of the material, upright and without signs.
    pub fn new(material: Arc<Material>, split: Split, side: usize) -> Self {
        Self {
            material,
            split,
            side,
            has_signs: false,
            has_turns: false,
        }
    }

    /// Sheet `index` for this `seed`; the kinds take turns.
    pub fn render(&self, seed: u64, index: u64) -> SheetPhoto {
        let kinds: Vec<SheetKind> = SheetKind::iter().collect();
        let kind = kinds[(index % kinds.len() as u64) as usize];
        let mut rng = SeededRng::new(seed, index);
        let (mut photo, mut share) = self.attempt(kind, &mut rng);
        for _ in 1..MAX_ATTEMPTS {
            if share >= MIN_READABLE {
                break;
            }
            (photo, share) = self.attempt(kind, &mut rng);
        }
        if self.has_turns {
            photo = photo.turned(rng.below(4) as u8);
        }
        photo
    }

    /// One photo, and the share of its digits that a person could read.
    fn attempt(&self, kind: SheetKind, rng: &mut SeededRng) -> (SheetPhoto, f64) {
        let side = self.side;
        let (medium, pens) = Medium::sheet(rng);
        let width = pens.first.width();
        let sheet =
            NumberSheet::compose(&self.material, self.split, kind, self.has_signs, width, rng);
        let view = match medium.straight {
            true => View::straight(side, side),
            false => View::new(side, side, rng),
        };
        let mut surface = self.paper(&medium, &sheet, &view, rng);
        let (scale, shift) = frame::fit(&sheet, &surface.room, &view, side, rng);
        let (page, tables) = sheet.fit(scale, shift, side, rng);
        let pens = pens.fit(&page, rng);
        let inking = Inking::draw(&page, &pens, &view, side, rng);
        inking.write_on(&mut surface, rng);
        let mut plane = surface.plane;
        light::shine(&mut plane, rng);
        let (height, stroke) = inking.finest();
        let picture = (medium.camera)(rng).take(plane, height, stroke, rng);
        let digits = inking.digits.iter();
        let read = digits.filter(|digit| readable(&picture, digit, &inking));
        let share = read.count() as f64 / inking.digits.len().max(1) as f64;
        let place = |table: TrueTable| table.mapped(|point| view.to_view(point));
        let photo = SheetPhoto {
            kind,
            picture,
            tables: tables.into_iter().map(place).collect(),
        };
        let ink = ink(&inking);
        (photo.cropped(&ink, rng), share)
    }

    /// Light paper.
    fn paper(
        &self,
        medium: &Medium,
        sheet: &NumberSheet,
        view: &View,
        rng: &mut SeededRng,
    ) -> Surface {
        let side = self.side;
        let longest = sheet
            .extent()
            .map_or(1.0, |all| all.width().max(all.height()));
        let line_height = 1.3 * side as f32 / longest;
        loop {
            let texture = self.material.texture(self.split, rng);
            let surface =
                Surface::paint(medium.surface, side, side, view, line_height, texture, rng);
            if surface.ink.ground > MIN_PAPER {
                return surface;
            }
        }
    }
}

/// All ink, 255 where there is any.
fn ink(inking: &Inking) -> GrayImage {
    let mut all = inking.digit_ink.clone();
    for (byte, other) in all.iter_mut().zip(inking.other_ink.iter()) {
        *byte = (*byte).max(*other);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets(has_turns: bool) -> Sheets {
        let mut sheets = Sheets::new(Arc::new(Material::builtin()), Split::Validation, 512);
        sheets.has_turns = has_turns;
        sheets
    }

    #[test]
    fn a_sheet_depends_on_its_seed_and_index_alone() {
        let sheets = sheets(true);
        let (one, other) = (sheets.render(5, 3), sheets.render(5, 3));
        assert_eq!(one.picture, other.picture);
        assert_eq!(one.tables, other.tables);
        assert_ne!(one.picture, sheets.render(6, 3).picture);
    }

    #[test]
    fn all_cells_lie_in_the_picture_however_it_is_turned() {
        let sheets = sheets(true);
        for index in 0..7 {
            let photo = sheets.render(1, index);
            let [width, height] = [photo.picture.width(), photo.picture.height()];
            for cell in photo.tables.iter().flat_map(|table| &table.cells) {
                for [x, y] in cell.corners {
                    let inside = (0.0..=width as f32).contains(&x);
                    assert!(inside && (0.0..=height as f32).contains(&y), "{x} {y}");
                }
                let middle = [0, 1].map(|axis| {
                    let places = cell.corners.iter().map(|corner| corner[axis]);
                    places.sum::<f32>() / 4.0
                });
                assert!(cell.holds(middle), "{:?}", cell.corners);
            }
        }
    }

    #[test]
    fn cells_with_a_number_hold_ink_and_empty_ones_hold_less() {
        let sheets = sheets(true);
        let (mut written, mut empty) = (vec![], vec![]);
        // Sudokus, of which two thirds are empty.
        for index in [5, 12, 19] {
            let photo = sheets.render(2, index);
            for cell in &photo.tables[0].cells {
                let centre = |at: f32, of: f32| (of + 0.7 * (at - of)) as u32;
                let [x, y] = [0, 1].map(|axis| {
                    let places = cell.corners.iter().map(|corner| corner[axis]);
                    places.sum::<f32>() / 4.0
                });
                let corner = cell.corners.map(|[a, b]| [centre(a, x), centre(b, y)]);
                let range = |axis: usize| {
                    let places = corner.map(|corner| corner[axis]);
                    places.into_iter().min().unwrap()..places.into_iter().max().unwrap()
                };
                let pixels = range(1).flat_map(|y| range(0).map(move |x| (x, y)));
                let tones = pixels.map(|(x, y)| photo.picture.get_pixel(x, y)[0]);
                let tones: Vec<u8> = tones.collect();
                let (dark, light) = (tones.iter().min().unwrap(), tones.iter().max().unwrap());
                let spread = f64::from(light - dark);
                match cell.number() {
                    Some(_) => written.push(spread),
                    None => empty.push(spread),
                }
            }
        }
        let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
        assert!(
            mean(&written) > 1.5 * mean(&empty),
            "{} {}",
            mean(&written),
            mean(&empty)
        );
    }
}
