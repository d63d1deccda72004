//! Dots of ink beside the writing, which are no signs: blots and slips of the pen.

use super::{Bounds, Mark, Tool};
use crate::random::SeededRng;

/// Dots on a page of `side` pixels beside these marks, none of them where a point, comma or colon
/// of their digits would stand. `height` is that of the page's digits.
pub fn beside(marks: &[Mark], side: f32, height: f32, rng: &mut SeededRng) -> Mark {
    let boxes: Vec<Bounds> = marks.iter().filter_map(Mark::extent).collect();
    let count = 1 + rng.below(4) + rng.below(5);
    let size = height * rng.log_uniform(0.02, 0.2) as f32;
    let mut strokes = Vec::new();
    for _ in 0..count * 4 {
        if strokes.len() as u32 == count {
            break;
        }
        let mut place = || side * rng.uniform(0.0, 1.0) as f32;
        let at = [place(), place()];
        if boxes.iter().any(|digit| may_be_a_sign(at, digit, height)) {
            continue;
        }
        let tick = [0, 1].map(|_| size * rng.approx_normal(0.3) as f32);
        strokes.push(match rng.random_bool(0.5) {
            true => vec![at],
            false => vec![at, [at[0] + tick[0], at[1] + tick[1]]],
        });
    }
    let tool = *rng.choose(&[Tool::First, Tool::Second]);
    Mark::ruling(strokes, size * 256.0 / side).with(tool)
}

/// Whether a dot here could be read as a sign before or after something with this box, or lies on it.
fn may_be_a_sign([x, y]: [f32; 2], digit: &Bounds, height: f32) -> bool {
    let near = 0.7 * height;
    let beside = x > digit.left - near && x < digit.right + near;
    beside && y > digit.top - 0.1 * height && y < digit.bottom + 0.4 * height
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::page::Shape;

    #[test]
    fn no_speck_lies_where_a_sign_would_stand() {
        let stroke = vec![vec![[40.0, 40.0], [60.0, 80.0]]];
        let digit = Mark::strokes(stroke);
        let mut dots = 0;
        for seed in 0..100 {
            let mut rng = SeededRng::new(seed, 0);
            let specks = beside(std::slice::from_ref(&digit), 128.0, 40.0, &mut rng);
            assert_eq!(specks.class, None);
            let Shape::Path(strokes, _) = specks.shape else {
                unreachable!("drawn as strokes")
            };
            for stroke in &strokes {
                let [x, y] = stroke[0];
                let beside = (12.0..88.0).contains(&x) && (36.0..96.0).contains(&y);
                assert!(!beside, "{x} {y}");
                dots += 1;
            }
        }
        assert!(dots > 100, "{dots}");
    }
}
