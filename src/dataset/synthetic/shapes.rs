//! Signs, symbols and small drawings.

use super::hand::{self, Dot, Writing};
use super::sketch;
use super::stroke::Stroke;
use crate::random::SeededRng;

/// How much larger than a digit a figure is drawn with the same pen.
const FIGURE_SIZE: f64 = 1.7;

/// One sign, symbol or small drawing.
pub fn write(rng: &mut SeededRng) -> Writing {
    match rng.weighted_index(&[0.48, 0.38, 0.06, 0.04, 0.04]) {
        0 => hand::write_strokes(rng, sign),
        1 => hand::write_strokes(rng, figure),
        2 => hand::write_strokes(rng, spiral),
        3 => disc(rng),
        _ => square(rng),
    }
}

fn sign(rng: &mut SeededRng) -> Vec<Stroke> {
    let ways = rng.choose(SIGNS);
    sketch::any(ways, rng)
}

fn figure(rng: &mut SeededRng) -> Vec<Stroke> {
    let ways = rng.choose(FIGURES);
    enlarged(sketch::any(ways, rng))
}

fn enlarged(mut strokes: Vec<Stroke>) -> Vec<Stroke> {
    for knot in strokes.iter_mut().flat_map(|stroke| &mut stroke.knots) {
        knot.x *= FIGURE_SIZE;
        knot.y *= FIGURE_SIZE;
    }
    strokes
}

/// Signs in the notation of [`super::sketch`], without plain bars, arcs or rings.
pub const SIGNS: &[&[&str]] = &[
    // Arithmetic signs
    &["0,0 0,100 / -50,50 50,50"],
    &["-50,30 50,30 / -50,70 50,70"],
    &["-22,0 -28,100 / 28,0 22,100 / -50,32 52,30 / -52,70 50,68"],
    &["42,0 -42,100 / @-32,20,18,20,0,360 / @32,80,18,20,0,360"],
    &["35,0 -35,50! 35,100"],
    &["-50,50 50,50 / 0,12 1,13 / 0,87 1,88"],
    &["-60,55 -48,50! -25,100! 0,0! 80,0"],
    // Punctuation and other marks
    &["30,12 0,2 -26,22 0,46! -34,70 0,98 34,86 / 0,-12 0,112"],
    &["-32,22 -5,0 28,14 25,34 0,48 0,62 / 0,98 1,100"],
    &["18,62 18,38 -5,34 -20,55 -5,70 18,55 24,68 44,62 46,30 10,2 -35,15 -50,55 -25,95 20,98"],
    &[
        "0,0 0,100 / -44,25 44,75 / 44,25 -44,75",
        "0,0 0,100 / -50,50 50,50 / -36,15 36,85 / 36,15 -36,85",
    ],
    &["26,0 -20,0! -20,100! 26,100"],
    &[
        "-65,55 -32,32 0,50 32,68 65,45",
        "-60,50 -40,30 -20,50 0,70 20,50 40,30 60,50",
    ],
    &["-70,75 0,20! 70,75", "-60,25 0,80! 60,25"],
    &["-54,54 -18,100! 56,0"],
    &["-50,20 50,20 / -50,50 50,50 / -50,80 50,80"],
    // Greek letters
    &["-48,10 48,5 / -20,8 -24,100 / 22,6 22,82 40,98"],
    &["-68,100 -30,100! -52,50 -34,8 0,0 34,8 52,50 30,100! 68,100"],
    &["-42,5 -36,45 0,62 36,45 42,5 / 0,-5 0,105"],
    &["-36,0 -12,5 38,100 / 5,36 -38,100"],
    &["-55,10 -58,70 -30,98 -2,75 0,40! 2,75 30,98 58,70 55,10"],
    &["-38,110 -38,0 -36,60 -10,82 28,60 36,0! 36,70 52,80"],
    // Arrows
    &[
        "0,0 0,100 / -40,38 0,0! 40,38",
        "0,0 0,100 / -40,62 0,100! 40,62",
    ],
    &[
        "-50,50 50,50 / 12,18 50,50! 12,82",
        "-50,50 50,50 / -12,18 -50,50! -12,82",
    ],
    &[
        "-40,90 40,10 / -5,10 40,10! 40,55",
        "40,90 -40,10 / 5,10 -40,10! -40,55",
    ],
    &[
        "-40,10 40,90 / -5,90 40,90! 40,45",
        "40,10 -40,90 / 5,90 -40,90! -40,45",
    ],
];

