use super::*;
use crate::dataset::synthetic;
use crate::model::architecture::reader::MAPS;
use crate::recognizer::testing::{self, bounds, near, recognizer};

fn candidate(score: f32, detected_size: f32, bounds: Bounds) -> Candidate {
    let mut scores = [0.01; CHARACTERS];
    scores[6] = score;
    Candidate {
        bounds,
        scores,
        detected_size,
    }
}

/// Ink of 8 × 4 cells, each 2 × 5 pixels; both kinds at these places.
fn ink(digits: &[[usize; 2]], other: &[[usize; 2]]) -> Ink {
    testing::ink([8, 4], [2.0, 5.0], [digits, other])
}

/// Detections of one box in the left half of the picture, and ink in its right half.
fn detections(score: f32, detected_size: f32, unexplained: usize) -> Detections {
    let places: Vec<_> = (0..unexplained).map(|at| [6 + at % 2, at / 2]).collect();
    Detections {
        candidates: vec![candidate(score, detected_size, bounds(0.0, 0.0, 8.0, 20.0))],
        ink: Some(ink(&places, &[])),
        ..Detections::default()
    }
}

#[test]
fn a_candidates_best_score_is_that_of_its_likeliest_digit() {
    let candidate = candidate(0.7, 30.0, bounds(0.0, 0.0, 1.0, 1.0));
    assert_eq!(candidate.best_score(), 0.7);
}

#[test]
fn a_sure_large_digit_with_all_its_ink_needs_no_finer_level() {
    assert!(!detections(0.9, 40.0, 0).needs_finer_level());
    assert!(Detections::default().needs_finer_level());
}

#[test]
fn doubt_asks_for_a_finer_level() {
    assert!(detections(SURE - 0.01, 40.0, 0).needs_finer_level());
    assert!(!detections(SURE, 40.0, 0).needs_finer_level());
}

#[test]
fn small_digits_ask_for_a_finer_level() {
    assert!(detections(0.9, SMALL - 1.0, 0).needs_finer_level());
    assert!(!detections(0.9, SMALL, 0).needs_finer_level());
    // The smallest counts.
    let mut both = detections(0.9, 40.0, 0);
    both.candidates
        .push(candidate(0.2, 10.0, bounds(0.0, 0.0, 8.0, 20.0)));
    assert!(both.needs_finer_level());
}

#[test]
fn unexplained_ink_asks_for_a_finer_level() {
    assert!(!detections(0.9, 40.0, ENOUGH_INK - 1).needs_finer_level());
    assert!(detections(0.9, 40.0, ENOUGH_INK).needs_finer_level());
}

#[test]
fn the_best_candidates_are_kept() {
    let many = |count: usize| {
        let score = |at: usize| (at + 1) as f32 / 5000.0;
        let place = bounds(0.0, 0.0, 1.0, 1.0);
        let mut detections = Detections {
            candidates: (0..count)
                .map(|at| candidate(score(at), 30.0, place))
                .collect(),
            ..Detections::default()
        };
        detections.keep_best();
        detections
    };
    let all = many(MAX_BOXES);
    assert!(!all.truncated);
    assert_eq!(all.candidates.len(), MAX_BOXES);
    assert_eq!(all.candidates[0].best_score(), MAX_BOXES as f32 / 5000.0);
    let too_many = many(MAX_BOXES + 1);
    assert!(too_many.truncated);
    assert_eq!(too_many.candidates.len(), MAX_BOXES);
    assert!(!many(3).truncated);
}

#[test]
fn a_batch_has_a_bounded_number_of_pixels() {
    let sizes = [[256, 256], [250, 130], [64, 64], [1024, 1024]];
    assert_eq!(sizes.map(batch_size), [4, 6, 64, 1]);
}

#[test]
fn a_levels_detections_are_in_pixels_of_the_picture() {
    let (height, width) = (4, 8);
    let cells = height * width;
    let mut maps = Maps {
        height,
        width,
        values: vec![-9.0; MAPS as usize * cells],
    };
    let cell = 3 * width + 4;
    maps.values[7 * cells + cell] = 2.0;
    // In the middle of the cell, at (18, 14), 32 wide and 64 high.
    for (channel, value) in [(0, 0.0), (1, 0.0), (2, 0.0), (3, 2f32.ln())] {
        maps.values[(maps::BOX + channel) * cells + cell] = value;
    }
    for (at, logit) in [(1, 2.0), (2, 0.0), (5, 0.5)] {
        maps.values[maps::INK * cells + at] = logit;
    }
    for (at, logit) in [(3, 2.0), (4, 0.0)] {
        maps.values[(maps::INK + 1) * cells + at] = logit;
    }
    let level = Level {
        picture: GrayImage::new(32, 16),
        scale: [0.5, 0.25],
    };
    let mut detections = Detections::default();
    detections.add(&maps, &level, 2);
    assert_eq!(detections.level(), 2);
    assert_eq!(detections.candidates.len(), 1);
    let found = detections.candidates[0];
    let Bounds {
        left,
        top,
        right,
        bottom,
    } = found.bounds;
    assert!(near(left, 4.0) && near(right, 68.0), "{left} {right}");
    // From 14 - 32 and 14 + 32.
    assert!((top + 72.0).abs() < 1e-3 && (bottom - 184.0).abs() < 1e-3);
    assert!((found.detected_size - 64.0).abs() < 1e-3);
    assert!(near(found.best_score(), 1.0 / (1.0 + (-2f64).exp())));
    let ink = detections.ink.unwrap();
    let lit = |cells: &[bool]| -> Vec<usize> {
        let all = cells.iter().enumerate();
        all.filter(|(_, lit)| **lit).map(|(at, _)| at).collect()
    };
    assert_eq!(lit(&ink.digit_ink), [1, 5]);
    assert_eq!(lit(&ink.other_ink), [3]);
    assert_eq!((ink.size, ink.step), ([8, 4], [8.0, 16.0]));
}

