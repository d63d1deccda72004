//! Validation of a reader, on scenes in handwritings that it has not been trained on.

use anyhow::Result;
use rayon::prelude::*;
use tch::{Device, Tensor};

use super::config::BATCH_SIZE;
use super::loader::Batch;
use super::loss;
use super::sizes::Sizes;
use crate::characters::NO_CHARACTER;
use crate::reader::crops::Crop;
use crate::reader::{Detection, FrozenReader, Maps};
use crate::scenes::{Scene, Scenes};

/// The seed of the validation scenes: the same in every run, so that runs can be compared.
const SEED: u64 = 0x7a11_da7e;

/// Detection threshold.
const THRESHOLD: f32 = 0.3;

/// IoU (intersection over union) from which two boxes are the same digit.
const SAME: f32 = 0.5;

/// IoU from which a detection matches a labelled digit.
const MATCH: f32 = 0.3;

/// Results on the validation scenes.
pub(super) struct ValidationMetrics {
    /// Mean of the detector's loss per digit.
    pub(super) loss: f64,
    /// Fraction of the scenes in which every digit was read, and nothing else.
    pub(super) accuracy: f64,
}

/// Validation scenes, kept for the whole run.
pub(super) struct Validation(Vec<Batch>);

impl Validation {
    /// Renders about `count` scenes.
    pub(super) fn render(scenes: &Scenes, count: usize) -> Self {
        let (mut batches, mut rendered) = (vec![], 0);
        while rendered < count {
            let step = batches.len();
            let batch = Batch::render(scenes, Sizes::new(BATCH_SIZE), SEED, step);
            rendered += batch.scenes.len();
            batches.push(batch);
        }
        Self(batches)
    }

    /// Evaluates a reader on them.
    pub(super) fn evaluate(&self, reader: &FrozenReader) -> Result<ValidationMetrics> {
        let (mut losses, mut correct, mut count) = (0.0, 0, 0);
        for batch in &self.0 {
            let pictures: Vec<_> = batch.scenes.iter().map(|scene| &scene.grey).collect();
            let maps = reader.maps(&pictures)?;
            let raw: Vec<Tensor> = maps.iter().map(as_tensor).collect();
            let loss = loss::detector(&Tensor::stack(&raw, 0), &batch.targets(Device::Cpu)?)?;
            losses += loss.double_value(&[]);
            for (scene, read) in batch.scenes.iter().zip(read(&batch.scenes, &maps, reader)?) {
                count += 1;
                correct += usize::from(is_correct(scene, &read));
            }
        }
        Ok(ValidationMetrics {
            loss: losses / self.0.len() as f64,
            accuracy: correct as f64 / count as f64,
        })
    }
}

fn as_tensor(maps: &Maps) -> Tensor {
    let channels = crate::model::architecture::reader::MAPS;
    Tensor::from_slice(&maps.values).view([channels, maps.height as i64, maps.width as i64])
}

/// The digits that are read in each scene, with their boxes.
fn read(
    scenes: &[Scene],
    maps: &[Maps],
    reader: &FrozenReader,
) -> Result<Vec<Vec<(Detection, u8)>>> {
    let seen: Vec<Vec<(Detection, Crop)>> = scenes
        .par_iter()
        .zip(maps)
        .map(|(scene, maps)| {
            let seen = maps.detections(THRESHOLD).into_iter();
            seen.map(|seen| (seen, Crop::cut(&scene.grey, &seen.bounds)))
                .collect()
        })
        .collect();
    let crops: Vec<Crop> = seen.iter().flatten().map(|(_, crop)| *crop).collect();
    let mut answers = reader.classify(&crops)?.into_iter();
    let digits = seen.into_iter().map(|seen| {
        let mut digits: Vec<(Detection, u8)> = vec![];
        for ((seen, _), answers) in seen.into_iter().zip(answers.by_ref()) {
            let best = (0..answers.len()).max_by(|&a, &b| answers[a].total_cmp(&answers[b]));
            let best = best.unwrap_or(0);
            let is_new = || {
                digits
                    .iter()
                    .all(|(other, _)| other.bounds.iou(&seen.bounds) < SAME)
            };
            if best as i64 != NO_CHARACTER && is_new() {
                digits.push((seen, best as u8));
            }
        }
        digits
    });
    Ok(digits.collect())
}