/// Drawings that are more complex than a sign, in the notation of [`super::sketch`].
pub const FIGURES: &[&[&str]] = &[
    &["0,100 -60,40 -52,4 -22,-6 0,34 / 0,34 22,-6 52,4 60,40 0,100"],
    &["-31,100 0,0! 31,100! -50,38! 50,38! -31,100"],
    &["0,0 13,36! 50,38! 20,60! 31,100! 0,76! -31,100! -20,60! -50,38! -13,36! 0,0"],
    &["-40,40 -40,100! 40,100! 40,40 / -52,46 0,0 / 0,0 52,46 / -10,100 -10,68! 12,68! 12,100"],
    &["@0,50,50,50,-90,275 / -18,32 -17,36 / 18,32 17,36 / @0,50,28,28,25,155"],
    &["@0,50,50,50,-90,275 / -18,32 -17,36 / 18,32 17,36 / @0,85,24,20,205,335"],
    &[
        "0,0 58,95 / 58,95 -58,95 / -58,95 0,0",
        "-60,0 60,0 / 60,0 0,95 / 0,95 -60,0",
    ],
    &["-75,20 75,20 / 75,20 75,80 / 75,80 -75,80 / -75,80 -75,20"],
    &["-46,5 46,5 / 46,5 46,95 / 46,95 -46,95 / -46,95 -46,5 / -46,5 46,95 / 46,5 -46,95"],
    &[
        "@0,50,50,50,-90,275 / -36,14 36,86 / 36,14 -36,86",
        "@0,50,50,50,-90,275 / 0,0 0,100 / -50,50 50,50",
    ],
    &[
        "-50,80 56,80 / @-50,60,20,20,90,300 / @-16,36,30,30,170,340 / @28,46,26,24,-120,30 / @56,64,18,16,-90,90",
    ],
    &[
        "@-12,84,14,10,0,360 @-12,84,6,4,0,360 2,82! 2,0! 22,20 46,28 40,56",
        "-56,90 -46,84 -54,92 / -44,88 -44,10! 44,0! 44,78 / 30,84 42,78 34,86",
    ],
    &[
        "@0,14,14,14,90,460 / 0,28 0,65 / -35,42 35,40 / 0,65 -28,100 / 0,65 28,100",
        "@0,14,14,14,90,460 / 0,28 0,65 / -35,22 0,40! 35,22 / 0,65 -28,100 / 0,65 28,100",
    ],
    &["0,0 0,100 / -34,30 34,30"],
    &[
        "0,55 0,100 / @0,30,18,18,0,365 / @-24,8,16,12,60,400 / @24,8,16,12,60,400 / @-24,50,16,12,-60,300 / @24,50,16,12,-60,300",
    ],
    &["-60,62 -35,85 35,85 60,62 -60,62 / 0,62 0,0 / 0,5 40,52 0,52"],
];

/// A spiral of three or four turns.
fn spiral(rng: &mut SeededRng) -> Vec<Stroke> {
    let turns = rng.uniform(2.7, 4.2);
    let start = rng.uniform(0.0, 360.0);
    let direction = if rng.random_bool(0.5) { -1.0 } else { 1.0 };
    let steps = (turns * 9.0) as usize;
    let place = |step: usize| {
        let share = step as f64 / steps as f64;
        let angle = (start + direction * share * turns * 360.0).to_radians();
        (0.5 * share * angle.cos(), 0.5 + 0.5 * share * angle.sin())
    };
    let line = (0..=steps)
        .map(place)
        .fold(Stroke::default(), |stroke, (x, y)| stroke.to(x, y));
    enlarged(vec![line])
}

/// A filled disc.
fn disc(rng: &mut SeededRng) -> Writing {
    let stretch = rng.uniform(0.0, 0.12);
    let angle = rng.uniform(0.0, 3.0);
    let dot = |side: f64| Dot {
        x: side * stretch * f64::cos(angle),
        y: side * stretch * f64::sin(angle),
        radius: 0.5,
    };
    Writing::of(vec![vec![dot(-1.0), dot(1.0)]], rng)
}

/// A filled rectangle: lines so close that they touch.
fn square(rng: &mut SeededRng) -> Writing {
    let (wide, turn) = (rng.uniform(0.3, 0.6), rng.approx_normal(0.15));
    let (sine, cosine) = turn.sin_cos();
    let dot = |x: f64, y: f64| Dot {
        x: x * cosine - y * sine,
        y: x * sine + y * cosine,
        radius: 0.09,
    };
    let line = |row| {
        let y = f64::from(row) * 0.1 - 0.45;
        vec![dot(-wide, y), dot(wide, y)]
    };
    Writing::of((0..10).map(line).collect(), rng)
}
