//! What people write on, and the tones of the ink.

mod board;
mod clutter;
mod crumple;
mod desk;
mod flat;
mod inks;
mod lines;
mod paper;
mod ruling;
mod screen;
mod site;
mod strip;
mod texture;
mod tone;
mod wall;

pub use inks::Inks;
pub use tone::Tone;

use image::GrayImage;

use super::camera::View;
use super::{Bounds, Plane};
use crate::random::SeededRng;
use inks::Blending;
use site::Site;

/// What people write on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A sheet that fills the view: plain, tinted, ruled, squared, dotted, crumpled, with holes.
    Paper,
    /// One or several sheets on something darker or lighter.
    Desk,
    /// A small square note that sticks to something.
    StickyNote,
    /// The front of an envelope, with a stamp, or its back.
    Envelope,
    /// A narrow printed strip.
    Receipt,
    /// A glossy whiteboard with traces of erased writing.
    Whiteboard,
    /// A dark, dull board with chalk dust.
    Chalkboard,
    /// Program windows and canvases, light and dark.
    Screen,
    /// Woven or knitted cloth.
    Textile,
    /// Boards or veneer.
    Wood,
    /// Plaster, concrete, bricks, tiles, stone.
    Wall,
    /// A photo or texture from the material, or clouds if there is none.
    Photo,
    /// Objects in front of each other, as in photos of anything.
    Clutter,
    /// Exactly one tone, as in drawing programs and MNIST.
    Flat,
}

/// A surface as seen in the view, before light falls on it.
#[derive(Clone, Debug)]
pub struct Surface {
    /// Reflectance in pixels of the view: 0 black to 1 white.
    pub plane: Plane,
    /// Where on the page there is room to write, in pixels of the page: a sheet without its edges,
    /// a canvas without toolbars; the whole page on most surfaces. Writing outside lies on
    /// something else and may be invisible.
    pub room: Bounds,
    /// The inks that people use on it.
    pub ink: Inks,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::Paper,
        Self::Desk,
        Self::StickyNote,
        Self::Envelope,
        Self::Receipt,
        Self::Whiteboard,
        Self::Chalkboard,
        Self::Screen,
        Self::Textile,
        Self::Wood,
        Self::Wall,
        Self::Photo,
        Self::Clutter,
        Self::Flat,
    ];
}

impl Surface {
    /// Paints a surface as `view` shows it. `line_height` is the approximate height of a written
    /// line in pixels of the page: rulings have a similar pitch, but writers may ignore them. A
    /// `texture` may lie below sheets and is what [`Kind::Photo`] shows.
    pub fn paint(
        kind: Kind,
        width: usize,
        height: usize,
        view: &View,
        line_height: f32,
        texture: Option<&GrayImage>,
        rng: &mut SeededRng,
    ) -> Self {
        let site = Site {
            width,
            height,
            view,
            line_height,
            texture,
        };
        let (plane, room) = match kind {
            Kind::Paper => (paper::sheet(&site, rng), site.room()),
            Kind::Desk => desk::sheets(&site, rng),
            Kind::StickyNote => desk::note(&site, rng),
            Kind::Envelope => strip::envelope(&site, rng),
            Kind::Receipt => strip::receipt(&site, rng),
            Kind::Whiteboard => (board::white(&site, rng), site.room()),
            Kind::Chalkboard => (board::chalk(&site, rng), site.room()),
            Kind::Screen => screen::window(&site, rng),
            Kind::Textile => (texture::cloth(&site, rng), site.room()),
            Kind::Wood => (texture::wood(&site, rng), site.room()),
            Kind::Wall => (wall::wall(&site, rng), site.room()),
            Kind::Photo => (texture::photo(&site, rng), site.room()),
            Kind::Clutter => (clutter::clutter(&site, rng), site.room()),
            Kind::Flat => (flat::tone(&site, rng), site.room()),
        };
        let blending = match kind {
            Kind::Flat | Kind::Screen => Blending::Exact,
            Kind::Chalkboard | Kind::Textile | Kind::Wall | Kind::Photo | Kind::Clutter => {
                Blending::Covers
            }
            _ => Blending::Absorbs,
        };
        let ink = Inks::new(&plane, view, &room, blending);
        Self { plane, room, ink }
    }

    /// Applies ink to the surface, with a coverage between 0 and 1 in pixels of the view.
    pub fn write(&mut self, coverage: &Plane, tone: Tone) {
        let pairs = self.plane.values.iter_mut().zip(&coverage.values);
        if tone.covers {
            for (value, share) in pairs {
                *value += share * (tone.value - *value);
            }
        } else {
            for (value, share) in pairs {
                *value *= 1.0 - share * (1.0 - tone.value);
            }
        }
    }

    /// The tone of a random pen that people would use here.
    pub fn tone(&self, rng: &mut SeededRng) -> Tone {
        self.ink.tone(rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_shows_on_every_surface() {
        let mut coverage = Plane::new(96, 96, 0.0);
        for y in 40..56 {
            coverage.row_mut(y)[40..56].fill(1.0);
        }
        for kind in Kind::ALL {
            for index in 0..60 {
                let mut rng = SeededRng::new(6, index);
                let view = View::new(96, 96, &mut rng);
                let mut surface = Surface::paint(kind, 96, 96, &view, 30.0, None, &mut rng);
                let before = surface.plane.clone();
                assert!(
                    before
                        .values
                        .iter()
                        .all(|value| (0.0..=1.0).contains(value)),
                    "{kind:?}"
                );
                let tone = surface.tone(&mut rng);
                surface.write(&coverage, tone);
                let inside = |plane: &Plane| {
                    let rows =
                        (40..56).map(|y| plane.values[y * 96 + 40..][..16].iter().sum::<f32>());
                    rows.sum::<f32>() / 256.0
                };
                let change = (inside(&before) - inside(&surface.plane)).abs();
                assert!(change > 0.1, "{change} on {kind:?} {index} in {tone:?}");
                assert_eq!(before.at(2, 2), surface.plane.at(2, 2));
            }
        }
    }

    #[test]
    fn flat_is_uniform_and_straight_paper_is_deterministic() {
        let view = View::straight(64, 64);
        for index in 0..40 {
            let draw = |kind| {
                Surface::paint(
                    kind,
                    64,
                    64,
                    &view,
                    20.0,
                    None,
                    &mut SeededRng::new(8, index),
                )
                .plane
            };
            let flat = draw(Kind::Flat);
            assert!(flat.values.iter().all(|value| *value == flat.values[0]));
            assert_eq!(draw(Kind::Paper), draw(Kind::Paper));
        }
    }
}
