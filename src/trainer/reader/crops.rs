//! Training crops for the second network: the detector's detections, and more.

use crate::random::SeededRng;
use crate::reader::crops::Crop;
use crate::reader::{Detection, Maps};
use crate::scenes::{Bounds, Digit, Scene};
use crate::tensors::NO_DIGIT;

/// Detection threshold, low so that the network also learns from false detections.
const THRESHOLD: f32 = 0.1;

/// The most detections that are cropped in one scene.
const DETECTIONS: usize = 6;

/// The most labelled digits that are cropped in one scene, detected or not.
const DIGITS: usize = 3;

/// Random boxes that are cropped in one scene.
const BACKGROUND: usize = 1;

/// IoU (intersection over union) from which a box matches a digit, and up to which it does not.
const SAME: f32 = 0.45;
const DIFFERENT: f32 = 0.3;

/// Crops with their labels: 0 to 9, or [`NO_DIGIT`].
pub(super) type LabelledCrops = (Vec<Crop>, Vec<i64>);

/// Adds the training crops of a scene.
pub(super) fn cut(scene: &Scene, maps: &Maps, rng: &mut SeededRng, crops: &mut LabelledCrops) {
    let detections = maps.detections(THRESHOLD).into_iter().take(DETECTIONS);
    for Detection { bounds, .. } in detections {
        add(scene, &bounds, crops);
    }
    let readable: Vec<&Digit> = scene.digits.iter().filter(|digit| digit.readable).collect();
    for _ in 0..readable.len().min(DIGITS) {
        let digit = rng.choose::<&Digit>(&readable);
        add(scene, &jittered(&digit.bounds, rng), crops);
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
        _ => NO_DIGIT,
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
