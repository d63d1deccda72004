//! Preparing pictures as people make them, rendered from handwriting whose strokes are known.

use std::io::Cursor;

use image::{GrayImage, ImageFormat};
use imageproc::filter::gaussian_blur_f32;
use mnist_tch::dataset::synthetic;
use mnist_tch::recognizer::{ImageError, prepare};
use rayon::prelude::*;
use strum::IntoEnumIterator;

use crate::rendering::{Scene, render};

/// Pictures of each scene.
const PICTURES: u64 = 20;
/// Likeness of the same strokes, seen twice; other strokes and what is no stroke stay below.
const ALIKE: f64 = 0.85;

fn drawn(digit: u8, seed: u64) -> GrayImage {
    GrayImage::from_raw(240, 240, synthetic::draw(digit, 240, seed)).unwrap()
}

fn prepared(bytes: &[u8]) -> Result<GrayImage, ImageError> {
    prepare(bytes, &mut |_, _| {})
}

/// Correlation of the ink of two prepared images, -1 to 1, whatever the width of their strokes.
///
/// Blurred, strokes that lie a pixel apart still meet.
fn likeness(a: &GrayImage, b: &GrayImage) -> f64 {
    let centred = |image: &GrayImage| {
        let soft = gaussian_blur_f32(image, 1.5);
        let mean = soft.pixels().map(|ink| f64::from(ink[0])).sum::<f64>() / soft.len() as f64;
        let values: Vec<f64> = soft.pixels().map(|ink| f64::from(ink[0]) - mean).collect();
        values
    };
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (a, b) = (centred(a), centred(b));
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

/// How many of [`PICTURES`] of a scene hold true, in any order.
fn count(holds: impl Fn(u64) -> bool + Sync) -> u64 {
    let seeds = (0..PICTURES).into_par_iter();
    seeds.filter(|&seed| holds(seed)).count() as u64
}

/// Whether the strokes found in a rendered picture are those that were written.
fn is_found(scene: Scene, seed: u64) -> bool {
    let writing = drawn((seed % 10) as u8, seed);
    let mut clean = Cursor::new(vec![]);
    writing.write_to(&mut clean, ImageFormat::Png).unwrap();
    let clean = prepared(&clean.into_inner()).unwrap();
    let found = prepared(&render(&[writing], scene, seed).bytes);
    found.is_ok_and(|found| likeness(&found, &clean) > ALIKE)
}

fn is_seen_blank(scene: Scene, seed: u64) -> bool {
    let answer = prepared(&render(&[], scene, seed).bytes);
    matches!(answer, Err(ImageError::NoInk(_)))
}

#[test]
fn the_written_strokes_are_found_in_pictures_of_all_kinds() {
    let least = |scene| match scene {
        Scene::Paper => 0,
        Scene::RuledPaper => 0,
        Scene::SquaredPaper => 0,
        Scene::Whiteboard => 0,
        Scene::Chalkboard => 0,
        Scene::Scan => 0,
        Scene::Screenshot => 0,
        Scene::Paint => 0,
    };
    assert_at_least(least, is_found);
}

#[test]
fn no_digit_is_seen_where_none_was_written() {
    let least = |scene| match scene {
        Scene::Paper => 0,
        Scene::RuledPaper => 0,
        Scene::SquaredPaper => 0,
        Scene::Whiteboard => 0,
        Scene::Chalkboard => 0,
        Scene::Scan => 0,
        Scene::Screenshot => 0,
        Scene::Paint => 0,
    };
    assert_at_least(least, is_seen_blank);
}

/// Asserts that in each scene `holds` is true of at least so many of [`PICTURES`].
#[track_caller]
fn assert_at_least(least: impl Fn(Scene) -> u64, holds: fn(Scene, u64) -> bool) {
    let counts: Vec<(Scene, u64)> = Scene::iter()
        .map(|scene| (scene, count(|seed| holds(scene, seed))))
        .collect();
    let too_few = counts.iter().any(|&(scene, count)| count < least(scene));
    println!("{counts:?}");
    assert!(!too_few, "of {PICTURES} each: {counts:?}");
}

#[test]
fn a_seed_fixes_every_byte_of_a_picture_on_any_number_of_threads() {
    let pictures = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let writing = [drawn(2, 1), drawn(7, 2)];
        let all = || {
            Scene::iter()
                .map(|scene| render(&writing, scene, 3).bytes)
                .collect()
        };
        let all: Vec<Vec<u8>> = pool.unwrap().install(all);
        all
    };
    let (one, three) = (pictures(1), pictures(3));
    assert!(one == three);
    let other = render(&[drawn(2, 1), drawn(7, 2)], Scene::Paper, 4);
    assert!(one[0] != other.bytes);
}

#[test]
fn pictures_are_named_after_their_format() {
    for (scene, seed) in Scene::iter().cycle().zip(0..24) {
        let picture = render(&[], scene, seed);
        let format = image::guess_format(&picture.bytes).unwrap();
        assert!(
            format.extensions_str().contains(&picture.extension),
            "{scene} {seed}"
        );
    }
}
