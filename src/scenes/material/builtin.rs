//! Built-in digits, letters and drawings, which need no file.

use std::f64::consts::TAU;

use super::super::Point;
use super::super::glyph::{Glyph, Style};
use super::samples::{centred, written};
use crate::dataset::synthetic;
use crate::random::SeededRng;

/// The strokes of a digit, 1 high.
pub fn digit(class: u8, rng: &mut SeededRng) -> Vec<Vec<Point>> {
    if class == 1 && rng.random_bool(0.2) {
        return one_with_upstroke(rng);
    }
    centred(points(synthetic::strokes(class, rng)))
}

/// A 1 that is a plain line.
pub fn stick(rng: &mut SeededRng) -> Vec<Vec<Point>> {
    let lean = rng.uniform(-0.12, 0.22) as f32;
    let bow = match rng.random_bool(0.5) {
        true => 0.0,
        false => rng.approx_normal(0.03) as f32,
    };
    vec![vec![[lean, -0.5], [bow, 0.0], [-lean, 0.5]]]
}

/// A 7 with a short bar, flat or rising a little, above a stem that hardly leans.
pub fn hook(rng: &mut SeededRng) -> Vec<Vec<Point>> {
    let reach = rng.uniform(0.14, 0.4) as f32;
    let rise = reach * rng.uniform(-0.25, 0.5) as f32;
    let foot = -rng.uniform(-0.04, 0.3) as f32;
    let bow = (foot / 2.0) + rng.approx_normal(0.03) as f32;
    let mut stroke = vec![[-reach, -0.5 + rise], [0.0, -0.5], [bow, 0.0], [foot, 0.5]];
    if rng.random_bool(0.2) {
        let serif = rng.uniform(0.05, 0.14) as f32;
        stroke.insert(0, [-reach - serif / 4.0, -0.5 + rise + serif]);
    }
    vec![stroke]
}

/// A 1 as taught in much of Europe: a long upstroke, then a downstroke.
fn one_with_upstroke(rng: &mut SeededRng) -> Vec<Vec<Point>> {
    let reach = -rng.uniform(0.2, 0.5) as f32;
    let low = rng.uniform(-0.2, 0.35) as f32;
    let lean = rng.approx_normal(0.06) as f32;
    let bow = rng.approx_normal(0.03) as f32;
    let rise = [reach / 2.0 + bow, (low - 0.5) / 2.0 + bow];
    let mut strokes = vec![vec![
        [reach, low],
        rise,
        [lean, -0.5],
        [bow, 0.0],
        [-lean, 0.5],
    ]];
    if rng.random_bool(0.15) {
        strokes.push(vec![[-0.25 - lean, 0.5], [0.25 - lean, 0.5 + bow]]);
    }
    strokes
}

/// A letter that does not look like a digit.
pub fn letter(rng: &mut SeededRng) -> Glyph {
    Glyph::of_strokes(points(synthetic::letter_strokes(rng)))
}

/// A sign, a small drawing or a scribble.
pub fn drawing(rng: &mut SeededRng) -> Glyph {
    Glyph::of_strokes(points(synthetic::drawing_strokes(rng)))
}

/// Letters side by side.
pub fn word(rng: &mut SeededRng) -> Glyph {
    let gap = rng.uniform(0.12, 0.3) as f32;
    let mut right = 0.0;
    let mut strokes = Vec::new();
    for _ in 0..3 + rng.below(5) {
        let letter = Glyph::of_strokes(points(synthetic::letter_strokes(rng)));
        if let super::super::glyph::Form::Strokes(drawn) = letter.form {
            let shifted =
                |stroke: Vec<Point>| stroke.into_iter().map(|[x, y]| [x + right, y]).collect();
            strokes.extend(drawn.into_iter().map(shifted));
            right += letter.width + gap;
        }
    }
    Glyph::of_strokes(strokes)
}

/// An illegible signature: loops and hooks in a row, perhaps underlined.
pub fn signature(rng: &mut SeededRng) -> Glyph {
    let loops = 4 + rng.below(8);
    let mut stroke = Vec::new();
    let mut right = 0.0;
    for index in 0..loops {
        // The first is an initial, much taller than the rest.
        let tall = index == 0 || rng.random_bool(0.15);
        let high = match tall {
            true => rng.uniform(0.6, 1.2),
            false => rng.uniform(0.1, 0.35),
        };
        let wide = rng.uniform(0.05, 0.22);
        let narrow = rng.uniform(-0.6, 1.0);
        let turn = if rng.random_bool(0.85) { 1.0 } else { -1.0 };
        for step in 0..8 {
            let share = f64::from(step) / 8.0;
            let angle = turn * TAU * share;
            stroke.push([
                (right + wide * narrow * angle.sin() + share * wide) as f32,
                (high * (angle.cos() - 1.0) / 2.0 + rng.approx_normal(0.02)) as f32,
            ]);
        }
        right += wide * rng.uniform(0.8, 2.0);
    }
    let end = right + rng.uniform(0.1, 0.8);
    stroke.push([end as f32, rng.approx_normal(0.1) as f32]);
    let mut strokes = vec![stroke];
    if rng.random_bool(0.3) {
        let low = rng.uniform(0.1, 0.3);
        let start = rng.uniform(-0.2, 0.4) * right;
        strokes.push(vec![
            [start as f32, low as f32],
            [end as f32, (low + rng.approx_normal(0.1)) as f32],
        ]);
    }
    let style = Style::new(0.7, rng);
    Glyph::of_strokes(written(centred(strokes), &style, rng))
}

fn points(strokes: Vec<Vec<(f64, f64)>>) -> Vec<Vec<Point>> {
    let point = |(x, y): (f64, f64)| [x as f32, y as f32];
    strokes
        .into_iter()
        .map(|stroke| stroke.into_iter().map(point).collect())
        .collect()
}
