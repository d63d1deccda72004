//! Training crops for the second network: the detector's detections, and more.

use crate::characters::{NO_CHARACTER, is_digit};
use crate::random::SeededRng;
use crate::reader::crops::Crop;
use crate::reader::{Detection, Maps};
use crate::scenes::{Bounds, Digit, Scene};

/// Detection threshold, low so that the network also learns from false detections.
const THRESHOLD: f32 = 0.1;

/// The most detections that are cropped in one scene.
const DETECTIONS: usize = 6;

/// The most labelled digits that are cropped in one scene, detected or not, and the most signs, which
/// are rarer.
const DIGITS: usize = 3;
const SIGNS: usize = 2;

/// Random boxes that are cropped in one scene.
const BACKGROUND: usize = 1;

/// IoU (intersection over union) from which a box matches a digit, and up to which it does not.
const SAME: f32 = 0.45;
const DIFFERENT: f32 = 0.3;

/// Crops with their labels: a class, or [`NO_CHARACTER`].
pub(super) type LabelledCrops = (Vec<Crop>, Vec<i64>);

/// Adds the training crops of a scene.
pub(super) fn cut(scene: &Scene, maps: &Maps, rng: &mut SeededRng, crops: &mut LabelledCrops) {
    let detections = maps.detections(THRESHOLD).into_iter().take(DETECTIONS);
    for Detection { bounds, .. } in detections {
        add(scene, &bounds, crops);
    }
    let readable = scene.digits.iter().filter(|digit| digit.readable);
    let (digits, signs): (Vec<&Digit>, Vec<_>) = readable.partition(|digit| is_digit(digit.class));
    for (labelled, most) in [(digits, DIGITS), (signs, SIGNS)] {
        for _ in 0..labelled.len().min(most) {
            let chosen = rng.choose::<&Digit>(&labelled);
            add(scene, &jittered(&chosen.bounds, rng), crops);
        }
    }
    for _ in 0..BACKGROUND {
        let bounds = random_box(scene, rng);
        add(scene, &bounds, crops);
    }
}

/// Adds the crop of a box unless its label is ambiguous.
fn add(scene: &Scene, bounds: &Bounds, (crops, labels): &mut LabelledCrops) {
    let overlaps = scene
        .digits
        .iter()
        .map(|digit| (bounds.iou(&digit.bounds), digit));
    let nearest = overlaps.max_by(|(a, _), (b, _)| a.total_cmp(b));
    let label = match nearest {
        Some((iou, digit)) if iou >= SAME && digit.readable => i64::from(digit.class),
        Some((iou, digit)) if iou > DIFFERENT || !digit.readable && iou > DIFFERENT / 2.0 => return,
        _ => NO_CHARACTER,
    };
    crops.push(Crop::cut(&scene.grey, bounds));
    labels.push(label);
}

/// A box with random jitter, as a detector may find it.
fn jittered(bounds: &Bounds, rng: &mut SeededRng) -> Bounds {
    let (width, height) = (bounds.width(), bounds.height());
    let wider = rng.approx_normal(0.08).exp() as f32;
    let higher = wider * rng.approx_normal(0.04).exp() as f32;
    let right = width * rng.approx_normal(0.05) as f32;
    let down = height * rng.approx_normal(0.05) as f32;
    around(
        (bounds.left + bounds.right) / 2.0 + right,
        (bounds.top + bounds.bottom) / 2.0 + down,
        width * wider,
        height * higher,
    )
}

/// A random box, preferably on writing that is no digit.
fn random_box(scene: &Scene, rng: &mut SeededRng) -> Bounds {
    let (width, height) = scene.grey.dimensions();
    let place = |rng: &mut SeededRng| (rng.below(width), rng.below(height));
    let mut chosen = place(rng);
    for _ in 0..20 {
        let (x, y) = place(rng);
        if scene.other_ink.get_pixel(x, y)[0] > 0 {
            chosen = (x, y);
            break;
        }
    }
    let high = rng.log_uniform(8.0, f64::from(height)) as f32;
    let wide = high * rng.log_uniform(0.4, 1.1) as f32;
    around(chosen.0 as f32, chosen.1 as f32, wide, high)
}