/// Whether every readable digit was read, and nothing else.
fn is_correct(scene: &Scene, read: &[(Detection, u8)]) -> bool {
    let mut free: Vec<bool> = vec![true; read.len()];
    for digit in &scene.digits {
        let matches = |index: &usize| {
            let (seen, class) = &read[*index];
            let iou = seen.bounds.iou(&digit.bounds);
            free[*index] && iou >= MATCH && (*class == digit.class || !digit.readable)
        };
        match (0..read.len()).find(matches) {
            Some(index) => free[index] = false,
            None if digit.readable => return false,
            None => {}
        }
    }
    !free.contains(&true)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::samples::{bounds, digit, maps, reader, scene, unreadable};
    use super::super::targets;
    use super::*;
    use crate::characters::CHARACTERS;
    use crate::model::architecture::reader::MAPS;
    use crate::scenes::material::Material;
    use crate::scenes::{Digit, Split};

    const LEFT: [f32; 4] = [0.0, 0.0, 50.0, 100.0];
    const RIGHT: [f32; 4] = [60.0, 0.0, 100.0, 100.0];

    fn correct(digits: &[Digit], read: &[(u8, [f32; 4])]) -> bool {
        let read: Vec<(Detection, u8)> = read
            .iter()
            .map(|&(class, sides)| {
                let seen = Detection {
                    bounds: bounds(sides),
                    scores: [0.0; CHARACTERS],
                };
                (seen, class)
            })
            .collect();
        is_correct(&scene(128, 128, digits.to_vec()), &read)
    }

    #[test]
    fn a_scene_is_correct_if_every_digit_is_read_and_nothing_else() {
        let digits = [digit(1, LEFT), digit(2, RIGHT)];
        assert!(correct(&digits, &[(1, LEFT), (2, RIGHT)]));
        assert!(correct(&digits, &[(2, RIGHT), (1, LEFT)]));
        assert!(!correct(&digits, &[(1, LEFT)]));
        assert!(!correct(&digits, &[]));
        assert!(!correct(&digits, &[(1, LEFT), (1, RIGHT)]));
        assert!(!correct(&digits, &[(1, LEFT), (2, RIGHT), (2, RIGHT)]));
        assert!(correct(&[], &[]));
        assert!(!correct(&[], &[(1, LEFT)]));
    }

    #[test]
    fn a_digit_must_be_read_in_its_place() {
        let digits = [digit(1, LEFT)];
        // Intersections over unions of 0.3, 0.28 and 0.
        assert!(correct(&digits, &[(1, [0.0, 0.0, 30.0, 50.0])]));
        assert!(!correct(&digits, &[(1, [0.0, 0.0, 28.0, 50.0])]));
        assert!(!correct(&digits, &[(1, RIGHT)]));
    }

    #[test]
    fn an_unreadable_digit_may_be_read_as_any_digit_or_not_at_all() {
        let digits = [digit(1, LEFT), unreadable(2, RIGHT)];
        assert!(correct(&digits, &[(1, LEFT), (2, RIGHT)]));
        assert!(correct(&digits, &[(1, LEFT), (7, RIGHT)]));
        assert!(correct(&digits, &[(1, LEFT)]));
        assert!(!correct(&digits, &[(7, RIGHT)]));
        assert!(!correct(&digits, &[(1, LEFT), (7, RIGHT), (7, RIGHT)]));
        assert!(!correct(&[unreadable(2, RIGHT)], &[(2, LEFT)]));
    }

    /// A place where a digit of class 3 is detected: the cell and its logit.
    type Place = (usize, usize, f32);

    fn maps_with(places: &[Place]) -> Maps {
        let mut maps = maps(16);
        for &(x, y, logit) in places {
            maps.values[(3 * 16 + y) * 16 + x] = logit;
        }
        maps
    }

    /// The middle and class of each digit that is read.
    fn digits_of(found: &[(Detection, u8)]) -> Vec<(f32, u8)> {
        let middle = |seen: &Detection| (seen.bounds.left + seen.bounds.right) / 2.0;
        found
            .iter()
            .map(|(seen, class)| (middle(seen), *class))
            .collect()
    }

    #[test]
    fn the_second_network_decides_which_digit_each_detection_is() {
        let scenes = [scene(64, 64, vec![]), scene(64, 64, vec![])];
        let maps = [
            maps_with(&[(3, 3, 2.0), (12, 12, 3.0)]),
            maps_with(&[(8, 8, 1.0), (1, 1, -2.0)]),
        ];
        let found = read(&scenes, &maps, &reader(4).frozen()).unwrap();
        let found: Vec<_> = found.iter().map(|found| digits_of(found)).collect();
        assert_eq!(found, [vec![(50.0, 4), (14.0, 4)], vec![(34.0, 4)]]);
        let none = read(&scenes, &maps, &reader(NO_CHARACTER).frozen()).unwrap();
        assert!(none.len() == 2 && none.iter().all(Vec::is_empty));
    }

    #[test]
    fn of_two_boxes_on_one_digit_only_the_first_is_read() {
        let scenes = [scene(64, 64, vec![])];
        let reader = reader(4).frozen();
        let found = |maps: Maps| digits_of(&read(&scenes, &[maps], &reader).unwrap()[0]);
        // Boxes of 32 pixels, 8 and 16 apart: IoUs of 0.6 and 0.33.
        let near = maps_with(&[(3, 3, 2.0), (5, 3, 1.0)]);
        assert_eq!(found(near), [(14.0, 4)]);
        let far = maps_with(&[(3, 3, 2.0), (7, 3, 1.0)]);
        assert_eq!(found(far), [(14.0, 4), (30.0, 4)]);
        // The second covers exactly half of the first.
        let mut half = maps_with(&[(3, 3, 2.0), (5, 3, 1.0)]);
        half.values[((CHARACTERS + 2) * 16 + 3) * 16 + 5] = 0.5f32.ln();
        assert_eq!(found(half), [(14.0, 4)]);
    }

    #[test]
    fn loss_and_accuracy_are_means_over_batches_and_scenes() {
        let reader = reader(4);
        let batch = |scenes: Vec<Scene>| {
            let targets: Vec<_> = scenes.iter().map(targets::of).collect();
            Batch::new(0, scenes, &targets)
        };
        let with_digit = scene(64, 64, vec![digit(3, [10.0, 10.0, 40.0, 50.0])]);
        let empty = || scene(64, 64, vec![]);
        let validation = Validation(vec![batch(vec![empty(), with_digit]), batch(vec![empty()])]);
        let found = validation.evaluate(&reader.frozen()).unwrap();
        // Nothing is found, which is correct in two of three scenes.
        assert!((found.accuracy - 2.0 / 3.0).abs() < 1e-12);
        let bias = reader.detector.weights().variables()["maps.bias"].detach();
        let losses = validation.0.iter().map(|batch| {
            let maps = bias.view([1, MAPS, 1, 1]);
            let maps = maps.expand([batch.scenes.len() as i64, MAPS, 16, 16], false);
            let loss = loss::detector(&maps, &batch.targets(Device::Cpu).unwrap());
            loss.unwrap().double_value(&[])
        });
        let losses: Vec<f64> = losses.collect();
        assert!((losses[0] - losses[1]).abs() > 0.5, "{losses:?}");
        let expected = (losses[0] + losses[1]) / 2.0;
        assert!((found.loss - expected).abs() < 1e-4, "{}", found.loss);
    }

    #[test]
    fn at_least_as_many_scenes_are_rendered_as_requested() {
        let scenes = Scenes::new(Arc::new(Material::builtin()), Split::Validation);
        let validation = Validation::render(&scenes, 40);
        let counts: Vec<_> = validation
            .0
            .iter()
            .map(|batch| batch.scenes.len())
            .collect();
        assert_eq!(counts, [32, 8]);
        assert_eq!(validation.0[1].first, 32);
    }
}
