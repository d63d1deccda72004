//! Built-in digits, letters and drawings, which need no file.

use std::f64::consts::TAU;

use super::super::Point;
use super::super::glyph::{Glyph, Style};
use super::samples::{centred, written};
use crate::chance::Chance;
use crate::dataset::synthetic;

/// The strokes of a digit, 1 high.
pub fn digit(class: u8, chance: &mut Chance) -> Vec<Vec<Point>> {
    if class == 1 && chance.happens(0.2) {
        return one_with_upstroke(chance);
    }
    centred(points(synthetic::strokes(class, chance)))
}

/// A 1 that is a plain line.
pub fn stick(chance: &mut Chance) -> Vec<Vec<Point>> {
    let lean = chance.between(-0.12, 0.22) as f32;
    let bow = match chance.happens(0.5) {
        true => 0.0,
        false => chance.bell(0.03) as f32,
    };
    vec![vec![[lean, -0.5], [bow, 0.0], [-lean, 0.5]]]
}

/// A 7 with a short bar, flat or rising a little, above a stem that hardly leans.
pub fn hook(chance: &mut Chance) -> Vec<Vec<Point>> {
    let reach = chance.between(0.14, 0.4) as f32;
    let rise = reach * chance.between(-0.25, 0.5) as f32;
    let foot = -chance.between(-0.04, 0.3) as f32;
    let bow = (foot / 2.0) + chance.bell(0.03) as f32;
    let mut stroke = vec![[-reach, -0.5 + rise], [0.0, -0.5], [bow, 0.0], [foot, 0.5]];
    if chance.happens(0.2) {
        let serif = chance.between(0.05, 0.14) as f32;
        stroke.insert(0, [-reach - serif / 4.0, -0.5 + rise + serif]);
    }
    vec![stroke]
}

/// A 1 as taught in much of Europe: a long upstroke, then a downstroke.
fn one_with_upstroke(chance: &mut Chance) -> Vec<Vec<Point>> {
    let reach = -chance.between(0.2, 0.5) as f32;
    let low = chance.between(-0.2, 0.35) as f32;
    let lean = chance.bell(0.06) as f32;
    let bow = chance.bell(0.03) as f32;
    let rise = [reach / 2.0 + bow, (low - 0.5) / 2.0 + bow];
    let mut strokes = vec![vec![
        [reach, low],
        rise,
        [lean, -0.5],
        [bow, 0.0],
        [-lean, 0.5],
    ]];
    if chance.happens(0.15) {
        strokes.push(vec![[-0.25 - lean, 0.5], [0.25 - lean, 0.5 + bow]]);
    }
    strokes
}

/// A letter that does not look like a digit.
pub fn letter(chance: &mut Chance) -> Glyph {
    Glyph::of_strokes(points(synthetic::letter_strokes(chance)))
}

/// A sign, a small drawing or a scribble.
pub fn drawing(chance: &mut Chance) -> Glyph {
    Glyph::of_strokes(points(synthetic::drawing_strokes(chance)))
}

/// Letters side by side.
pub fn word(chance: &mut Chance) -> Glyph {
    let gap = chance.between(0.12, 0.3) as f32;
    let mut right = 0.0;
    let mut strokes = Vec::new();
    for _ in 0..3 + chance.below(5) {
        let letter = Glyph::of_strokes(points(synthetic::letter_strokes(chance)));
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
pub fn signature(chance: &mut Chance) -> Glyph {
    let loops = 4 + chance.below(8);
    let mut stroke = Vec::new();
    let mut right = 0.0;
    for index in 0..loops {
        // The first is an initial, much taller than the rest.
        let tall = index == 0 || chance.happens(0.15);
        let high = match tall {
            true => chance.between(0.6, 1.2),
            false => chance.between(0.1, 0.35),
        };
        let wide = chance.between(0.05, 0.22);
        let narrow = chance.between(-0.6, 1.0);
        let turn = if chance.happens(0.85) { 1.0 } else { -1.0 };
        for step in 0..8 {
            let share = f64::from(step) / 8.0;
            let angle = turn * TAU * share;
            stroke.push([
                (right + wide * narrow * angle.sin() + share * wide) as f32,
                (high * (angle.cos() - 1.0) / 2.0 + chance.bell(0.02)) as f32,
            ]);
        }
        right += wide * chance.between(0.8, 2.0);
    }
    let end = right + chance.between(0.1, 0.8);
    stroke.push([end as f32, chance.bell(0.1) as f32]);
    let mut strokes = vec![stroke];
    if chance.happens(0.3) {
        let low = chance.between(0.1, 0.3);
        let start = chance.between(-0.2, 0.4) * right;
        strokes.push(vec![
            [start as f32, low as f32],
            [end as f32, (low + chance.bell(0.1)) as f32],
        ]);
    }
    let style = Style::new(0.7, chance);
    Glyph::of_strokes(written(centred(strokes), &style, chance))
}

fn points(strokes: Vec<Vec<(f64, f64)>>) -> Vec<Vec<Point>> {
    let point = |(x, y): (f64, f64)| [x as f32, y as f32];
    strokes
        .into_iter()
        .map(|stroke| stroke.into_iter().map(point).collect())
        .collect()
}
