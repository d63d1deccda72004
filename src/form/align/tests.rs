use image::Luma;

use super::*;
use crate::form::testing::{BOX, blank, photo};

/// The greatest distance between two maps of the corners of boxes, in heights of a box.
fn error(boxes: &[[u32; 2]], found: &PlaneMap, truth: &PlaneMap) -> f64 {
    let corners = boxes.iter().flat_map(|&[left, top]| {
        let [left, top] = [left, top].map(f64::from);
        [[left, top], [left + 60.0, top + 70.0]]
    });
    let [a, b] = [[0.0, 0.0], [0.0, f64::from(BOX)]].map(|point| truth.at(point));
    let height = (a[0] - b[0]).hypot(a[1] - b[1]);
    let distance = |corner: [f64; 2]| {
        let ([x, y], [u, v]) = (found.at(corner), truth.at(corner));
        (x - u).hypot(y - v) / height
    };
    corners.map(distance).fold(0.0, f64::max)
}

#[test]
fn a_filled_form_is_found_in_a_photo_at_an_angle() {
    for seed in 0..4 {
        let (form, boxes) = blank(seed);
        let digits = vec![None; boxes.len()];
        let (photo, truth) = photo(&form, (&boxes, &digits), seed);
        let found = Aligner::new(&form).align(&photo).unwrap();
        let error = error(&boxes, &found.map, &truth);
        assert!(error < 0.03, "{seed}: {error} {}", found.similarity);
    }
}

#[test]
fn another_form_is_less_alike() {
    let (form, boxes) = blank(3);
    let (other, _) = blank(4);
    let digits = vec![None; boxes.len()];
    let (photo, _) = photo(&form, (&boxes, &digits), 5);
    let same = Aligner::new(&form).align(&photo).unwrap().similarity;
    let different = Aligner::new(&other)
        .align(&photo)
        .map_or(0.0, |found| found.similarity);
    assert!(same > 0.6 && different < 0.3, "{same} {different}");
    let blank = GrayImage::from_pixel(300, 300, Luma([200]));
    assert!(
        Aligner::new(&form)
            .align(&blank)
            .is_none_or(|found| found.similarity < 0.2)
    );
}
