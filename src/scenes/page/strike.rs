//! Marks that people draw around and through their writing.

use super::{Bounds, Mark, Point, Tool, mark};
use crate::random::SeededRng;

/// Crosses out a digit, which then no longer counts as one. Never by a single bar, which a 7 or a 0
/// may have anyway.
pub fn out(digit: &mut Mark, rng: &mut SeededRng) -> Option<Mark> {
    let extent = digit.extent()?;
    digit.class = None;
    let height = extent.height();
    let reach = grown(
        &extent,
        height * rng.uniform(0.0, 0.2) as f32 + 0.25 * (height - extent.width()).max(0.0),
    );
    let [left, top, right, bottom] = [reach.left, reach.top, reach.right, reach.bottom];
    let mut near = |x: f32, y: f32| -> Point {
        let shake = f64::from(height) * 0.05;
        [
            x + rng.approx_normal(shake) as f32,
            y + rng.approx_normal(shake) as f32,
        ]
    };
    let cross = vec![
        vec![near(left, top), near(right, bottom)],
        vec![near(right, top), near(left, bottom)],
    ];
    let bars = [0.3, 0.5, 0.7]
        .map(|y| {
            let y = top + y * (bottom - top);
            vec![near(left, y), near(right, y - 0.1 * height)]
        })
        .to_vec();
    let zigzag = (0..9)
        .map(|turn| {
            let x = if turn % 2 == 0 { left } else { right };
            near(x, top + (bottom - top) * turn as f32 / 8.0)
        })
        .collect();
    let strokes = match rng.weighted_index(&[0.4, 0.25, 0.35]) {
        0 => cross,
        1 => bars,
        _ => vec![zigzag],
    };
    Some(pen_of(digit, strokes, height))
}

/// Strikes out a whole row.
pub fn row(marks: &mut [Mark], rng: &mut SeededRng) -> Option<Mark> {
    let extent = mark::extent(marks)?;
    let height = extent.height();
    for digit in marks.iter_mut() {
        digit.class = None;
    }
    let lines = 1 + rng.below(2) as usize;
    let rise = extent.width() * rng.approx_normal(0.02) as f32;
    let strokes = (0..lines)
        .map(|line| {
            let share = (line as f32 + 1.0) / (lines as f32 + 1.0) + rng.approx_normal(0.05) as f32;
            let y = extent.top + height * share;
            let out = height * rng.uniform(0.0, 0.4) as f32;
            waved([extent.left - out, y], [extent.right + out, y - rise], rng)
        })
        .collect();
    Some(pen_of(marks.first()?, strokes, height))
}

/// Lines across a whole page, whatever is written there: straight, wavy, jagged or dotted, like
/// folds, hairs and careless pen strokes. They do not cross anything out. `height` is that of the
/// page's digits.
pub fn across(side: f32, height: f32, rng: &mut SeededRng) -> Mark {
    let count = 1 + rng.below(3);
    let kind = rng.weighted_index(&[0.3, 0.35, 0.35]);
    let strokes = (0..count).flat_map(|_| {
        let level = rng.random_bool(0.5);
        let mut end = |along: f32| {
            let place = side * rng.uniform(0.0, 1.0) as f32;
            if level {
                [along, place]
            } else {
                [place, along]
            }
        };
        let (from, to) = (end(0.0), end(side));
        let step = height * rng.log_uniform(0.08, 0.4) as f32;
        let pieces = (side / step).ceil();
        let swing = step * rng.uniform(0.2, 1.5) as f32;
        let points: Vec<Point> = (0..=pieces as usize)
            .map(|piece| {
                let part = piece as f32 / pieces;
                let off = match (kind, piece % 2) {
                    (1, 0) => swing,
                    (1, _) => -swing,
                    _ => 0.0,
                };
                let [x, y] = [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part);
                if level { [x, y + off] } else { [x + off, y] }
            })
            .collect();
        match kind {
            0 => vec![waved(from, to, rng)],
            1 => vec![points],
            _ => points.into_iter().map(|point| vec![point]).collect(),
        }
    });
    let strokes = strokes.collect();
    let width = height * rng.log_uniform(0.02, 0.12) as f32 * 256.0 / side;
    let tool = *rng.choose(&[Tool::First, Tool::Second, Tool::Printer]);
    Mark::ruling(strokes, width).with(tool)
}

