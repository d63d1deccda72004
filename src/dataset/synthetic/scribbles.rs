//! Scribbles, hatching, blobs and textures.

use super::hand::{self, Dot, Writing};
use super::stroke::Stroke;
use crate::random::SeededRng;
use std::f64::consts::TAU;

/// One scribble, blob or texture.
pub fn write(rng: &mut SeededRng) -> Writing {
    match rng.below(10) {
        0 => hand::write_strokes(rng, tangle),
        1 => hand::write_strokes(rng, zigzag),
        2 => hand::write_strokes(rng, coil),
        3 => hand::write_strokes(rng, lines),
        4 => hand::write_strokes(rng, grid),
        5 => hand::write_strokes(rng, boxes),
        6 => blob(rng),
        7 => specks(rng),
        8 => hand::write_strokes(rng, dashes),
        _ => texture(rng),
    }
}

/// Random strokes.
fn tangle(rng: &mut SeededRng) -> Vec<Stroke> {
    let count = 1 + rng.below(4);
    let knots = 12 / count + rng.below(5);
    let angular = rng.random_bool(0.4);
    let wide = rng.uniform(0.45, 0.8);
    (0..count)
        .map(|_| {
            (0..knots).fold(Stroke::default(), |stroke, _| {
                let (x, y) = (rng.uniform(-wide, wide), rng.uniform(0.0, 1.0));
                match angular {
                    true => stroke.corner(x, y),
                    false => stroke.to(x, y),
                }
            })
        })
        .collect()
}

/// A zigzag, horizontal or vertical.
fn zigzag(rng: &mut SeededRng) -> Vec<Stroke> {
    // With fewer it may be a two, a three or a five.
    let turns = 7 + rng.below(9);
    let wide = rng.uniform(0.4, 0.9);
    let upright = rng.random_bool(0.6);
    let sharp = rng.random_bool(0.5);
    let high = rng.uniform(0.3, 1.0);
    vec![(0..=turns).fold(Stroke::default(), |stroke, turn| {
        let along = f64::from(turn) / f64::from(turns) + rng.approx_normal(0.02);
        let side = f64::from(turn % 2) + rng.approx_normal(0.1);
        let (x, y) = match upright {
            true => (wide * (2.0 * along - 1.0), side * high),
            false => (wide * (2.0 * side - 1.0) * 0.7, along),
        };
        match sharp {
            true => stroke.corner(x, y),
            false => stroke.to(x, y),
        }
    })]
}

/// Advancing loops, like hasty cursive writing.
fn coil(rng: &mut SeededRng) -> Vec<Stroke> {
    let loops = rng.uniform(3.0, 6.0);
    let (wide, high) = (rng.uniform(0.1, 0.4), rng.uniform(0.2, 0.5));
    let step = rng.uniform(0.15, 0.5);
    let direction = if rng.random_bool(0.5) { -1.0 } else { 1.0 };
    let knots = (loops * 9.0) as usize;
    vec![(0..=knots).fold(Stroke::default(), |stroke, knot| {
        let turn = knot as f64 / 9.0;
        let angle = (direction * turn * 360.0).to_radians();
        stroke.to(
            turn * step + wide * angle.cos() + rng.approx_normal(0.02),
            0.5 + high * angle.sin() + rng.approx_normal(0.02),
        )
    })]
}

/// Parallel lines: hatching, or remains of ruled paper.
fn lines(rng: &mut SeededRng) -> Vec<Stroke> {
    let count = 3 + rng.below(6);
    let steep = rng.uniform(-1.2, 1.2);
    let wide = rng.uniform(0.8, 1.4);
    let ragged = rng.uniform(0.0, 0.15);
    (0..count)
        .map(|line| {
            let shift = 1.2 * (f64::from(line) / f64::from(count - 1) - 0.5);
            let mut end = |side: f64| {
                let along = side * (wide + rng.approx_normal(ragged));
                let (sine, cosine) = steep.sin_cos();
                (
                    along * cosine - shift * sine,
                    0.5 + along * sine + shift * cosine,
                )
            };
            let (from, to) = (end(-0.5), end(0.5));
            Stroke::from(from.0, from.1).to(to.0, to.1)
        })
        .collect()
}

/// A grid, as of squared paper or a window.
fn grid(rng: &mut SeededRng) -> Vec<Stroke> {
    let (rows, columns) = (2 + rng.below(3), 2 + rng.below(3));
    let wide = rng.uniform(0.4, 0.8);
    let over = rng.uniform(0.0, 0.2);
    let place = |line: u32, count: u32| f64::from(line) / f64::from(count - 1);
    let level = |row| {
        let y = place(row, rows);
        Stroke::from(-wide - over, y).to(wide + over, y)
    };
    let upright = |column| {
        let x = wide * (2.0 * place(column, columns) - 1.0);
        Stroke::from(x, -over).to(x, 1.0 + over)
    };
    let mut strokes: Vec<_> = (0..rows).map(level).collect();
    strokes.extend((0..columns).map(upright));
    // At least five lines, or it is a frame.
    strokes.push(match rng.random_bool(0.5) {
        true => Stroke::from(-wide, 0.45).to(wide, 0.55),
        false => Stroke::from(-wide, 0.0).to(wide, 1.0),
    });
    strokes
}

