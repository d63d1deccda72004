//! Reading pictures like those people take, rendered from handwriting with known digits by another
//! renderer than the one that the reader was trained on.

use image::GrayImage;
use mnist_tch::dataset::synthetic;
use mnist_tch::recognizer::{Reading, Recognizer, prepare};
use rayon::prelude::*;
use strum::IntoEnumIterator;
use tch::Device;

use crate::rendering::{Scene, render};

/// Pictures of each scene with a digit.
const WRITTEN: u64 = 24;
/// Pictures of each scene without one.
const BLANK: u64 = 8;

fn drawn(digit: u8, seed: u64) -> GrayImage {
    GrayImage::from_raw(240, 240, synthetic::draw(digit, 240, seed)).unwrap()
}

/// The digit of a seed, in the first handwriting in which it can be read on its own: what is tested here
/// are the pictures of it.
fn legible(recognizer: &Recognizer, seed: u64) -> GrayImage {
    let digit = (seed % 10) as u8;
    let is_clear = |hand: &u64| {
        let image = GrayImage::from_raw(28, 28, synthetic::draw(digit, 28, *hand)).unwrap();
        let (best, confidence) = recognizer.classify([&image]).unwrap()[0].ranking()[0];
        best == usize::from(digit) && confidence > 0.9
    };
    let hand = (seed..).step_by(10).find(is_clear).unwrap();
    drawn(digit, hand)
}

/// What is read in pictures of a scene, with the digit of each seed, or none.
fn read(scene: Scene, seeds: u64, written: bool) -> Vec<Reading> {
    let recognizer = Recognizer::builtin(Device::Cpu).unwrap();
    let writings: Vec<Vec<GrayImage>> = (0..seeds)
        .map(|seed| {
            let writing = written.then(|| legible(&recognizer, seed));
            writing.into_iter().collect()
        })
        .collect();
    let picture = |(seed, writing): (usize, &Vec<GrayImage>)| {
        prepare(&render(writing, scene, seed as u64).bytes)
    };
    let prepared = writings.par_iter().enumerate().map(picture).collect();
    let readings = recognizer.read_all(prepared).unwrap();
    readings.into_iter().map(Result::unwrap).collect()
}

#[test]
fn a_written_digit_is_read_in_pictures_of_all_kinds() {
    for scene in Scene::iter() {
        let readings = read(scene, WRITTEN, true);
        let is_right =
            |(seed, reading): &(u64, Reading)| reading.digit() == Some((seed % 10) as u8);
        let right = (0..).zip(readings).filter(is_right).count();
        assert!(right >= 20, "{scene}: {right} of {WRITTEN}");
    }
}

#[test]
fn no_digit_is_read_where_none_was_written() {
    for scene in Scene::iter() {
        let readings = read(scene, BLANK, false);
        let blank = readings.iter().filter(|reading| reading.rows.is_empty());
        let blank = blank.count();
        assert!(blank >= 6, "{scene}: {blank} of {BLANK}");
    }
}

#[test]
fn a_seed_determines_every_byte_of_a_picture_on_any_number_of_threads() {
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