#[test]
fn the_share_of_ink_is_that_of_the_boxs_cells() {
    // Columns 2 to 4 and rows 1 and 2.
    let place = bounds(4.0, 5.0, 10.0, 15.0);
    let inside = [[2, 1], [3, 1], [4, 2]];
    let outside = [[1, 1], [5, 2], [2, 3], [0, 0], [4, 0]];
    let ink = ink(&[&inside[..], &outside].concat(), &[[4, 1], [7, 3]]);
    let [digits, other] = ink.shares(&place);
    assert!(near(digits, 0.5) && near(other, 1.0 / 6.0));
    // A cell that the box only touches counts as a whole.
    let [digits, _] = ink.shares(&bounds(4.0, 5.0, 10.0, 15.1));
    assert!(near(digits, 4.0 / 9.0));
}

#[test]
fn a_box_of_any_size_has_a_share_of_ink() {
    let ink = ink(&[[2, 1], [3, 1], [7, 3]], &[]);
    let digits = |place: Bounds| ink.shares(&place)[0];
    assert_eq!(digits(bounds(4.0, 5.0, 4.0, 5.0)), 1.0);
    assert!(near(digits(bounds(-9.0, -9.0, 99.0, 99.0)), 3.0 / 32.0));
    assert_eq!(digits(bounds(90.0, 90.0, 99.0, 99.0)), 1.0);
    assert_eq!(digits(bounds(-9.0, -9.0, -5.0, -5.0)), 0.0);
}

#[test]
fn ink_in_a_box_and_up_to_half_a_cell_around_it_is_taken_out() {
    let everywhere: Vec<_> = (0..32).map(|at| [at % 8, at / 8]).collect();
    let ink = ink(&everywhere, &[]);
    let remaining = |boxes: &[Bounds]| -> Vec<[usize; 2]> {
        let left = ink.without(boxes).into_iter().enumerate();
        left.filter(|(_, lit)| *lit)
            .map(|(at, _)| [at % 8, at / 8])
            .collect()
    };
    let outside = |columns: std::ops::Range<usize>, rows: std::ops::Range<usize>| {
        let is_outside = |[x, y]: &[usize; 2]| !columns.contains(x) || !rows.contains(y);
        everywhere
            .iter()
            .copied()
            .filter(is_outside)
            .collect::<Vec<_>>()
    };
    // Columns 3 and 4 and row 2, and their neighbours.
    let place = bounds(6.0, 10.0, 10.0, 15.0);
    assert_eq!(remaining(&[place]), outside(2..6, 1..4));
    // Columns 3.6 to 4.4: no neighbours are within half a cell.
    let narrow = bounds(7.2, 12.75, 8.8, 12.8);
    assert_eq!(remaining(&[narrow]), outside(3..5, 2..4));
    assert_eq!(remaining(&[]).len(), 32);
    assert_eq!(remaining(&[bounds(-9.0, -9.0, 99.0, 99.0)]), [[0; 2]; 0]);
}

#[test]
fn every_picture_of_a_batch_gets_its_own_detections() {
    let drawn = |digit: u8, side: usize| {
        let pixels = synthetic::draw(digit, side, 13);
        GrayImage::from_raw(side as u32, side as u32, pixels).unwrap()
    };
    let mut wide = GrayImage::new(240, 120);
    image::imageops::replace(&mut wide, &drawn(4, 120), 60, 0);
    let pictures = [drawn(3, 120), wide, drawn(3, 90), drawn(5, 120)];
    let reader = recognizer().reader;
    let together = detect(&reader, &pictures.each_ref(), Depth::AsNeeded).unwrap();
    assert_eq!(together.len(), 4);
    let first = pictures.each_ref().map(Level::first);
    for (at, digit) in [3, 4, 3, 5].into_iter().enumerate() {
        let found = &together[at];
        let best = &found.candidates[0];
        assert_eq!(best.best_score(), best.scores[digit], "{digit}");
        assert!(best.best_score() > 0.5, "{digit}");
        assert!(!found.truncated && found.level() >= first[at]);
        // Alone it is found in the same place.
        let alone = &detect(&reader, &[&pictures[at]], Depth::AsNeeded).unwrap()[0].candidates[0];
        assert!((alone.bounds.left - best.bounds.left).abs() < 1.0);
        assert!((alone.bounds.bottom - best.bounds.bottom).abs() < 1.0);
    }
    // The digit's margin is a tenth of its side.
    let place = together[1].candidates[0].bounds;
    assert!((60.0..110.0).contains(&place.left) && (130.0..180.0).contains(&place.right));
    assert!((4.0..20.0).contains(&place.top) && (100.0..116.0).contains(&place.bottom));
}