/// An underline, a ring or frame around the marks, an arrow to them, or a tick beside them; they
/// stay readable.
pub fn around(marks: &[Mark], rng: &mut SeededRng) -> Option<Mark> {
    let extent = mark::extent(marks)?;
    let height = extent.height();
    let by = |share: f32| height * share;
    let strokes = match rng.weighted_index(&[0.35, 0.25, 0.15, 0.15, 0.1]) {
        0 => {
            let y = extent.bottom + by(rng.uniform(0.15, 0.35) as f32);
            let out = by(rng.uniform(-0.05, 0.3) as f32);
            let line = |y: f32, rng: &mut SeededRng| {
                waved(
                    [extent.left - out, y],
                    [extent.right + out, y + by(rng.approx_normal(0.04) as f32)],
                    rng,
                )
            };
            match rng.random_bool(0.25) {
                true => vec![line(y, rng), line(y + by(0.15), rng)],
                false => vec![line(y, rng)],
            }
        }
        1 => vec![ring(&extent, by(rng.uniform(0.3, 0.55) as f32), rng)],
        2 => {
            let frame = grown(&extent, by(rng.uniform(0.25, 0.5) as f32));
            let corners = corners(&frame);
            vec![(0..5).map(|corner| corners[corner % 4]).collect()]
        }
        3 => arrow(&extent, rng),
        _ => {
            let x = extent.right + by(rng.uniform(0.4, 0.8) as f32);
            let y = extent.bottom;
            let size = by(rng.uniform(0.5, 1.0) as f32);
            vec![vec![
                [x, y - 0.3 * size],
                [x + 0.25 * size, y],
                [x + 0.85 * size, y - 0.95 * size],
            ]]
        }
    };
    let mark = pen_of(marks.first()?, strokes, height);
    Some(match rng.random_bool(0.3) {
        true => mark.with(Tool::Second),
        false => mark,
    })
}

/// An arrow that points at a box from its left or right.
fn arrow(extent: &Bounds, rng: &mut SeededRng) -> Vec<Vec<Point>> {
    let height = extent.height();
    let y = (extent.top + extent.bottom) / 2.0 + height * rng.approx_normal(0.1) as f32;
    let length = height * rng.uniform(0.7, 1.5) as f32;
    let gap = height * rng.uniform(0.25, 0.5) as f32;
    let (tip, outward) = match rng.random_bool(0.5) {
        true => (extent.left - gap, -1.0),
        false => (extent.right + gap, 1.0),
    };
    let barb = height * rng.uniform(0.15, 0.3) as f32;
    let tail = [
        tip + outward * length,
        y + length * rng.approx_normal(0.15) as f32,
    ];
    vec![
        waved(tail, [tip, y], rng),
        vec![
            [tip + outward * barb, y - barb * 0.7],
            [tip, y],
            [tip + outward * barb, y + barb * 0.7],
        ],
    ]
}

/// A ring around a box, not quite closed or slightly overlapping.
fn ring(extent: &Bounds, margin: f32, rng: &mut SeededRng) -> Vec<Point> {
    let centre = [
        (extent.left + extent.right) / 2.0,
        (extent.top + extent.bottom) / 2.0,
    ];
    let radii = [
        extent.width() / 2.0 + margin,
        extent.height() / 2.0 + margin * 0.9,
    ];
    let start = rng.uniform(0.0, std::f64::consts::TAU) as f32;
    let turn = rng.uniform(6.0, 6.9) as f32;
    (0..=40)
        .map(|step| {
            let part = step as f32 / 40.0;
            let angle = start + turn * part;
            let radius = 1.0 + 0.06 * part;
            [
                centre[0] + radii[0] * radius * angle.cos(),
                centre[1] + radii[1] * radius * angle.sin(),
            ]
        })
        .collect()
}

/// A line drawn by hand: slightly bowed.
pub fn waved(from: Point, to: Point, rng: &mut SeededRng) -> Vec<Point> {
    let length = (to[0] - from[0]).hypot(to[1] - from[1]);
    let bow = length * rng.approx_normal(0.015) as f32;
    let ripple = length * rng.approx_normal(0.006) as f32;
    (0..=12)
        .map(|step| {
            let part = step as f32 / 12.0;
            let off = bow * 4.0 * part * (1.0 - part) + ripple * (part * 15.0).sin();
            [
                from[0] + (to[0] - from[0]) * part,
                from[1] + (to[1] - from[1]) * part + off,
            ]
        })
        .collect()
}

/// The corners of a box, clockwise from the top left.
pub fn corners(extent: &Bounds) -> [Point; 4] {
    [
        [extent.left, extent.top],
        [extent.right, extent.top],
        [extent.right, extent.bottom],
        [extent.left, extent.bottom],
    ]
}

/// The box enlarged by `margin` on each side.
pub fn grown(extent: &Bounds, margin: f32) -> Bounds {
    Bounds {
        left: extent.left - margin,
        top: extent.top - margin,
        right: extent.right + margin,
        bottom: extent.bottom + margin,
    }
}

/// Strokes of the pen that wrote `mark`, which is `height` high.
fn pen_of(mark: &Mark, strokes: Vec<Vec<Point>>, height: f32) -> Mark {
    Mark {
        shape: super::Shape::Path(strokes, super::Weight::Height(height)),
        class: None,
        line: None,
        tool: mark.tool,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_across_a_page_go_from_border_to_border_and_do_not_cross_anything_out() {
        for index in 0..60 {
            let mark = across(200.0, 40.0, &mut SeededRng::new(3, index));
            let extent = mark.extent().unwrap();
            assert!(mark.class.is_none());
            assert!(extent.width().max(extent.height()) > 195.0, "{extent:?}");
        }
    }
}