fn around(x: f32, y: f32, width: f32, height: f32) -> Bounds {
    Bounds {
        left: x - width / 2.0,
        top: y - height / 2.0,
        right: x + width / 2.0,
        bottom: y + height / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::super::samples::{bounds, digit, maps, scene, unreadable};
    use super::*;

    const WHOLE: [f32; 4] = [0.0, 0.0, 100.0, 100.0];

    /// The label of a box in a scene; none where it is ambiguous.
    fn label_of(digits: Vec<Digit>, sides: [f32; 4]) -> Option<i64> {
        let scene = scene(128, 128, digits);
        let mut crops = (vec![], vec![]);
        add(&scene, &bounds(sides), &mut crops);
        let (crops, labels) = crops;
        let cut: Vec<Crop> = labels
            .iter()
            .map(|_| Crop::cut(&scene.grey, &bounds(sides)))
            .collect();
        assert_eq!(crops, cut);
        labels.first().copied()
    }

    fn assert_near(found: &Bounds, expected: [f32; 4]) {
        let found = [found.left, found.top, found.right, found.bottom];
        let pairs = found.into_iter().zip(expected);
        let differs = pairs.map(|(found, expected)| (found - expected).abs());
        assert!(differs.fold(0.0, f32::max) < 1e-3, "{found:?}");
    }

    #[test]
    fn a_box_on_most_of_a_digit_has_its_label() {
        let label = |sides| label_of(vec![digit(7, WHOLE)], sides);
        // Intersections over unions of 0.45, 0.449, 0.4, 0.31, 0.3, 0.2 and 0.
        assert_eq!(label([0.0, 0.0, 45.0, 100.0]), Some(7));
        assert_eq!(label([0.0, 0.0, 44.9, 100.0]), None);
        assert_eq!(label([0.0, 0.0, 40.0, 100.0]), None);
        assert_eq!(label([0.0, 0.0, 50.0, 62.0]), None);
        assert_eq!(label([0.0, 0.0, 50.0, 60.0]), Some(NO_CHARACTER));
        assert_eq!(label([0.0, 0.0, 50.0, 40.0]), Some(NO_CHARACTER));
        assert_eq!(label([110.0, 110.0, 120.0, 120.0]), Some(NO_CHARACTER));
        assert_eq!(label_of(vec![], WHOLE), Some(NO_CHARACTER));
    }

    #[test]
    fn a_box_on_an_unreadable_digit_has_no_label() {
        let label = |sides| label_of(vec![unreadable(7, WHOLE)], sides);
        // Intersections over unions of 1, 0.4, 0.2, 0.15 and 0.1.
        assert_eq!(label(WHOLE), None);
        assert_eq!(label([0.0, 0.0, 40.0, 100.0]), None);
        assert_eq!(label([0.0, 0.0, 50.0, 40.0]), None);
        assert_eq!(label([0.0, 0.0, 50.0, 30.0]), Some(NO_CHARACTER));
        assert_eq!(label([0.0, 0.0, 40.0, 25.0]), Some(NO_CHARACTER));
    }

    #[test]
    fn the_digit_that_a_box_covers_best_decides() {
        let digits = || {
            vec![
                digit(1, [0.0, 0.0, 50.0, 50.0]),
                digit(2, [10.0, 10.0, 60.0, 60.0]),
                digit(3, [60.0, 60.0, 90.0, 90.0]),
            ]
        };
        assert_eq!(label_of(digits(), [11.0, 11.0, 60.0, 60.0]), Some(2));
        assert_eq!(label_of(digits(), [1.0, 1.0, 50.0, 50.0]), Some(1));
    }

    #[test]
    fn a_box_around_a_point_extends_to_both_sides() {
        assert_eq!(
            around(10.0, 20.0, 5.0, 7.0),
            bounds([7.5, 16.5, 12.5, 23.5])
        );
    }

    #[test]
    fn jitter_keeps_a_box_near_its_digit() {
        let mut rng = SeededRng::new(1, 0);
        let (mut moved, mut larger) = ([0.0; 2], 0.0);
        for _ in 0..400 {
            let found = jittered(&bounds([201.0, 51.0, 221.0, 151.0]), &mut rng);
            let wider = found.width() / 20.0;
            let higher = found.height() / 100.0;
            // Three standard deviations at most.
            assert!((0.78..1.28).contains(&wider), "{wider}");
            assert!((0.88..1.13).contains(&(higher / wider)), "{higher}");
            let right = (found.left + found.right) / 2.0 - 211.0;
            let down = (found.top + found.bottom) / 2.0 - 101.0;
            assert!(right.abs() <= 3.01 && down.abs() <= 15.01, "{right} {down}");
            moved = [moved[0] + right / 400.0, moved[1] + down / 400.0];
            larger += wider.ln() / 400.0;
        }
        assert!(moved[0].abs() < 0.2 && moved[1].abs() < 1.0, "{moved:?}");
        assert!(larger.abs() < 0.02, "{larger}");
    }

    /// Otherwise a training could not be repeated.
    #[test]
    fn a_seed_gives_the_same_boxes_in_every_version() {
        let mut rng = SeededRng::new(1, 0);
        let found = jittered(&bounds([201.0, 51.0, 221.0, 151.0]), &mut rng);
        assert_near(&found, [201.62782, 57.98354, 220.32628, 149.35828]);
        let found = random_box(&scene(100, 60, vec![]), &mut rng);
        assert_near(&found, [72.22518, -7.8620005, 93.77482, 17.862]);
    }

    #[test]
    fn random_boxes_prefer_writing_that_is_no_digit() {
        let mut scene = scene(100, 60, vec![]);
        for (x, y) in (40..60).flat_map(|x| (10..40).map(move |y| (x, y))) {
            scene.other_ink.put_pixel(x, y, Luma([255]));
        }
        let mut rng = SeededRng::new(2, 0);
        let mut on_writing = 0;
        for _ in 0..200 {
            let found = random_box(&scene, &mut rng);
            assert!((7.99..60.01).contains(&found.height()), "{found:?}");
            let aspect = found.width() / found.height();
            assert!((0.39..1.11).contains(&aspect), "{aspect}");
            let x = (found.left + found.right) / 2.0;
            let y = (found.top + found.bottom) / 2.0;
            on_writing += usize::from((39.9..59.1).contains(&x) && (9.9..39.1).contains(&y));
        }
        // A tenth of the picture; twenty attempts miss it one time in eight.
        assert!((150..200).contains(&on_writing), "{on_writing}");
    }

    #[test]
    fn a_scene_gives_crops_of_detections_of_digits_and_of_the_background() {
        let digits = (0..4u8).map(|at| {
            let left = 30.0 * f32::from(at);
            digit(at, [left, 4.0, left + 20.0, 34.0])
        });
        let mut scene = scene(256, 256, digits.collect());
        let far = unreadable(9, [150.0, 10.0, 170.0, 40.0]);
        scene.digits.push(far);
        scene.other_ink.put_pixel(200, 200, Luma([255]));
        // Eight detections far from all digits.
        let mut maps = maps(64);
        for at in 0..8 {
            maps.values[50 * 64 + 6 * at] = 3.0;
        }
        let mut crops = (vec![], vec![]);
        cut(&scene, &maps, &mut SeededRng::new(3, 0), &mut crops);
        let (crops, labels) = crops;
        assert_eq!(crops.len(), labels.len());
        // Six of the eight detections, three of the digits, and the background.
        assert_eq!(labels.len(), 10);
        assert_eq!(labels[..6], [NO_CHARACTER; 6]);
        assert!(labels[6..9].iter().all(|&label| label < 4), "{labels:?}");
        assert_eq!(labels[9], NO_CHARACTER);
    }
}