/// Rectangles in a rectangle, as of doors and drawers.
fn boxes(rng: &mut SeededRng) -> Vec<Stroke> {
    let wide = rng.uniform(0.55, 0.9);
    let mut strokes = frame((-wide, 0.0), (wide, 1.0));
    let count = 1 + rng.below(3);
    for index in 0..count {
        let (top, high) = (f64::from(index) / f64::from(count), 1.0 / f64::from(count));
        let inset = rng.uniform(0.1, 0.25);
        let right = wide * (1.0 - inset) * rng.uniform(0.3, 1.0);
        strokes.append(&mut frame(
            (-wide * (1.0 - inset), top + inset * high),
            (right, top + (1.0 - inset) * high),
        ));
    }
    strokes
}

/// The four sides of a rectangle, given its upper left and lower right corner.
fn frame(from: (f64, f64), to: (f64, f64)) -> Vec<Stroke> {
    vec![
        Stroke::from(from.0, from.1).to(to.0, from.1),
        Stroke::from(to.0, from.1).to(to.0, to.1),
        Stroke::from(to.0, to.1).to(from.0, to.1),
        Stroke::from(from.0, to.1).to(from.0, from.1),
    ]
}

/// Wide flat lines.
fn dashes(rng: &mut SeededRng) -> Vec<Stroke> {
    let count = 1 + rng.below(2);
    (0..count)
        .map(|line| {
            let y = 0.5 + f64::from(line) * rng.uniform(0.25, 0.6);
            Stroke::from(-rng.uniform(0.6, 1.0), y)
                .to(rng.approx_normal(0.1), y + rng.approx_normal(0.04))
                .to(rng.uniform(0.6, 1.0), y + rng.approx_normal(0.06))
        })
        .collect()
}

/// One lump of ink or a few that touch.
fn blob(rng: &mut SeededRng) -> Writing {
    let count = 2 + rng.below(5);
    let spread = rng.uniform(0.1, 0.35);
    let lumps = (0..count)
        .map(|_| {
            // Spread sideways: two lumps on top of each other could be a blotted eight.
            let (x, y) = (
                rng.approx_normal(1.3 * spread),
                rng.approx_normal(0.6 * spread),
            );
            spot(x, y, rng.uniform(0.12, 0.42))
        })
        .collect();
    Writing::of(lumps, rng)
}

/// Scattered small spots.
fn specks(rng: &mut SeededRng) -> Writing {
    let count = 3 + rng.below(12);
    let size = rng.uniform(0.04, 0.12);
    let wide = rng.uniform(0.3, 0.6);
    let lines = (0..count)
        .map(|_| {
            let (x, y) = (rng.uniform(-wide, wide), rng.uniform(-0.5, 0.5));
            let reach = rng.approx_normal(size * 0.5);
            let radius = size * rng.uniform(0.6, 1.2);
            vec![
                Dot { x, y, radius },
                Dot {
                    x: x + reach,
                    y: y - reach,
                    radius,
                },
            ]
        })
        .collect();
    Writing::of(lines, rng)
}

/// The dark regions of a random surface texture.
fn texture(rng: &mut SeededRng) -> Writing {
    const CELLS: usize = 22;
    let waves: Vec<_> = (0..7).map(|_| Swell::new(rng)).collect();
    let place = |cell: usize| (cell as f64 + 0.5) / CELLS as f64 - 0.5;
    let cells: Vec<_> = (0..CELLS * CELLS)
        .map(|cell| {
            let (x, y) = (place(cell % CELLS), place(cell / CELLS));
            let darkness: f64 = waves.iter().map(|wave| wave.at(x, y)).sum();
            (x, y, darkness)
        })
        .collect();
    let darkest = cells
        .iter()
        .fold(f64::NEG_INFINITY, |most, cell| most.max(cell.2));
    // Even a light surface has dark regions.
    let level = rng.uniform(0.0, 0.5).min(darkest - 0.2);
    // Wide enough to leave no gap between neighbours.
    let radius = 1.4 / CELLS as f64;
    let dark = cells.into_iter().filter(|cell| cell.2 > level);
    Writing::of(dark.map(|(x, y, _)| spot(x, y, radius)).collect(), rng)
}

/// A wave of darkness over a surface; shorter waves have lower amplitudes.
struct Swell {
    across: f64,
    down: f64,
    phase: f64,
    height: f64,
}

impl Swell {
    fn new(rng: &mut SeededRng) -> Self {
        let frequency = 3.0 * f64::exp2(rng.uniform(0.0, 2.5));
        let (sine, cosine) = rng.uniform(0.0, TAU).sin_cos();
        Self {
            across: frequency * cosine,
            down: frequency * sine,
            phase: rng.uniform(0.0, TAU),
            height: 1.0 / frequency.sqrt(),
        }
    }

    fn at(&self, x: f64, y: f64) -> f64 {
        self.height * (self.across * x + self.down * y + self.phase).sin()
    }
}

/// A round spot.
fn spot(x: f64, y: f64, radius: f64) -> Vec<Dot> {
    vec![Dot { x, y, radius }; 2]
}
