//! One photo or scan, from the writing to the file.

use image::{GrayImage, RgbImage};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::board::Board;
use super::camera::Camera;
use super::colour::{Colour, doubling, to_bytes};
use super::ink::Pen;
use super::layout::Layout;
use super::light::Light;
use super::paper::Paper;
use super::{Picture, Scene};

/// The surface that is written on.
enum Surface {
    Paper(Paper),
    Board(Board),
}

impl Surface {
    fn at(&self, x: f32, y: f32) -> Colour {
        match self {
            Self::Paper(paper) => paper.at(x, y),
            Self::Board(board) => board.at(x, y),
        }
    }
}

pub fn take(writing: &[GrayImage], scene: Scene, rng: &mut ChaCha8Rng) -> Picture {
    let camera = Camera::new(scene, writing.len(), rng);
    let page = camera.page();
    let pen = Pen::new(scene, rng);
    // Below 24 pixels, photographed digits are hard to read even for people.
    let size = (page.1 * doubling(rng, 0.08, 0.95)).max(24.0);
    let layout = Layout::new(
        writing,
        pen.nib,
        page,
        size,
        |place| camera.sees(place),
        rng,
    );
    let surface = match scene {
        Scene::Whiteboard | Scene::Chalkboard => Surface::Board(Board::new(scene, page, rng)),
        _ => Surface::Paper(Paper::new(scene, page, &layout.corners(), layout.size, rng)),
    };
    let light = Light::new(scene, rng);
    let seen = |x: f32, y: f32| {
        let (across, down) = camera.page_at(x, y);
        let mut colour = surface.at(across, down);
        if let Some(distance) = layout.distance(across, down) {
            colour = pen.over(colour, distance, layout.size, (across, down));
        }
        to_bytes(light.on(colour, x / page.0, y / page.1))
    };
    let picture = computed(camera.view, seen);
    camera.take(picture, pen.width() * layout.size, rng)
}

/// A picture whose pixels are each computed from the position of their centre.
fn computed((width, height): (u32, u32), pixel: impl Fn(f32, f32) -> [u8; 3] + Sync) -> RgbImage {
    let mut picture = RgbImage::new(width, height);
    let rows = picture.par_chunks_exact_mut(3 * width as usize);
    rows.enumerate().for_each(|(y, row)| {
        for (x, place) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            *place = pixel(x as f32 + 0.5, y as f32 + 0.5);
        }
    });
    picture
}
