//! A short notation for drawings of a few strokes.
//!
//! A drawing is a line of text. Points are `x,y` in hundredths of its height: `x` to the right with
//! 0 in the middle, `y` from 0 at the top to 100 at the bottom. `x,y!` is a sharp corner,
//! `@x,y,a,b,from,to` an arc about `x,y` with semi-axes `a` and `b` and angles in degrees as in
//! [`Stroke::arc`], and `/` lifts the pen.

use super::stroke::Stroke;
use crate::random::SeededRng;
use std::f64::consts::PI;

/// The strokes of one of the `drawings`, with random proportions.
pub fn any(drawings: &[&str], rng: &mut SeededRng) -> Vec<Stroke> {
    let mut strokes = strokes(rng.choose::<&str>(drawings));
    vary(&mut strokes, rng);
    strokes
}

/// Parses the strokes of a drawing.
fn strokes(drawing: &str) -> Vec<Stroke> {
    drawing
        .split('/')
        .map(|stroke| stroke.split_whitespace().fold(Stroke::default(), follow))
        .collect()
}

/// Appends the point or arc that a word of the notation means.
fn follow(stroke: Stroke, word: &str) -> Stroke {
    let numbers: Vec<f64> = word
        .trim_matches(['@', '!'])
        .split(',')
        .filter_map(|number| number.parse().ok())
        .collect();
    let place = |number: f64| number / 100.0;
    match numbers[..] {
        [x, y] if word.ends_with('!') => stroke.corner(place(x), place(y)),
        [x, y] => stroke.to(place(x), place(y)),
        [x, y, a, b, from, to] => stroke.arc((place(x), place(y)), (place(a), place(b)), from, to),
        _ => stroke,
    }
}

/// Shifts the middle up or down and sideways, and each stroke a little.
fn vary(strokes: &mut [Stroke], rng: &mut SeededRng) {
    let (across, power) = (rng.approx_normal(0.05), rng.approx_normal(0.15).exp());
    for stroke in strokes {
        let shift = (rng.approx_normal(0.02), rng.approx_normal(0.02));
        for knot in &mut stroke.knots {
            knot.x += shift.0 + across * (PI * knot.y).sin();
            knot.y = shift.1 + knot.y.abs().powf(power).copysign(knot.y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{letters, shapes};
    use super::*;

    #[test]
    fn every_drawing_is_valid() {
        for drawing in [
            letters::SMALL,
            letters::CAPITAL,
            shapes::SIGNS,
            shapes::FIGURES,
        ]
        .concat()
        .concat()
        {
            for stroke in drawing.split('/') {
                let words: Vec<_> = stroke.split_whitespace().collect();
                let understood = |word: &&&str| !follow(Stroke::default(), word).knots.is_empty();
                assert_eq!(
                    words.iter().filter(understood).count(),
                    words.len(),
                    "{drawing}"
                );
                let knots = strokes(stroke)[0].knots.len();
                assert!(knots > 1, "a stroke of one point leaves no ink: {drawing}");
            }
        }
    }

    #[test]
    fn the_notation_has_points_corners_arcs_and_pen_lifts() {
        let strokes = strokes("-40,100 0,0! 40,100 / @0,50,20,30,0,360");
        assert_eq!(strokes.len(), 2);
        let knots: Vec<_> = strokes[0]
            .knots
            .iter()
            .map(|knot| (knot.x, knot.y, knot.corner))
            .collect();
        assert_eq!(
            knots,
            [(-0.4, 1.0, false), (0.0, 0.0, true), (0.4, 1.0, false)]
        );
        assert!(strokes[1].knots.len() > 8);
    }
}
