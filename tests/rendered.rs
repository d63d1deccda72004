//! Preparing pictures as people make them, rendered from handwriting whose strokes are known.

use std::io::Cursor;

use image::{GrayImage, ImageFormat};
use imageproc::filter::gaussian_blur_f32;
use mnist_tch::dataset::synthetic;
use mnist_tch::recognizer::ImageError;
use mnist_tch::recognizer::prepare::prepare;
use rayon::prelude::*;
use strum::IntoEnumIterator;

use crate::rendering::{Scene, render};

/// Pictures of each scene with a digit.
const WRITTEN: u64 = 12;
/// Pictures of each scene without one.
const BLANK: u64 = 8;
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
        Scene::Paper | Scene::Chalkboard => 10,
        _ => 11,
    };
    assert_at_least(least, WRITTEN, is_found);
}

#[test]
fn no_digit_is_seen_where_none_was_written() {
    let least = |scene| match scene {
        Scene::Screenshot | Scene::Paint => 8,
        Scene::Chalkboard => 7,
        Scene::Scan => 4,
        Scene::Whiteboard | Scene::Paper | Scene::SquaredPaper => 3,
        Scene::RuledPaper => 2,
    };
    assert_at_least(least, BLANK, is_seen_blank);
}

/// Asserts that of `pictures` of each scene `holds` is true of at least so many.
#[track_caller]
fn assert_at_least(least: impl Fn(Scene) -> usize, pictures: u64, holds: fn(Scene, u64) -> bool) {
    let count = |scene| {
        let seeds = (0..pictures).into_par_iter();
        (scene, seeds.filter(|&seed| holds(scene, seed)).count())
    };
    let counts: Vec<(Scene, usize)> = Scene::iter().map(count).collect();
    let too_few = counts.iter().any(|&(scene, count)| count < least(scene));
    assert!(!too_few, "of {pictures} each: {counts:?}");
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
