//! Pictures of handwriting like those of cameras, scanners and paint programs, rendered from a seed.
//!
//! A picture is computed along the path of light: the writing is laid out on a page (`layout`), ink
//! covers a surface (`ink`, `paper`, `board`), light falls on it (`light`), and a camera sees it in
//! perspective, blurs it, adds noise and encodes it (`camera`). Pictures without a camera are made by
//! `screen`.

mod board;
mod camera;
mod colour;
mod ink;
mod layout;
mod light;
mod noise;
mod paper;
mod photo;
mod screen;
mod shape;

use image::GrayImage;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Where a picture comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr, strum::Display,
)]
#[strum(serialize_all = "lowercase")]
pub enum Scene {
    /// A photo of plain paper.
    Paper,
    /// A photo of paper with lines to write on.
    RuledPaper,
    /// A photo of paper with squares.
    SquaredPaper,
    /// A photo of a whiteboard.
    Whiteboard,
    /// A photo of a chalkboard.
    Chalkboard,
    /// A page from a flat-bed scanner.
    Scan,
    /// Part of a screenshot: flat colours, perhaps a transparent background.
    Screenshot,
    /// A small drawing made with the mouse.
    Paint,
}

/// The file of a picture.
pub struct Picture {
    /// The file's content.
    pub bytes: Vec<u8>,
    /// The file's extension, without the dot.
    pub extension: &'static str,
}

/// Renders handwritten digits in a row, or the empty scene if there are none.
///
/// Each of `writing` is one digit, white ink (255) on black (0), of any size: `synthetic::draw`
/// makes such images, and MNIST's 28 x 28 do as well. The same arguments give the same bytes.
pub fn render(writing: &[GrayImage], scene: Scene, seed: u64) -> Picture {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    // Scenes with the same seed are different pictures, not one picture on different paper.
    rng.set_stream(scene as u64);
    match scene {
        Scene::Paint => screen::paint(writing, &mut rng),
        Scene::Screenshot => screen::screenshot(writing, &mut rng),
        _ => photo::take(writing, scene, &mut rng),
    }
}
